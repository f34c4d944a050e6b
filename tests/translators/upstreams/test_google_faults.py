"""From Google's refusals to our faults, beyond what the vectors show."""

import pytest

from translators.errors import Billed, Fault
from translators.steps import Reply
from translators.upstreams._google_faults import Asked, failed_operation, lost_answer, refusal, unusable


def reply(status: int, message: str = "m") -> Reply:
    return Reply(status=status, body={"error": {"code": status, "message": message}})


@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 408, 410, 413, 429, 499, 500, 502, 503, 504, 302, 100]
)
def test_a_film_that_was_made_was_billed(status: int) -> None:
    error = refusal(reply(status), Asked.FETCH, "gs://b/o")
    assert error.billed is Billed.YES
    assert "gs://b/o" in error.message
    assert error.advice


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503, 504])
def test_nobody_knows_what_becomes_of_an_operation(status: int) -> None:
    error = refusal(reply(status), Asked.POLL, "models/m/operations/o")
    assert error.billed is Billed.UNKNOWN
    assert "models/m/operations/o" in error.message


@pytest.mark.parametrize("status", [499, 504])
def test_a_paid_call_cut_short_is_uncertain(status: int) -> None:
    error = refusal(reply(status), Asked.SUBMIT, "m")
    assert (error.fault, error.billed) == (Fault.UNCERTAIN, Billed.UNKNOWN)


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (302, Fault.BROKEN_ANSWER),
        (409, Fault.UPSTREAM_REFUSED),
        (501, Fault.UPSTREAM_FAILED),
        (599, Fault.UPSTREAM_FAILED),
    ],
)
def test_other_statuses(status: int, fault: Fault) -> None:
    assert refusal(reply(status), Asked.SUBMIT, "m").fault is fault


def test_a_blocked_key_is_no_blocked_prompt() -> None:
    body = {
        "error": {
            "message": "This key is blocked.",
            "details": [{"@type": "x.ErrorInfo", "reason": "API_KEY_INVALID"}],
        }
    }
    assert refusal(Reply(status=400, body=body), Asked.SUBMIT, "m").fault is Fault.CREDENTIAL_REFUSED


def test_an_operation_without_a_code() -> None:
    error = failed_operation("odd", "m")
    assert (error.fault, error.billed) == (Fault.UPSTREAM_FAILED, Billed.UNKNOWN)


def test_an_answer_without_what_it_promises() -> None:
    assert "an object with a, b" in unusable(Reply(status=200, body={"a": 1, "b": 2}), "m").message
    assert unusable(Reply(status=200, body={"error": "odd"}), "m").billed is Billed.UNKNOWN


def test_a_lost_answer_is_uncertain() -> None:
    assert lost_answer().fault is Fault.UNCERTAIN


def test_the_subject_holds_no_key() -> None:
    assert "canary" not in refusal(Reply(status=404), Asked.FETCH, "https://x/y?key=canary").message
