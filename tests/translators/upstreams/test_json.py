"""Reading JSON that may be anything."""

from typing import Any

import pytest

from translators.upstreams._json import as_count, as_list, as_object, as_text


@pytest.mark.parametrize("value", [None, 1, "x", [1], {"a": 1}, True])
def test_each_kind_or_nothing(value: Any) -> None:
    assert as_object(value) == (value if isinstance(value, dict) else {})
    assert as_list(value) == (value if isinstance(value, list) else [])
    assert as_text(value) == (value if isinstance(value, str) else "")


def test_half_a_sign_becomes_a_question_mark() -> None:
    assert as_text("a\ud800b") == "a?b"
    assert as_text("süß 🎬") == "süß 🎬"


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (3, 3),
        ("12", 12),
        (2.9, 2),
        (-1, 0),
        (True, 0),
        (float("nan"), 0),
        (float("inf"), 0),
        ("x", 0),
        ("²", 0),
        ("9" * 30, 0),
        (None, 0),
        ([], 0),
    ],
)
def test_as_count(value: Any, count: int) -> None:
    assert as_count(value) == count
