"""OpenAI's SDK gets pictures and films out of chat completions."""

from itertools import pairwise
from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI

from tests import shown
from tests.demo import FILM_MODEL, IMAGE_MODEL, Demo

# reference: google_wire.md 3.1, a few of each kind
SIZES = {
    ("1:1", "1K"): (1024, 1024),
    ("16:9", "1K"): (1376, 768),
    ("9:16", "1K"): (768, 1376),
    ("4:5", "1K"): (928, 1152),
    ("21:9", "1K"): (1584, 672),
    ("3:2", "2K"): (2528, 1696),
}


def said(prompt: str) -> list[Any]:
    return [{"role": "user", "content": prompt}]


def film_config(seconds: int = 4, **settings: Any) -> dict[str, Any]:
    return {
        "modalities": ["video", "text"],
        "video_config": {"duration_seconds": seconds, **settings},
    }


def fetched(url: str) -> bytes:
    """What lies behind a link, without any key."""
    answer = httpx2.get(url, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.content


@pytest.mark.parametrize(("ratio", "size"), SIZES)
def test_picture_has_the_size_asked_for(client: OpenAI, ratio: str, size: str) -> None:
    answer = client.chat.completions.create(
        model=IMAGE_MODEL,
        messages=said(f"A lighthouse {ratio} {size}"),
        extra_body={
            "modalities": ["image", "text"],
            "image_config": {"aspect_ratio": ratio, "image_size": size},
        },
    )
    choice = answer.choices[0]
    assert choice.finish_reason == "stop"
    (entry,) = choice.message.model_extra["images"]
    assert (entry["type"], entry["index"]) == ("image_url", 0)
    picture = shown.picture(shown.data_of(entry["image_url"]["url"], entry["mime_type"]))
    assert picture.size == SIZES[ratio, size] == (entry["width"], entry["height"])


def test_streamed_picture(client: OpenAI, filmgate: Demo) -> None:
    stream = client.chat.completions.create(
        model=IMAGE_MODEL,
        messages=said("A streamed lighthouse"),
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[0].model_extra["filmgate"]["job"].startswith("image_")
    (entry,) = [
        entry
        for chunk in chunks
        for choice in chunk.choices
        for entry in (choice.delta.model_extra or {}).get("images", ())
    ]
    assert shown.picture(shown.data_of(entry["image_url"]["url"], entry["mime_type"])).width == 1024
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert f"![image]({filmgate.url}/files/" in text
    assert [choice.finish_reason for chunk in chunks for choice in chunk.choices][-1] == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens > 0


@pytest.mark.parametrize(
    ("settings", "size", "seconds"),
    [
        ({"aspect_ratio": "16:9", "duration_seconds": "4"}, (1280, 720), 4),
        ({"aspect_ratio": "9:16", "seconds": "6"}, (720, 1280), 6),
        ({"resolution": "1080p", "duration": 4}, (1920, 1080), 4),
    ],
)
def test_film_has_the_length_and_size_asked_for(
    client: OpenAI, settings: dict[str, Any], size: tuple[int, int], seconds: int
) -> None:
    answer = client.chat.completions.create(
        model=FILM_MODEL,
        messages=said(f"A paper boat {size}"),
        extra_body={"modalities": ["video", "text"], "video_config": settings},
    )
    (entry,) = answer.choices[0].message.model_extra["videos"]
    assert (entry["type"], entry["index"]) == ("video_url", 0)
    film = shown.film(shown.data_of(entry["video_url"]["url"], "video/mp4"))
    assert (film.width, film.height) == size
    assert film.seconds == pytest.approx(seconds, abs=0.2)
    assert (film.codec, film.pixels) == ("h264", "yuv420p")
    assert entry["duration_seconds"] == pytest.approx(seconds, abs=0.2)


def test_streamed_film(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model=FILM_MODEL, messages=said("A streamed boat"), stream=True, extra_body=film_config()
    )
    chunks = list(stream)
    deltas = [chunk.choices[0].delta for chunk in chunks]
    (entry,) = [entry for delta in deltas for entry in (delta.model_extra or {}).get("videos", ())]
    film = shown.film(fetched(entry["video_url"]["url"]))
    assert (film.width, film.height, film.codec, film.pixels) == (1280, 720, "h264", "yuv420p")
    assert film.seconds == pytest.approx(4, abs=0.2)
    lines = [(delta.model_extra or {}).get("reasoning_content") for delta in deltas]
    assert any(line and FILM_MODEL in line for line in lines)
    told = [chunk.model_extra["filmgate"]["progress"] for chunk in chunks]
    assert all(earlier <= later for earlier, later in pairwise(told))
    assert told[-1] == 100


@pytest.mark.parametrize("model", [IMAGE_MODEL, FILM_MODEL])
def test_stream_helper_puts_the_chunks_together(client: OpenAI, model: str) -> None:
    extra = {"image_config": {"n": 2}} if model == IMAGE_MODEL else film_config()
    with client.chat.completions.stream(
        model=model, messages=said(f"Put together by the helper {model}"), extra_body=extra
    ) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= kinds
    message = final.choices[0].message
    entries = message.model_extra["images" if model == IMAGE_MODEL else "videos"]
    assert [entry["index"] for entry in entries] == ([0, 1] if model == IMAGE_MODEL else [0])
    if model == IMAGE_MODEL:
        for entry in entries:
            assert shown.picture(shown.data_of(entry["image_url"]["url"], entry["mime_type"])).width == 1024
    else:
        assert shown.film(fetched(entries[0]["video_url"]["url"])).codec == "h264"
    assert final.choices[0].finish_reason == "stop"


def test_different_prompts_give_different_pixels(client: OpenAI) -> None:
    made = []
    for prompt in ("A red fox", "A blue whale"):
        answer = client.chat.completions.create(model=IMAGE_MODEL, messages=said(prompt))
        (entry,) = answer.choices[0].message.model_extra["images"]
        made.append(shown.picture(shown.data_of(entry["image_url"]["url"], entry["mime_type"])))
    assert made[0].tobytes() != made[1].tobytes()


def test_refusal_is_an_answer(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model=IMAGE_MODEL, messages=said("Something forbidden [simulate: safety]")
    )
    choice = answer.choices[0]
    assert choice.finish_reason == "content_filter"
    assert choice.message.refusal
    assert choice.message.content == choice.message.refusal


def test_failure_in_a_stream_is_raised(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model=FILM_MODEL,
        messages=said("A boat that sinks [simulate: operation-error code=13]"),
        stream=True,
        extra_body=film_config(),
    )
    with pytest.raises(openai.APIError) as raised:
        list(stream)
    assert raised.value.body["code"] == "upstream_failed"


def test_errors_have_their_classes(filmgate: Demo, client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="gemini-3-pro-imagge", messages=said("A cat"))
    assert unknown.value.code == "model_not_found"
    assert "gemini-3-pro-image" in unknown.value.message
    assert unknown.value.request_id.startswith("req_")
    with pytest.raises(openai.BadRequestError) as impossible:
        client.chat.completions.create(
            model=IMAGE_MODEL, messages=said("A cat"), extra_body={"image_config": {"aspect_ratio": "7:3"}}
        )
    assert impossible.value.param == "image_config.aspect_ratio"
    with pytest.raises(openai.RateLimitError) as limited:
        client.chat.completions.create(model=IMAGE_MODEL, messages=said("A cat [simulate: rate-limit]"))
    assert int(limited.value.response.headers["retry-after"]) > 0
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="wrong").chat.completions.create(
            model=IMAGE_MODEL, messages=said("A cat")
        )
