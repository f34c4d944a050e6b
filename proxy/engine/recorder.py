"""Writes jobs down: before a step where that must be, and behind it however long the database is away."""

from __future__ import annotations

from collections.abc import Iterable

from proxy.clock import Clock
from proxy.engine.live import LiveJob
from proxy.engine.tasks import Tasks
from proxy.jobs.store import JobStore, StoreUnavailable
from proxy.observe.log import get

log = get(__name__)

AGAIN_SECONDS = 5.0
"""How long to wait before writing is tried again where it failed."""


class Recorder:
    """Keeps the records of live jobs up with what happens to them."""

    def __init__(self, store: JobStore, tasks: Tasks, clock: Clock) -> None:
        self._store = store
        self._tasks = tasks
        self._clock = clock

    async def before(self, live: LiveJob) -> None:
        """Write the job down before a step; a film's record is on disk when this returns.

        Raises StoreUnavailable when it could not be written: then the step must not be taken.
        """
        if live.durable:
            await self._store.save(live.job)
        else:
            self._store.save_soon(live.job)

    async def after(self, live: LiveJob) -> None:
        """Write down what has happened already: it goes on all the same, and is written when it can be."""
        if not live.durable:
            # A picture's steps in between may go unrecorded; its end may not, or it would pass for uncertain.
            ended = live.job.status.ended
            self._store.save_soon(live.job, (lambda: self._later(live)) if ended else None)
            return
        try:
            await self._store.save(live.job)
        except StoreUnavailable:
            self._later(live)

    async def last(self, lives: Iterable[LiveJob]) -> None:
        """Try once more what could not be written so far: this process is about to stop."""
        for live in lives:
            if live.unsaved:
                try:
                    await self._store.save(live.job)
                except StoreUnavailable as error:
                    log.error("job could not be recorded", job=live.job.id, reason=error.reason)

    def _later(self, live: LiveJob) -> None:
        if not live.unsaved:
            live.unsaved = True
            self._tasks.spawn(self._until_saved(live), f"save {live.job.id}")

    async def _until_saved(self, live: LiveJob) -> None:
        while True:
            await self._clock.sleep(AGAIN_SECONDS)
            try:
                await self._store.save(live.job)
            except StoreUnavailable:
                continue
            live.unsaved = False
            return
