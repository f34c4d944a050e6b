"""Gemini's pictures: every vector, and what must hold of a stream."""

import pytest

from tests.translators.upstreams.vectors import cases, result_of
from translators.progress import AssetReady, TextDelta
from translators.steps import Done, Reply
from translators.upstreams.gemini_image import GEMINI_IMAGE, decode

CASES = cases("gemini-image")


@pytest.mark.parametrize("name", CASES)
def test_vector(name: str) -> None:
    assert result_of("gemini-image", CASES[name]) == CASES[name]["expect"]


def test_the_end_of_a_stream_gives_what_its_events_told() -> None:
    case = CASES["decode_picture_and_text"]
    state, told = case["state"], []
    for event in case["events"]:
        state, more = decode(state, event)
        told += more
    end = GEMINI_IMAGE.advance(state, Reply(status=200))
    assert isinstance(end, Done)
    pictures = [event.asset for event in told if isinstance(event, AssetReady)]
    words = "".join(event.text for event in told if isinstance(event, TextDelta) and not event.thought)
    assert list(end.result.assets) == pictures
    assert end.result.text == words


def test_a_stream_that_was_refused_as_a_list_is_read_all_the_same() -> None:
    case = CASES["decode_picture_and_text"]
    whole = GEMINI_IMAGE.advance(case["state"], Reply(status=200, body=case["events"]))
    assert isinstance(whole, Done)
    assert len(whole.result.assets) == 2


def test_decode_leaves_the_state_it_was_given_alone() -> None:
    case = CASES["decode_picture_and_text"]
    first, _ = decode(case["state"], case["events"][1])
    before = repr(first)
    decode(first, case["events"][2])
    assert repr(first) == before
