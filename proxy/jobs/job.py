"""A job: our durable record of one request for media."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from translators.canonical import JSON, Asset, MediaResult, Modality, Status, Usage
from translators.errors import MediaError, error_from_json, error_to_json


@dataclass(slots=True, kw_only=True)
class Take:
    """One run of the upstream's steps for a job.

    A job that was asked for more results than one upstream call gives has several takes. `count` is how many
    results this one asks for. `paying` is true from just before the paid call until its answer was read: a
    take found so after a restart is uncertain. `state` is the upstream's own.
    """

    count: int = 1
    status: Status = Status.QUEUED
    paying: bool = False
    state: JSON = None
    result: MediaResult | None = None
    error: MediaError | None = None


@dataclass(slots=True, kw_only=True)
class Job:
    """One request, the route it took, and how far it has come. Times are epoch seconds.

    `request` is the canonical request as JSON. `account`, `project` and `location` pin all later calls to the
    account that submitted.
    """

    id: str
    owner: str
    dialect: str
    modality: Modality
    asked_model: str
    model: str
    wire: str
    upstream: str
    platform: str
    account: str
    project: str = ""
    location: str = ""
    digest: str = ""
    idempotency_key: str | None = None
    request: dict[str, JSON]
    takes: list[Take]
    notes: tuple[str, ...] = ()
    created_at: float
    submitted_at: float | None = None
    completed_at: float | None = None
    expires_at: float | None = None

    @property
    def status(self) -> Status:
        """The job's own status, out of those of its takes."""
        return overall(take.status for take in self.takes)

    @property
    def result(self) -> MediaResult | None:
        """The results of all takes that have one, in order, as one."""
        made = [take.result for take in self.takes if take.result is not None]
        if not made:
            return None
        missing = [
            f"{take.count} of the {sum(take.count for take in self.takes)} results did not come. {take.error}"
            for take in self.takes
            if take.error is not None
        ]
        return MediaResult(
            assets=tuple(asset for result in made for asset in result.assets),
            text="\n".join(result.text for result in made if result.text),
            notes=(*(note for result in made for note in result.notes), *missing),
            usage=_total(result.usage for result in made),
        )

    @property
    def error(self) -> MediaError | None:
        """Why the job did not succeed: the error of the first take that has the job's own status.

        A job that is still at work has none, nor has one of which at least some takes succeeded.
        """
        status = self.status
        if not status.ended or status is Status.SUCCEEDED:
            return None
        return next((take.error for take in self.takes if take.status is status and take.error), None)


_PRECEDENCE_WHEN_ENDED = (Status.SUCCEEDED, Status.UNCERTAIN, Status.FAILED, Status.EXPIRED, Status.CANCELLED)
_PRECEDENCE_AT_WORK = (Status.RUNNING, Status.WAITING, Status.QUEUED)


def overall(statuses: Iterable[Status]) -> Status:
    """The status of a job from those of its takes: still at work while one of them is."""
    seen = set(statuses)
    for status in (*_PRECEDENCE_AT_WORK, *_PRECEDENCE_WHEN_ENDED):
        if status in seen:
            return status
    return Status.QUEUED


def _total(usages: Iterable[Usage | None]) -> Usage | None:
    known = [usage for usage in usages if usage is not None]
    if not known:
        return None
    names = [item.name for item in fields(Usage)]
    return Usage(**{name: sum(getattr(usage, name) for usage in known) for name in names})


def take_to_json(take: Take) -> dict[str, JSON]:
    """A take as plain JSON. Media data are left out: by then they are stored under the asset's id."""
    document: dict[str, JSON] = {"count": take.count, "status": take.status.value}
    if take.paying:
        document["paying"] = True
    if take.state is not None and not take.status.ended:
        document["state"] = take.state
    if take.result is not None:
        document["result"] = _result_to_json(take.result)
    if take.error is not None:
        document["error"] = error_to_json(take.error)
    return document


def take_from_json(document: Mapping[str, JSON]) -> Take:
    """The take that `take_to_json` made the document from."""
    return Take(
        count=document["count"],
        status=Status(document["status"]),
        paying=document.get("paying", False),
        state=document.get("state"),
        result=_result_from_json(document["result"]) if "result" in document else None,
        error=error_from_json(document["error"]) if "error" in document else None,
    )


def _result_to_json(result: MediaResult) -> dict[str, JSON]:
    document: dict[str, JSON] = {"assets": [_filled(replace(asset, data="")) for asset in result.assets]}
    if result.text:
        document["text"] = result.text
    if result.notes:
        document["notes"] = list(result.notes)
    if result.usage is not None:
        document["usage"] = _filled(result.usage)
    return document


def _result_from_json(document: Mapping[str, JSON]) -> MediaResult:
    return MediaResult(
        assets=tuple(Asset(**asset) for asset in document.get("assets", ())),
        text=document.get("text", ""),
        notes=tuple(document.get("notes", ())),
        usage=Usage(**document["usage"]) if "usage" in document else None,
    )


def _filled(record: Any) -> dict[str, JSON]:
    values = {item.name: getattr(record, item.name) for item in fields(record)}
    return {name: value for name, value in values.items() if value is False or value not in (None, "", 0)}
