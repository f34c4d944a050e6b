"""From Google's refusal to a MediaError: which fault, in which words, with which advice, and if billed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from translators.canonical import JSON
from translators.errors import Billed, Fault, MediaError
from translators.steps import Reply
from translators.upstreams._google_advice import (
    CREDENTIAL_ADVICE,
    CREDENTIAL_STATUS,
    CREDENTIAL_WORDS,
    DAILY_ADVICE,
    FAULT_ADVICE,
    FETCH_ADVICE,
    GONE_ADVICE,
    NO_QUOTA_ADVICE,
    POLL_ADVICE,
    READ_ADVICE,
    REQUEST_WORDS,
    by_words,
    safety_categories,
)
from translators.upstreams._google_envelope import (
    Envelope,
    delay_in_words,
    envelope_from,
    envelope_in,
    envelope_of,
    phrase,
    sentence,
)
from translators.upstreams._json import as_object


class Asked(StrEnum):
    """What was asked when the refusal came: it decides whose fault it is and whether money may be gone.

    OPERATION is an error told by the operation itself, after it had been accepted.
    """

    SUBMIT = "submit"
    OPERATION = "operation"
    POLL = "poll"
    FETCH = "fetch"


_RPC_STATUS: Mapping[int, int] = {
    1: 499, 2: 500, 3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400,
    10: 409, 11: 400, 12: 501, 13: 500, 14: 503, 15: 500, 16: 401,
}  # fmt: skip
"""HTTP statuses of the rpc codes. Source: google/rpc/code.proto."""

_STATUS_FAULT: Mapping[int, Fault] = {
    400: Fault.INVALID_REQUEST,
    401: Fault.CREDENTIAL_REFUSED,
    403: Fault.CREDENTIAL_REFUSED,
    413: Fault.BODY_TOO_LARGE,
    429: Fault.RATE_LIMITED,
    499: Fault.CANCELLED,
    503: Fault.OVERLOADED,
    504: Fault.DEADLINE,
}
_LOST = frozenset((499, 504))
"""Statuses after which a paid call may have been accepted all the same."""

_GONE = frozenset((404, 410))
_GONE_FAULT: Mapping[Asked, Fault] = {
    Asked.SUBMIT: Fault.UNKNOWN_MODEL,
    Asked.OPERATION: Fault.NOT_FOUND,
    Asked.POLL: Fault.UPSTREAM_FAILED,
    Asked.FETCH: Fault.UPSTREAM_FAILED,
}
_GONE_MESSAGE: Mapping[Asked, str] = {
    Asked.SUBMIT: "The provider does not know the model {}, or no longer serves it",
    Asked.OPERATION: "The provider did not find something that the request names",
    Asked.POLL: "The provider no longer knows the operation {}",
    Asked.FETCH: "The film was made, but it has expired at the provider or was deleted ({})",
}
_MESSAGE: Mapping[Fault, str] = {
    Fault.INVALID_REQUEST: "The provider refused the request as invalid",
    Fault.CREDENTIAL_REFUSED: "The provider refused the upstream's own credential",
    Fault.CONTENT_REFUSED: "The provider's safety filter refused the request",
    Fault.BODY_TOO_LARGE: "The provider refused the request as too large",
    Fault.RATE_LIMITED: "The provider's quota is used up",
    Fault.OVERLOADED: "The provider is overloaded",
    Fault.UPSTREAM_FAILED: "The provider failed",
    Fault.UPSTREAM_REFUSED: "The provider refused the call",
    Fault.BROKEN_ANSWER: "The provider answered with something that is no answer",
    Fault.UNCERTAIN: "The provider gave no usable answer, so it is not known whether it took the request",
    Fault.DEADLINE: "The provider did not finish in time",
    Fault.CANCELLED: "The provider cancelled the work",
    Fault.NOT_FOUND: _GONE_MESSAGE[Asked.OPERATION],
}

_KEY_WORDS = re.compile(
    r"api key (?:not valid|expired)|multiple authentication credentials"
    r"|requires? .{0,60}billing|billing .{0,60}(?:en|dis)abled|enable billing",
    re.IGNORECASE,
)
_SAFETY_WORDS = re.compile(
    r"support codes?:|usage guidelines|responsible ai|\bblocked\b|safety filter|prohibited content",
    re.IGNORECASE,
)


def refusal(reply: Reply, asked: Asked, subject: str) -> MediaError:
    """The error of a reply that is not a success.

    `subject` is what was asked for, as the messages name it: the model, the operation or the film's link.
    Source of the statuses: google/rpc/code.proto and Google's pages on API errors.
    """
    return _error(reply.status, envelope_of(reply), asked, subject)


def failed_operation(error: JSON, subject: str) -> MediaError:
    """The error of an operation that has ended badly; `subject` is the model."""
    found = envelope_from(as_object(error))
    return _error(_RPC_STATUS.get(found.code, found.code), found, Asked.OPERATION, subject)


def unusable(reply: Reply, subject: str, words: str = "") -> MediaError:
    """The error of a success without what it promises, as the answer to a paid call.

    An error told inside it counts as that error; otherwise nobody knows what became of the request. `words`
    say what is wrong with the answer where it is not plain to see.
    """
    found = envelope_in(reply.body)
    if found is not None:
        return _error(_RPC_STATUS.get(found.code, found.code), found, Asked.SUBMIT, subject)
    keys = ", ".join(as_object(reply.body))
    words = words or envelope_of(reply).message or (f"an object with {keys}" if keys else "nothing readable")
    return _uncertain(f"{_MESSAGE[Fault.UNCERTAIN]}: {sentence(phrase(words))}")


def lost_answer() -> MediaError:
    """The error of a paid call whose answer never came, as after a restart."""
    return _uncertain("The answer to the request was lost, so it is not known whether the provider took it.")


def _uncertain(message: str) -> MediaError:
    return MediaError(
        fault=Fault.UNCERTAIN,
        message=message,
        advice=FAULT_ADVICE[Fault.UNCERTAIN],
        billed=Billed.UNKNOWN,
    )


def _error(status: int, found: Envelope, asked: Asked, subject: str) -> MediaError:
    fault = _fault(status, found, asked)
    delay = found.delay if found.delay is not None else delay_in_words(found.message)
    error = MediaError(
        fault=fault,
        message=_message(fault, status, found, asked, phrase(subject)),
        advice=_advice(fault, status, found, asked),
        code="invalid_value" if fault is Fault.INVALID_REQUEST else None,
        reason=found.reasons[0] if found.reasons else "",
        billed=_billed(status, asked),
    )
    if fault is Fault.CONTENT_REFUSED:
        return replace(error, reason=safety_categories(found.message) or error.reason or "SAFETY")
    if fault is Fault.RATE_LIMITED:
        daily = any("perday" in quota.lower() for quota in found.quotas)
        # Google sends a short delay with daily quotas too; it would only be refused again.
        return replace(error, daily=daily, retry_after=None if daily else delay)
    return replace(error, retry_after=delay) if fault is Fault.OVERLOADED else error


def _fault(status: int, found: Envelope, asked: Asked) -> Fault:
    if status == 400 and (
        _KEY_WORDS.search(found.message) or any(r in CREDENTIAL_ADVICE for r in found.reasons)
    ):
        return Fault.CREDENTIAL_REFUSED
    if status in _GONE:
        names_model = asked is Asked.OPERATION and "model" in found.message.lower()
        return Fault.UNKNOWN_MODEL if names_model else _GONE_FAULT[asked]
    if asked is Asked.SUBMIT and status in _LOST:
        return Fault.UNCERTAIN
    if status in (400, 413) and asked in (Asked.POLL, Asked.FETCH):
        return Fault.UPSTREAM_REFUSED  # our own call was wrong, not the client's request
    if status == 400 and _SAFETY_WORDS.search(found.message):
        return Fault.CONTENT_REFUSED
    if status in _STATUS_FAULT:
        return _STATUS_FAULT[status]
    if 400 <= status < 500:
        return Fault.UPSTREAM_REFUSED
    return Fault.BROKEN_ANSWER if 100 <= status < 400 else Fault.UPSTREAM_FAILED


def _message(fault: Fault, status: int, found: Envelope, asked: Asked, subject: str) -> str:
    words = (
        found.message or found.status or (f"HTTP {status} without a message" if status else "no reason given")
    )
    if asked is Asked.FETCH and status not in _GONE:
        return f"The film was made, but could not be fetched from {subject}: {sentence(words)}"
    if asked is Asked.POLL and status not in _GONE:
        return f"The provider did not say how the operation {subject} stands: {sentence(words)}"
    lead = _GONE_MESSAGE[asked].format(subject) if status in _GONE else _MESSAGE[fault]
    return f"{lead}: {sentence(words)}"


def _advice(fault: Fault, status: int, found: Envelope, asked: Asked) -> str:
    if asked is Asked.FETCH:
        refused = READ_ADVICE if fault is Fault.CREDENTIAL_REFUSED else FETCH_ADVICE
        return GONE_ADVICE if status in _GONE else refused
    if asked is Asked.POLL and fault is not Fault.CREDENTIAL_REFUSED:
        return POLL_ADVICE
    if fault is Fault.CREDENTIAL_REFUSED:
        by_reason = (CREDENTIAL_ADVICE[reason] for reason in found.reasons if reason in CREDENTIAL_ADVICE)
        default = CREDENTIAL_STATUS.get(status, CREDENTIAL_STATUS[403])
        return next(by_reason, "") or by_words(found.message, CREDENTIAL_WORDS) or default
    if fault is Fault.INVALID_REQUEST:
        return by_words(found.message, REQUEST_WORDS) or FAULT_ADVICE[fault]
    if fault is Fault.RATE_LIMITED:
        daily = any("perday" in quota.lower() for quota in found.quotas)
        return NO_QUOTA_ADVICE if found.no_quota else DAILY_ADVICE if daily else FAULT_ADVICE[fault]
    return FAULT_ADVICE[fault]


def _billed(status: int, asked: Asked) -> Billed:
    if asked is Asked.FETCH:
        return Billed.YES
    if asked is Asked.POLL or status in _LOST:
        return Billed.UNKNOWN
    return Billed.NO if 400 <= status < 500 else Billed.UNKNOWN
