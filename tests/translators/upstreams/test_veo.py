"""Veo: every vector, and what must hold of any answer."""

import pytest

from tests.translators.upstreams.vectors import cases, result_of, step_to_json
from translators.steps import Reply, Send, Wait
from translators.upstreams.veo import POLL_SECONDS, UNREADABLE_POLLS, VEO

CASES = cases("veo")
POLLING = CASES["advance_poll__mldev"]["state"]


@pytest.mark.parametrize("name", CASES)
def test_vector(name: str) -> None:
    assert result_of("veo", CASES[name]) == CASES[name]["expect"]


def test_a_film_from_the_request_to_the_end() -> None:
    link = "https://generativelanguage.googleapis.com/v1beta/files/f1:download?alt=media"
    done = {
        "done": True,
        "response": {"generateVideoResponse": {"generatedSamples": [{"video": {"uri": link}}]}},
    }
    waiting = VEO.advance(
        CASES["error_submit_lost"]["state"], Reply(status=200, body={"name": "models/m/operations/o"})
    )
    assert isinstance(waiting, Wait)
    assert waiting.seconds == POLL_SECONDS
    polling = VEO.advance(waiting.state, None)
    assert isinstance(polling, Send)
    assert not polling.paid
    assert polling.state == waiting.state
    fetching = VEO.advance(polling.state, Reply(status=200, body=done))
    assert isinstance(fetching, Send)
    assert fetching.call.keep
    assert VEO.advance(fetching.state, None) == fetching


def test_unreadable_polls_are_forgotten_after_a_readable_one() -> None:
    state, page = POLLING, Reply(status=200, text="<html>")
    for _ in range(UNREADABLE_POLLS - 1):
        step = VEO.advance(state, page)
        assert isinstance(step, Wait)
        state = step.state
    step = VEO.advance(state, Reply(status=200, body={"name": "models/m/operations/o"}))
    assert isinstance(step, Wait)
    assert step.state == POLLING
    assert step_to_json(VEO.advance(state, page))["error"]["fault"] == "broken_answer"


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("start_")])
def test_no_prompt_and_no_picture_in_the_state(name: str) -> None:
    case = CASES[name]
    state = str(case["expect"]["state"])
    words = [part.get("text") for turn in case["request"]["turns"] for part in turn["parts"]]
    assert not any(word and word in state for word in words)
    assert "iVBOR" not in state
