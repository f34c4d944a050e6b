"""What the engine and the routes need of a store of jobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from proxy.jobs.job import Job
from translators.canonical import Modality


class StoreUnavailable(Exception):
    """The database cannot be read or written now. `reason` is for the person who runs Filmgate."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Some jobs in the asked order, and whether there are more behind the last one."""

    jobs: list[Job]
    has_more: bool


class JobStore(Protocol):
    """Where jobs are kept. Every method that touches the database raises StoreUnavailable."""

    async def save(self, job: Job) -> None:
        """Write the job as it stands now; it is durable when this returns."""

    def save_soon(self, job: Job, on_failure: Callable[[], None] | None = None) -> None:
        """Write the job as it stands now, without waiting for it. Writes of one job keep their order.

        `on_failure` is called in the running event loop when it could not be written.
        """

    async def get(self, job_id: str) -> Job | None:
        """The job, whoever owns it."""

    async def by_idempotency_key(self, owner: str, key: str, since: float) -> Job | None:
        """The newest job of this owner that was made under this key at or after `since`."""

    async def listing(
        self, owner: str, modality: Modality, *, limit: int, after: str | None, newest_first: bool
    ) -> Listing:
        """A page of the owner's jobs of one modality, by time of creation.

        `after` is the last job of the page before; behind one that is no job of the owner's there is nothing.
        """

    async def unfinished(self) -> list[Job]:
        """Every job that has not ended. A record that cannot be read is left out, and logged."""

    async def ended_since(self, moment: float) -> list[Job]:
        """The jobs that ended at or after that moment, in the order in which they ended."""

    async def durations(self, limit: int) -> dict[str, list[float]]:
        """By model, how long in seconds its latest succeeded jobs took from submit to end, oldest first."""

    async def expired(self, before: float, limit: int) -> list[Job]:
        """Ended jobs created before that moment, oldest first."""

    async def delete(self, job_id: str) -> None:
        """Forget the job."""

    async def check(self) -> None:
        """Prove that the database can be written; raises StoreUnavailable when it cannot."""

    async def close(self) -> None:
        """Write what is still to be written, and let go of the database."""
