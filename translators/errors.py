"""What can go wrong, as one exception with a reason class.

MediaError
  fault     the reason class, a Fault; each client dialect renders it its own way
  billed    whether the provider may charge for it
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    """The reason class of a failure."""

    INVALID_REQUEST = "invalid_request"
    BODY_TOO_LARGE = "body_too_large"
    KEY_REFUSED = "key_refused"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    UNKNOWN_MODEL = "unknown_model"
    NOT_CONFIGURED = "not_configured"
    CREDENTIAL_REFUSED = "credential_refused"
    CREDENTIAL_UNAVAILABLE = "credential_unavailable"
    CONTENT_REFUSED = "content_refused"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    UNREACHABLE = "unreachable"
    BROKEN_ANSWER = "broken_answer"
    UPSTREAM_REFUSED = "upstream_refused"
    UPSTREAM_FAILED = "upstream_failed"
    UNCERTAIN = "uncertain"
    DEADLINE = "deadline"
    CANCELLED = "cancelled"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    DRAINING = "draining"
    INTERNAL = "internal"


class Billed(StrEnum):
    """Whether the provider may charge for what failed."""

    NO = "no"
    UNKNOWN = "unknown"
    YES = "yes"


BILLED_SENTENCE = {
    Billed.NO: "It was not billed.",
    Billed.UNKNOWN: "It may have been billed.",
    Billed.YES: "It was billed.",
}


@dataclass(eq=False)
class MediaError(Exception):
    """A request or job that cannot go on.

    `message` says what happened and `advice` what to do next, both as whole sentences without secrets.
    `param` names the client's field at fault; `code` refines the fault in OpenAI's vocabulary
    (`invalid_type`, `missing_required_parameter` …). `reason` is the provider's own word for a refusal.
    `retry_after` is in seconds; `daily` says that a daily quota is used up, so that the wait is until the
    provider's midnight. `billed` is None where nothing was asked of the provider yet.
    """

    fault: Fault
    message: str
    advice: str = ""
    param: str | None = None
    code: str | None = None
    reason: str = ""
    billed: Billed | None = None
    retry_after: float | None = None
    daily: bool = False

    def __str__(self) -> str:
        billed = BILLED_SENTENCE[self.billed] if self.billed else ""
        return " ".join(sentence for sentence in (self.message, billed, self.advice) if sentence)


def error_to_json(error: MediaError) -> dict[str, Any]:
    """The error as plain JSON, fit for a job's row."""
    values = asdict(error)
    return {name: value for name, value in values.items() if value not in (None, "") and value is not False}


def error_from_json(document: dict[str, Any]) -> MediaError:
    """The error that `error_to_json` made the document from."""
    values = dict(document)
    values["fault"] = Fault(values["fault"])
    if values.get("billed"):
        values["billed"] = Billed(values["billed"])
    return MediaError(**values)
