"""The one exception: what it says, and as JSON and back."""

import json
from dataclasses import asdict

import pytest

from translators.errors import Billed, Fault, MediaError, error_from_json, error_to_json


@pytest.mark.parametrize(
    ("billed", "text"),
    [
        (None, "It broke. Try again."),
        (Billed.NO, "It broke. It was not billed. Try again."),
        (Billed.UNKNOWN, "It broke. It may have been billed. Try again."),
        (Billed.YES, "It broke. It was billed. Try again."),
    ],
)
def test_it_says_whether_it_was_billed(billed: Billed | None, text: str) -> None:
    assert str(MediaError(Fault.INTERNAL, "It broke.", "Try again.", billed=billed)) == text


@pytest.mark.parametrize("fault", Fault)
def test_it_survives_the_way_through_json(fault: Fault) -> None:
    for billed in (None, *Billed):
        error = MediaError(
            fault, "a", "b", param="c", code="d", reason="e", billed=billed, retry_after=1.5, daily=True
        )
        document = json.loads(json.dumps(error_to_json(error)))
        assert asdict(error_from_json(document)) == asdict(error)


def test_what_is_not_known_is_left_out() -> None:
    assert error_to_json(MediaError(Fault.INTERNAL, "a")) == {"fault": "internal", "message": "a"}
    assert error_from_json({"fault": "internal", "message": "a"}).billed is None
