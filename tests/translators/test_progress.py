"""The progress events: a closed set of values."""

from dataclasses import is_dataclass
from typing import get_args

import pytest

from translators.progress import Accepted, Event, Finished, TextDelta

EVENTS = get_args(Event)


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_is_a_frozen_value(event: type) -> None:
    assert is_dataclass(event)
    assert event.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_every_stream_has_a_beginning_and_an_end() -> None:
    assert {Accepted, Finished} <= set(EVENTS)


def test_words_are_an_answer_unless_marked_as_thought() -> None:
    assert not TextDelta(text="a").thought
