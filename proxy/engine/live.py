"""A job in this process's memory: its record, what has happened, and those who wait for it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable

from proxy.blobs import Blobs
from proxy.engine.order import without_media
from proxy.jobs.job import Job
from proxy.routing.router import PinnedRoute
from translators.canonical import Asset, MediaRequest, Modality
from translators.errors import MediaError
from translators.progress import Event, Finished


class LiveJob:
    """One job at work, or just ended.

    `ready` ends when the job is recorded (or with the MediaError why it could not be): from then on its id
    may be told. `message` says what is happening now. `percent` never falls. `delivered` is set by whoever
    has given the whole answer to a client. `interrupted` is set when this process stops before the job has
    ended. `stored` are the assets by the marker of their data, `told` the ids of those that have been
    published, and `failures` how often in a row each take's calls failed. `unreadable` are the digests of
    files that came and could not be read, and the ids of those kept all the same. `unsaved` says that the
    record on disk is older than `job`; `deadline` is the moment of the monotonic clock from which on the
    upstream is no longer waited for.
    """

    def __init__(self, job: Job, request: MediaRequest, route: PinnedRoute | None, blobs: Blobs) -> None:
        self.job = job
        self.request = request
        self._route = route
        self.blobs = blobs
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.streamed = False
        self.delivered = False
        self.interrupted = False
        self.percent = 0
        self.message = "accepted"
        self.stored: dict[str, Asset] = {}
        self.told: set[str] = set()
        self.failures: dict[int, int] = {}
        self.unsaved = False
        self.deadline = math.inf
        self.unreadable: set[str] = set()
        self._events: list[Event] = []
        self._bell = asyncio.Event()

    @property
    def route(self) -> PinnedRoute:
        """The way that the job takes; only a job that had ended before this process started has none."""
        if self._route is None:
            raise LookupError(f"{self.job.id} has no route")
        return self._route

    @property
    def typical_seconds(self) -> float:
        """How long such a job usually takes, by the catalogue; 0 when that is not known."""
        return self._route.facts.model.typical_seconds if self._route else 0.0

    @property
    def durable(self) -> bool:
        """Whether the record must be on disk before each step: films, which cost dollars and minutes."""
        return self.job.modality is Modality.VIDEO

    @property
    def ended(self) -> bool:
        """Whether every take has ended and everything has been published."""
        return bool(self._events) and isinstance(self._events[-1], Finished)

    @property
    def paying(self) -> bool:
        """Whether the answer of a paid call is awaited."""
        return any(take.paying for take in self.job.takes)

    def publish(self, event: Event) -> None:
        """Tell all who follow."""
        self._events.append(event)
        self.ring()

    def say(self, message: str) -> None:
        """Set what is happening now; those who wait see it with their next progress line."""
        if message != self.message:
            self.message = message
            self.ring()

    def interrupt(self) -> None:
        """Let all who wait go: this process is about to stop."""
        self.interrupted = True
        self.ring()

    def refuse(self, error: MediaError) -> None:
        """The job never came to be."""
        if not self.ready.done():
            self.ready.set_exception(error)
            # Nobody may be left to await it; the error is told to whoever is.
            self.ready.exception()

    def ring(self) -> None:
        """Wake all who wait, so that they look again."""
        self._bell.set()
        self._bell = asyncio.Event()

    async def wait(self, seconds: float, given_up: Callable[[], bool]) -> bool:
        """Wait until the job has ended or is interrupted; False when it took too long, or nobody wants it."""
        try:
            async with asyncio.timeout(seconds):
                while not (self.ended or self.interrupted):
                    if given_up():
                        return False
                    await self._bell.wait()
        except TimeoutError:
            return False
        return True

    async def follow(self, idle_seconds: float) -> AsyncIterator[Event | None]:
        """All events from the first one on; None after each so many seconds without one, or when `message`
        changed. Ends behind Finished, or when the job is interrupted."""
        seen = 0
        while True:
            while seen < len(self._events):
                event = self._events[seen]
                seen += 1
                yield event
                if isinstance(event, Finished):
                    return
            if self.interrupted:
                return
            try:
                async with asyncio.timeout(idle_seconds):
                    await self._bell.wait()
            except TimeoutError:
                pass
            if seen == len(self._events) and not self.interrupted:
                yield None

    def forget_media(self) -> None:
        """Let go of the request's pictures: they have been sent."""
        for item in self.request.inputs:
            self.blobs.discard(item.data)
        self.request = without_media(self.request)

    def release(self) -> None:
        """Let go of the media in memory; what is stored is read from the store from now on.

        Media that could not be stored are nowhere else: they stay as long as the job does.
        """
        result = self.job.result
        if result is None or all(asset.id or not asset.data for asset in result.assets):
            self.blobs = Blobs()
            self.stored.clear()
