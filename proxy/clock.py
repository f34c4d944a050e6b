"""Time and randomness, in one place so that tests can decide both."""

import asyncio
import base64
import heapq
import itertools
import random
import secrets
import time


class Clock:
    """The real clock and the system's secure randomness."""

    def now(self) -> float:
        """Seconds since 1970, UTC; may jump when the machine's clock is set."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment, never going back; for durations, leases and deadlines."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Waits; zero or less only gives other tasks a turn."""
        await asyncio.sleep(max(seconds, 0.0))

    def uniform(self, low: float, high: float) -> float:
        """A number between `low` and `high`, for jitter; not for secrets."""
        return random.uniform(low, high)  # noqa: S311

    def random_bytes(self, count: int) -> bytes:
        """`count` bytes that nobody can guess, for keys and ids."""
        return secrets.token_bytes(count)

    def new_id(self, prefix: str) -> str:
        """`prefix` and 36 characters of 0-9a-v: the time in milliseconds, then 128 random bits.

        Ids of one prefix sort by the millisecond in which they were made.
        """
        moment = int(self.now() * 1000).to_bytes(6, "big")
        return prefix + base64.b32hexencode(moment + self.random_bytes(16)).decode().rstrip("=").lower()


class FakeClock(Clock):
    """A clock for tests: it moves only by `advance`, and its randomness is the same in every run."""

    TURNS = 20

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._start = now
        self._elapsed = 0.0
        self._count = itertools.count(1)
        self._random = random.Random(0)  # noqa: S311
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._start + self._elapsed

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._count), woken))
        await woken

    def uniform(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)

    def random_bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)

    @property
    def sleeping(self) -> int:
        """How many tasks wait in `sleep`."""
        return sum(not woken.done() for _, _, woken in self._sleepers)

    def set_wall(self, now: float) -> None:
        """Sets the wall clock as an administrator would; `monotonic` and sleepers do not notice."""
        self._start = now - self._elapsed

    async def advance(self, seconds: float) -> None:
        """Moves time on, waking each sleeper at its own moment and letting it run as far as it gets."""
        end = self._elapsed + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, woken = heapq.heappop(self._sleepers)
            self._elapsed = max(self._elapsed, due)
            if not woken.done():
                woken.set_result(None)
                await self._settle()
        self._elapsed = end
        await self._settle()

    async def _settle(self) -> None:
        # a few turns of the loop, enough for chains of awaits that do no real I/O
        for _ in range(self.TURNS):
            await asyncio.sleep(0)
