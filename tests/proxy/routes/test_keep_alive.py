"""Answers that take long keep their connections alive, and tell what is going on."""

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from simulator.settings import Settings
from tests.demo import FILM_MODEL, IMAGE_MODEL, Demo, Json, asking, demo

SLOW = Settings(film_seconds=1.2, picture_seconds=1.0, text_seconds=0.0)
Answers = dict[str, list[tuple[float, bytes]]]

PACE = {"keepalive_after_seconds": 0.3, "progress_every_seconds": 0.2}


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A Filmgate in front of a slow simulator, which keeps its clients awake."""
    with demo(tmp_path_factory.mktemp("slow"), SLOW, server=PACE) as running:
        yield running


def film(prompt: str, **fields: object) -> Json:
    config = {"duration_seconds": 4, "delivery": "url"}
    return asking(prompt, FILM_MODEL, video_config=config, **fields)


def pieces_of(demo: Demo, body: Json) -> list[tuple[float, bytes]]:
    """The pieces of the body with the moments at which they came."""
    started = time.monotonic()
    with demo.http.stream("POST", "/v1/chat/completions", json=body) as answer:
        came = [(time.monotonic() - started, piece) for piece in answer.iter_raw()]
        assert answer.headers["x-request-id"]
        assert answer.headers["x-filmgate-job"]
        assert answer.status_code == 200
    return came


BODIES = {
    "film": film("A slow river"),
    "picture": asking("A slow river", IMAGE_MODEL),
    "late failure": film("A slow river dries up [simulate: operation-error code=13]"),
    "stream": film("A streamed river", stream=True),
    "failed stream": film("A streamed river dries up [simulate: operation-error code=14]", stream=True),
}


@pytest.fixture(scope="module")
def answers(slow: Demo) -> Answers:
    """The pieces of each answer; all are asked for at once, since each takes its time."""
    with ThreadPoolExecutor(len(BODIES)) as pool:
        came = pool.map(lambda body: pieces_of(slow, body), BODIES.values())
        return dict(zip(BODIES, came, strict=True))


@pytest.mark.parametrize("name", ["film", "picture"])
def test_white_space_comes_before_the_answer(answers: Answers, name: str) -> None:
    pieces = answers[name]
    assert pieces[0][0] < 0.9
    assert pieces[0][1].isspace()
    assert len(pieces) > 3
    whole = b"".join(piece for _, piece in pieces)
    assert whole[:1].isspace()
    answer = json.loads(whole)
    assert answer["choices"][0]["finish_reason"] == "stop"


def test_late_failure_is_in_the_body(answers: Answers) -> None:
    pieces = answers["late failure"]
    assert pieces[0][1].isspace()
    answer = json.loads(b"".join(piece for _, piece in pieces))
    assert set(answer["error"]) == {"message", "type", "param", "code"}
    assert answer["error"]["code"] == "upstream_failed"
    assert answer["filmgate"]["status"] == "failed"
    assert "choices" not in answer


def test_early_failure_keeps_its_status(slow: Demo) -> None:
    answer = slow.chat("A river of gold [simulate: rate-limit]")
    assert answer.status_code == 429


def test_stream_tells_what_is_going_on(answers: Answers) -> None:
    pieces = answers["stream"]
    assert all(later - earlier < 1.5 for (earlier, _), (later, _) in pairwise(pieces))
    blocks = b"".join(piece for _, piece in pieces).decode().split("\n\n")
    assert blocks[-2:] == ["data: [DONE]", ""]
    chunks = [json.loads(block.removeprefix("data: ")) for block in blocks[:-2]]
    assert all(chunk["object"] == "chat.completion.chunk" for chunk in chunks)
    jobs = {chunk["filmgate"]["job"] for chunk in chunks}
    assert len(jobs) == 1
    assert jobs.pop().startswith("video_")
    assert {chunk["id"] for chunk in chunks} == {chunks[0]["id"]}
    lines = [line for chunk in chunks if (line := chunk["choices"][0]["delta"].get("reasoning_content"))]
    assert len(lines) > 5
    assert all(line.endswith("\n") for line in lines)
    assert all("(estimate)" in line for line in lines if "%" in line or " s left" in line)
    percents = [int(found[1]) for line in lines if (found := re.search(r"(\d+) % \(estimate\)", line))]
    told = [chunk["filmgate"]["progress"] for chunk in chunks]
    assert percents == sorted(percents)
    assert told == sorted(told)
    assert all(
        chunk["filmgate"]["progress"] < 100 for chunk in chunks if chunk["filmgate"]["status"] != "succeeded"
    )
    assert told[-1] == 100
    unfinished = [chunk["filmgate"] for chunk in chunks if chunk["filmgate"]["status"] != "succeeded"]
    assert unfinished
    assert all(facts["estimated"] is True for facts in unfinished)


def test_failure_at_the_end_of_a_stream(answers: Answers) -> None:
    pieces = answers["failed stream"]
    *_, last, done, end = b"".join(piece for _, piece in pieces).decode().split("\n\n")
    assert (done, end) == ("data: [DONE]", "")
    error = json.loads(last.removeprefix("data: "))["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] == "server_is_overloaded"


def test_client_that_hangs_up_finds_its_film_again(slow: Demo) -> None:
    body = film("A river that nobody watches", stream=True)
    with slow.http.stream("POST", "/v1/chat/completions", json=body) as answer:
        job = answer.headers["x-filmgate-job"]
        next(answer.iter_raw())
    assert slow.http.get(f"/v1/videos/{job}").json()["status"] in ("queued", "in_progress")
    assert slow.finished(job)["status"] == "completed"
    assert len(slow.asked("A river that nobody watches")) == 1


def test_client_that_asks_again_gets_the_same_film(slow: Demo) -> None:
    body = film("A river that is asked for twice")
    with slow.http.stream("POST", "/v1/chat/completions", json=body) as answer:
        job = answer.headers["x-filmgate-job"]
        next(answer.iter_raw())
    again = slow.http.post("/v1/chat/completions", json=body)
    assert again.status_code == 200
    assert again.json()["filmgate"]["job"] == job
    assert len(slow.asked("A river that is asked for twice")) == 1
