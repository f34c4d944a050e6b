"""OpenAI's SDK finds, follows and downloads films."""

from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types import Video

from tests import shown
from tests.demo import FILM_MODEL, KEY, Demo

# The SDK says of each of these methods that OpenAI's own service ends.
pytestmark = pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")


@pytest.fixture(scope="module")
def film(filmgate: Demo) -> dict[str, Any]:
    """A finished film that was ordered as JSON, since the SDK's own method sends a form."""
    with OpenAI(base_url=f"{filmgate.url}/v1", api_key=KEY, max_retries=0) as client:
        body = {"model": "sora-2", "prompt": "A kite", "seconds": "4", "size": "720x1280"}
        receipt: Any = client.post("/videos", body=body, cast_to=object)
        assert receipt["object"] == "video"
        assert receipt["status"] in ("queued", "in_progress")
        assert (receipt["progress"], receipt["error"], receipt["model"]) == (0, None, "sora-2")
        video = client.videos.poll(receipt["id"], poll_interval_ms=100)
    assert video.status == "completed"
    return dict(video.to_dict())


def test_retrieved_film_has_all_fields(client: OpenAI, film: dict[str, Any]) -> None:
    answer = client.videos.with_raw_response.retrieve(film["id"])
    video = answer.parse()
    assert isinstance(video, Video)
    assert (video.object, video.model, video.prompt) == ("video", "sora-2", "A kite")
    assert (video.size, video.seconds, video.progress) == ("720x1280", "4", 100)
    assert video.completed_at is not None
    assert video.created_at <= video.completed_at
    assert video.error is None
    assert video.model_extra["filmgate"]["model"] == FILM_MODEL
    assert answer.headers["x-filmgate-job"] == film["id"]
    assert "openai-poll-after-ms" not in answer.headers


def test_content_is_the_film(client: OpenAI, film: dict[str, Any]) -> None:
    content = client.videos.download_content(film["id"])
    made = shown.film(content.read())
    assert (made.width, made.height, made.codec, made.pixels) == (720, 1280, "h264", "yuv420p")
    assert made.seconds == pytest.approx(4, abs=0.2)


def test_content_in_ranges(filmgate: Demo, film: dict[str, Any]) -> None:
    path = f"/v1/videos/{film['id']}/content"
    whole = filmgate.http.get(path)
    head = filmgate.http.head(path)
    assert whole.headers["content-type"] == head.headers["content-type"] == "video/mp4"
    assert head.headers["content-length"] == str(len(whole.content))
    assert head.headers["accept-ranges"] == "bytes"
    assert head.content == b""
    part = filmgate.http.get(path, headers={"range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    tail = filmgate.http.get(path, headers={"range": "bytes=-10"})
    assert (tail.status_code, tail.content) == (206, whole.content[-10:])
    beyond = filmgate.http.get(path, headers={"range": f"bytes={len(whole.content)}-"})
    assert beyond.status_code == 416


def test_film_of_a_chat_is_listed_and_found(client: OpenAI, film: dict[str, Any]) -> None:
    answer = client.chat.completions.create(
        model=FILM_MODEL,
        messages=[{"role": "user", "content": "A kite by chat"}],
        extra_body={"video_config": {"duration_seconds": 4, "delivery": "url"}},
    )
    job = answer.model_extra["filmgate"]["job"]
    page = client.videos.list(limit=1)
    assert [video.id for video in page.data] == [job]
    assert {video.id for video in client.videos.list()} >= {job, film["id"]}
    oldest_first = [video.id for video in client.videos.list(order="asc")]
    assert oldest_first.index(film["id"]) < oldest_first.index(job)
    video = client.videos.retrieve(job)
    assert (video.status, video.prompt) == ("completed", "A kite by chat")
    link = answer.choices[0].message.model_extra["videos"][0]["video_url"]["url"]
    assert client.videos.download_content(job).read() == client.get(link, cast_to=bytes)


def test_refused_film_is_a_failed_job(client: OpenAI) -> None:
    body = {"model": FILM_MODEL, "prompt": "Forbidden [simulate: safety-output]", "seconds": 4}
    receipt: Any = client.post("/videos", body=body, cast_to=object)
    video = client.videos.poll(receipt["id"], poll_interval_ms=100)
    assert video.status == "failed"
    assert video.error is not None
    assert video.error.code == "content_policy_violation"
    with pytest.raises(openai.NotFoundError) as missing:
        client.videos.download_content(video.id)
    assert missing.value.code == "video_not_available"


def test_film_that_is_not_ready(filmgate: Demo, client: OpenAI) -> None:
    body = {"model": FILM_MODEL, "prompt": "A film that takes a while [simulate: poll-500 times=2]"}
    receipt: Any = client.post("/videos", body=body, cast_to=object)
    with pytest.raises(openai.NotFoundError) as early:
        client.videos.download_content(receipt["id"])
    assert early.value.code == "video_not_ready"
    answer = client.videos.with_raw_response.retrieve(receipt["id"])
    assert int(answer.headers["openai-poll-after-ms"]) >= 1000


def test_unknown_film(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.videos.retrieve("video_0000")
    assert unknown.value.code == "not_found"
