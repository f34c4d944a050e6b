"""The jobs in this process's memory, and which of them a new order repeats."""

from __future__ import annotations

from collections.abc import Iterator

from proxy.clock import Clock
from proxy.engine.live import LiveJob
from proxy.engine.order import Order
from proxy.jobs.job import Job
from translators.canonical import Status
from translators.errors import Billed

KEPT_SECONDS = 60.0
"""For how long an ended job stays in memory, so that a client that was cut off finds it again at once."""

MEDIA_KEPT_SECONDS = 5.0
"""For how long the media of an ended job stay in memory for an answer in the making; they are on disk too."""


class Register:
    """Live jobs by id, by what was asked, and by Idempotency-Key."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_id: dict[str, LiveJob] = {}
        self._by_digest: dict[str, LiveJob] = {}
        self._by_key: dict[tuple[str, str], LiveJob] = {}

    def __iter__(self) -> Iterator[LiveJob]:
        return iter(list(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, job_id: str) -> LiveJob | None:
        """The job of this id."""
        return self._by_id.get(job_id)

    def add(self, live: LiveJob) -> None:
        """From now on the job can be found."""
        job = live.job
        self._by_id[job.id] = live
        if job.idempotency_key is not None:
            self._by_key[job.owner, job.idempotency_key] = live
        else:
            self._by_digest[job.digest] = live

    def remove(self, live: LiveJob) -> None:
        """From now on the job can no longer be found here."""
        job = live.job
        self._by_id.pop(job.id, None)
        if self._by_digest.get(job.digest) is live:
            del self._by_digest[job.digest]
        if job.idempotency_key is not None and self.under_key(job.owner, job.idempotency_key) is live:
            del self._by_key[job.owner, job.idempotency_key]

    def under_key(self, owner: str, key: str) -> LiveJob | None:
        """The owner's job that was made under this Idempotency-Key."""
        return self._by_key.get((owner, key))

    def repeated(self, order: Order, digest: str) -> LiveJob | None:
        """The job that an order without an Idempotency-Key repeats, if it does.

        That is one that is still at work; or one that has just ended, when the order is an SDK's retry or the
        job's answer never reached its client. A job that failed without being billed is not given again: the
        order is a new try.
        """
        live = self._by_digest.get(digest)
        if live is None or not live.ended:
            return live
        cut_off = order.retry or not live.delivered
        return live if cut_off and _may_be_paid(live.job) else None


def _may_be_paid(job: Job) -> bool:
    """Whether making the job again might be paid twice."""
    if job.status in (Status.SUCCEEDED, Status.UNCERTAIN):
        return True
    return job.error is not None and job.error.billed in (Billed.UNKNOWN, Billed.YES)
