"""What clients are told when the upstream refuses, fails or answers nonsense; nothing is paid twice."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from simulator.settings import Settings
from tests.demo import FILM_MODEL, IMAGE_MODEL, Demo, Json, demo, error_of, events_of

IMAGE, FILM = "image", "film"


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A Filmgate that has little patience."""
    engine = {"submit_timeout_seconds": 0.5, "job_deadline_seconds": 1.5}
    with demo(tmp_path_factory.mktemp("hurried"), Settings(film_seconds=60), engine=engine) as running:
        yield running


class Films:
    """The answers to films with faults, ordered all at once since each takes a second or more."""

    FAULTS = (
        "safety",
        "safety-run",
        "safety-output",
        "empty-done",
        "poll-429",
        "poll-500",
        "poll-drop",
        *(f"operation-error code={number}" for number in (3, 8, 13, 14)),
    )

    def __init__(self, filmgate: Demo) -> None:
        with ThreadPoolExecutor(len(self.FAULTS)) as pool:
            prompts = map(self.prompt, self.FAULTS)
            answers = pool.map(lambda prompt: filmgate.film(prompt, delivery="url"), prompts)
            self._answers = dict(zip(self.FAULTS, answers, strict=True))

    @staticmethod
    def prompt(fault: str) -> str:
        return f"a bank of clouds [simulate: {fault}]"

    def __getitem__(self, fault: str) -> httpx2.Response:
        return self._answers[fault]


@pytest.fixture(scope="module")
def films(running: Demo) -> Films:
    return Films(running)


def facts_of(answer: httpx2.Response, job: str) -> Json:
    """The `filmgate` object of a failed job's answer."""
    facts: Json = answer.json()["filmgate"]
    assert facts["job"] == answer.headers["x-filmgate-job"]
    assert facts["job"].startswith(job)
    assert answer.headers["x-filmgate-upstream"].startswith("simulator/")
    return facts


@pytest.mark.parametrize(
    ("fault", "status", "code", "billed"),
    [
        ("rate-limit seconds=7", 429, "rate_limit_exceeded", "no"),
        ("daily-quota", 429, "insufficient_quota", "no"),
        ("overloaded", 503, "server_is_overloaded", "unknown"),
        ("unauthenticated", 502, "upstream_credential_refused", "no"),
        ("permission-denied", 502, "upstream_credential_refused", "no"),
        ("model-gone", 404, "model_not_found", "no"),
        ("internal", 502, "upstream_failed", "unknown"),
        ("html code=502", 502, "upstream_failed", "unknown"),
        ("garbage", 502, "submission_uncertain", "unknown"),
        ("drop-before", 502, "submission_uncertain", "unknown"),
        ("accept-drop", 502, "submission_uncertain", "unknown"),
        ("accept-500", 502, "upstream_failed", "unknown"),
        ("accept-503", None, None, None),
        ("accept-429", None, None, None),
        ("cut", 502, "submission_uncertain", "unknown"),
    ],
)
def test_submit_of_a_film(
    filmgate: Demo, fault: str, status: int | None, code: str | None, billed: str | None
) -> None:
    before = filmgate.counters()["submits_accepted"]
    answer = filmgate.film(f"a cloud [simulate: {fault}]")
    facts = facts_of(answer, "video_")
    assert len(filmgate.asked(f"a cloud [simulate: {fault}]")) == 1
    assert filmgate.counters()["submits_accepted"] - before <= 1
    assert answer.headers["x-should-retry"] == "false"
    if status is not None and code is not None:
        error_of(answer, status, code, answer.json()["error"]["param"])
        assert facts["billed"] == billed
        assert facts["status"] == ("uncertain" if code == "submission_uncertain" else "failed")
    else:
        assert answer.status_code in (429, 502, 503)
    video = filmgate.finished(facts["job"])
    assert (video["status"], video["error"]["code"]) == ("failed", answer.json()["error"]["code"])
    if facts["billed"] == "unknown":
        assert "may have been billed" in video["error"]["message"]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("rate-limit seconds=7", 429, "rate_limit_exceeded"),
        ("daily-quota", 429, "insufficient_quota"),
        ("overloaded", 503, "server_is_overloaded"),
        ("unauthenticated", 502, "upstream_credential_refused"),
        ("model-gone", 404, "model_not_found"),
        ("html code=503", 503, "server_is_overloaded"),
        ("garbage", 502, None),
        ("accept-drop", 502, "submission_uncertain"),
        ("cut", 502, "submission_uncertain"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_call_for_a_picture(filmgate: Demo, fault: str, status: int, code: str | None, stream: bool) -> None:
    prompt = f"a cloud {stream} [simulate: {fault}]"
    answer = filmgate.chat(prompt, stream=stream)
    assert len(filmgate.asked(prompt)) == 1
    if stream:
        error = events_of(answer)[-1]["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert error["code"] == (code or error["code"])
        return
    error_of(answer, status, code or answer.json()["error"]["code"], answer.json()["error"]["param"])
    assert facts_of(answer, "image_")["status"] in ("failed", "uncertain")


def test_quota_says_when_to_come_back(filmgate: Demo) -> None:
    minute = filmgate.chat("a cloud by the minute [simulate: rate-limit seconds=7]")
    assert minute.headers["retry-after"] == "7"
    day = filmgate.chat("a cloud by the day [simulate: daily-quota]")
    assert 0 < int(day.headers["retry-after"]) <= 25 * 3600
    assert day.json()["error"]["type"] == "insufficient_quota"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("safety", IMAGE),
        ("safety-output", IMAGE),
        ("no-image", IMAGE),
        ("safety", FILM),
        ("safety-run", FILM),
        ("safety-output", FILM),
    ],
)
def test_refusal_before_during_and_after_the_run(filmgate: Demo, films: Films, fault: str, kind: str) -> None:
    answer = films[fault] if kind == FILM else filmgate.chat(f"a thunderstorm [simulate: {fault}]")
    assert answer.status_code == 200, answer.text
    (choice,) = answer.json()["choices"]
    assert choice["finish_reason"] == "content_filter"
    message = choice["message"]
    assert message["content"] == message["refusal"]
    assert "images" not in message
    assert "videos" not in message
    facts = answer.json()["filmgate"]
    assert facts["error"]["code"] == "content_policy_violation"
    assert facts["error"]["reason"] in message["content"]
    assert facts["status"] == "failed"


@pytest.mark.parametrize(("model", "fault"), [(IMAGE_MODEL, "safety-output"), (FILM_MODEL, "safety")])
def test_refusal_in_a_stream(filmgate: Demo, model: str, fault: str) -> None:
    chunks = events_of(filmgate.chat(f"a streamed thunderstorm [simulate: {fault}]", model, stream=True))
    assert chunks[-1]["choices"][0]["finish_reason"] == "content_filter"
    text = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)
    assert chunks[-1]["filmgate"]["error"]["reason"] in text


def test_fewer_films_than_asked(filmgate: Demo) -> None:
    answer = filmgate.film("clouds [simulate: safety-partial filtered=1]", sample_count=2)
    (choice,) = answer.json()["choices"]
    assert [entry["index"] for entry in choice["message"]["videos"]] == [0]
    assert choice["finish_reason"] == "stop"
    assert any("1" in note for note in answer.json()["filmgate"]["notes"])


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [
        (3, 400, "invalid_value"),
        (8, 429, "rate_limit_exceeded"),
        (13, 502, "upstream_failed"),
        (14, 503, "server_is_overloaded"),
    ],
)
def test_failed_operation(films: Films, number: int, status: int, code: str) -> None:
    answer = films[f"operation-error code={number}"]
    error_of(answer, status, code, answer.json()["error"]["param"])
    assert answer.headers["x-should-retry"] == "false"
    assert facts_of(answer, "video_")["billed"] in ("no", "unknown")


def test_operation_that_ends_with_nothing(films: Films) -> None:
    answer = films["empty-done"]
    assert answer.status_code in (200, 502), answer.text
    assert "videos" not in answer.text.partition('"filmgate"')[0]


@pytest.mark.parametrize("fault", ["poll-429", "poll-500", "poll-drop"])
def test_polls_that_fail_do_not_fail_the_job(filmgate: Demo, films: Films, fault: str) -> None:
    assert films[fault].status_code == 200, films[fault].text
    assert len(filmgate.asked(Films.prompt(fault))) == 1


def test_call_that_hangs_is_uncertain(hurried: Demo) -> None:
    answer = hurried.film("a cloud that hangs [simulate: accept-hang]")
    error_of(answer, 502, "submission_uncertain")
    assert len(hurried.asked("a cloud that hangs")) == 1


def test_film_that_takes_too_long(hurried: Demo) -> None:
    answer = hurried.film("a cloud that never ends")
    message = error_of(answer, 504, "deadline_exceeded")
    assert "engine.job_deadline_seconds" in message
    assert answer.headers["x-should-retry"] == "false"
    assert facts_of(answer, "video_")["status"] == "expired"


def test_nothing_of_the_upstreams_page_is_passed_on(filmgate: Demo) -> None:
    answer = filmgate.chat("a cloud on a page [simulate: html code=502]")
    assert "<html" not in answer.text.lower()
    assert "<title>" not in json.loads(answer.text)["error"]["message"]
