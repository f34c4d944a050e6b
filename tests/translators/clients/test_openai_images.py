"""Image generations: the vectors, and OpenAI's own types as a second opinion."""

import pytest
from openai.types import ImageGenCompletedEvent, ImagesResponse

from tests.translators.clients.vector import asked, cases, event, parsed, sent, told
from translators.clients.openai_images import DIALECT

PARSED = cases("openai-images", "request") | cases("openai-images", "error")
ANSWERS = cases("openai-images", "answer")
STREAMS = cases("openai-images", "stream")


@pytest.mark.parametrize("name", PARSED)
def test_a_body_is_parsed(name: str) -> None:
    case = PARSED[name]
    wanted = {key: case[key] for key in ("request", "ask", "error") if key in case}
    assert parsed("openai-images", case["body"]) == wanted


@pytest.mark.parametrize("name", ANSWERS)
def test_an_ended_job_is_rendered(name: str) -> None:
    ask, view = asked("openai-images", ANSWERS[name])
    assert told(DIALECT.render(ask, view)) == ANSWERS[name]["answer"]


@pytest.mark.parametrize("name", STREAMS)
def test_events_are_streamed(name: str) -> None:
    ask, view = asked("openai-images", STREAMS[name])
    events = [event(document) for document in STREAMS[name]["events"]]
    stream = [item for one in events for item in DIALECT.render_event(ask, view, one)]
    assert sent(stream) == STREAMS[name]["stream"]


def test_the_sdk_takes_answer_and_event() -> None:
    for name in ("answer", "answer-links"):
        ImagesResponse.model_validate(ANSWERS[name]["answer"]["body"])
    ImageGenCompletedEvent.model_validate(STREAMS["stream"]["stream"][0]["data"])
