"""What the dialects of OpenAI's family share: the error answer, the `filmgate` object, and links to media."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from translators.canonical import JSON, Asset, Status, Usage
from translators.clients.base import Answer, View
from translators.errors import Billed, Fault, MediaError

_REQUEST, _SERVER, _BUSY = "invalid_request_error", "server_error", "service_unavailable_error"
_LIMIT, _QUOTA = "rate_limit_error", "insufficient_quota"


@dataclass(frozen=True, slots=True)
class Row:
    """How a fault is told: HTTP status, `type`, the `code` unless the error has its own.

    `again` is whether the same request may do better in a while; OpenAI's SDKs repeat 409, 429 and 5xx unless
    they are told not to.
    """

    status: int
    type: str
    code: str
    again: bool = True


# reference: openai_wire.md 5.2 for statuses, types and OpenAI's own codes; design.md 4 for ours
FAULTS: Final[Mapping[Fault, Row]] = {
    Fault.INVALID_REQUEST: Row(400, _REQUEST, "invalid_value", again=False),
    Fault.BODY_TOO_LARGE: Row(413, _REQUEST, "request_too_large", again=False),
    Fault.KEY_REFUSED: Row(401, _REQUEST, "invalid_api_key", again=False),
    Fault.NOT_FOUND: Row(404, _REQUEST, "not_found", again=False),
    Fault.METHOD_NOT_ALLOWED: Row(405, _REQUEST, "method_not_allowed", again=False),
    Fault.CONFLICT: Row(409, _REQUEST, "conflict", again=False),
    Fault.UNKNOWN_MODEL: Row(404, _REQUEST, "model_not_found", again=False),
    Fault.NOT_CONFIGURED: Row(503, _BUSY, "upstream_not_configured", again=False),
    Fault.CREDENTIAL_REFUSED: Row(502, _SERVER, "upstream_credential_refused", again=False),
    Fault.CREDENTIAL_UNAVAILABLE: Row(503, _BUSY, "upstream_credential_unavailable"),
    Fault.CONTENT_REFUSED: Row(400, _REQUEST, "content_policy_violation", again=False),
    Fault.RATE_LIMITED: Row(429, _LIMIT, "rate_limit_exceeded"),
    Fault.OVERLOADED: Row(503, _BUSY, "server_is_overloaded"),
    Fault.UNREACHABLE: Row(502, _SERVER, "upstream_unreachable"),
    Fault.BROKEN_ANSWER: Row(502, _SERVER, "upstream_broken_answer"),
    Fault.UPSTREAM_REFUSED: Row(400, _REQUEST, "upstream_refused", again=False),
    Fault.UPSTREAM_FAILED: Row(502, _SERVER, "upstream_failed"),
    Fault.UNCERTAIN: Row(502, _SERVER, "submission_uncertain", again=False),
    Fault.DEADLINE: Row(504, _SERVER, "deadline_exceeded"),
    Fault.CANCELLED: Row(409, _REQUEST, "cancelled", again=False),
    Fault.STORAGE_UNAVAILABLE: Row(503, _BUSY, "storage_unavailable"),
    Fault.DRAINING: Row(503, _BUSY, "draining"),
    Fault.INTERNAL: Row(500, _SERVER, "internal_error"),
}
_DAILY: Final = Row(429, _QUOTA, "insufficient_quota", again=False)

# For a job that ended without an error of its own.
_ENDINGS: Final[Mapping[Status, tuple[Fault, str, Billed | None]]] = {
    Status.FAILED: (Fault.UPSTREAM_FAILED, "The job failed.", None),
    Status.CANCELLED: (Fault.CANCELLED, "The job was cancelled.", None),
    Status.EXPIRED: (Fault.DEADLINE, "The job was given up: its time was over.", Billed.UNKNOWN),
    Status.UNCERTAIN: (
        Fault.UNCERTAIN,
        "The answer to the paid call was lost, so it is not known whether the provider took the job.",
        Billed.UNKNOWN,
    ),
}


def error_row(error: MediaError) -> Row:
    """How this error is told, by the table of faults."""
    daily = error.fault is Fault.RATE_LIMITED and error.daily
    return _DAILY if daily else FAULTS[error.fault]


def error_object(error: MediaError) -> dict[str, JSON]:
    """The `error` object with the four fields that OpenAI's schema requires."""
    row = error_row(error)
    return {"message": str(error), "type": row.type, "param": error.param, "code": error.code or row.code}


def error_facts(error: MediaError) -> dict[str, JSON]:
    """What `filmgate` says of an error: its fault, whether it may be billed, the provider's own word."""
    billed = error.billed.value if error.billed else None
    facts: dict[str, JSON] = {"fault": error.fault.value, "billed": billed}
    if error.reason:
        facts["reason"] = error.reason
    if error.retry_after is not None:
        facts["retry_after"] = _seconds(error.retry_after)
    return facts


def error_headers(error: MediaError) -> dict[str, str]:
    """`retry-after` in whole seconds where it is known, and `x-should-retry: false` where repeating would not
    help or might be paid twice."""
    headers = {}
    if error.retry_after is not None:
        headers["retry-after"] = str(_seconds(error.retry_after))
    if error.billed is not None or not error_row(error).again:
        headers["x-should-retry"] = "false"
    return headers


def render_error(error: MediaError) -> Answer:
    """The answer for a request that never became a job."""
    body = {"error": error_object(error), "filmgate": error_facts(error)}
    return Answer(status=error_row(error).status, body=body, headers=error_headers(error))


def in_own_words(error: MediaError, names: Sequence[tuple[str, str]]) -> MediaError:
    """The error with fields called as this dialect calls them; the first of `names` that fits holds.

    What is checked behind the dialects is told in chat's words.
    """
    for theirs, ours in names:
        if error.param and error.param.startswith(theirs):
            return replace(
                error,
                message=error.message.replace(theirs, ours),
                advice=error.advice.replace(theirs, ours),
                param=error.param.replace(theirs, ours),
            )
    return error


def render_failure(view: View, error: MediaError) -> Answer:
    """The answer for a job that failed."""
    body = {"error": error_object(error), "filmgate": job_facts(view) | error_facts(error)}
    return Answer(status=error_row(error).status, body=body, headers=error_headers(error))


def failure(view: View) -> MediaError | None:
    """Why there is nothing to show, or None for a job that succeeded or may still do so.

    An uncertain job is told as such whatever broke the paid call, always as one that may have been billed.
    """
    error = view.error
    if error is None and view.status not in _ENDINGS:
        return None
    if error is None or (view.status is Status.UNCERTAIN and error.fault is not Fault.UNCERTAIN):
        fault, message, billed = _ENDINGS[view.status]
        return MediaError(fault, message, error.advice if error else "", billed=billed)
    if view.status is Status.UNCERTAIN and error.billed is None:
        return replace(error, billed=Billed.UNKNOWN)
    return error


def unfinished(view: View) -> MediaError | None:
    """As `failure`, but a job that still goes on is one too: for answers that need the result."""
    if view.status.ended or view.error is not None:
        return failure(view)
    return MediaError(
        Fault.DEADLINE,
        f"The job {view.id} still goes on.",
        "Ask again with the same request, or fetch the job by its id: it is not paid again.",
    )


def job_facts(view: View, *, whole: bool = False) -> dict[str, JSON]:
    """The `filmgate` object. With `whole` also the assets and the notes, for the last word on a job."""
    facts: dict[str, JSON] = {
        **view.about,
        "job": view.id,
        "status": view.status.value,
        "upstream": view.upstream,
        "model": view.served_model,
        "progress": view.progress,
        "eta_seconds": view.eta_seconds,
    }
    if not view.status.ended:
        facts["estimated"] = True
    if whole:
        facts["assets"] = [asset_facts(asset) for asset in assets(view)]
        facts["notes"] = [*view.notes, *(view.result.notes if view.result else ())]
    return facts


def asset_facts(asset: Asset) -> dict[str, JSON]:
    """All that is known of an asset, but not its data. A film in the person's own bucket has `gcs_uri`."""
    facts = {
        "id": asset.id,
        "url": link(asset),
        "gcs_uri": asset.uri if asset.uri.startswith("gs://") else "",
        "mime_type": asset.mime_type,
        "size": asset.size,
        "sha256": asset.sha256,
        "width": asset.width,
        "height": asset.height,
        "duration_seconds": asset.duration_seconds,
        "fps": asset.fps,
        "codec": asset.codec,
    }
    known: dict[str, JSON] = {name: value for name, value in facts.items() if value}
    if asset.has_audio is not None:
        known["has_audio"] = asset.has_audio
    if asset.expires_at is not None:
        known["expires_at"] = int(asset.expires_at)
    return known


def assets(view: View) -> tuple[Asset, ...]:
    """The produced files, none while there is no result."""
    return view.result.assets if view.result else ()


def link(asset: Asset) -> str:
    """Our own link, else the one in the person's bucket."""
    return asset.url or asset.uri


def data_uri(asset: Asset, mime_type: str) -> str:
    """The asset as a data URI, or its link where there are no data; `mime_type` if its own is not known."""
    if not asset.data:
        return link(asset)
    return f"data:{asset.mime_type or mime_type};base64,{asset.data}"


def usage_of(view: View) -> Usage:
    """The provider's count with its total, or zeros."""
    usage = (view.result.usage if view.result else None) or Usage()
    total = usage.total_tokens or usage.input_tokens + usage.output_tokens
    return replace(usage, total_tokens=total)


def _seconds(seconds: float) -> int:
    return max(1, math.ceil(seconds))
