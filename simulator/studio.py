"""The studio: draws pictures and encodes films in threads, each once, and keeps the latest in bounded
memory."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from simulator.films import FilmFacts, FilmSpec, encode_film, probe
from simulator.posters import PictureSpec, encode_picture

Spec = FilmSpec | PictureSpec


class Studio:
    """Media by spec. The same spec is made once however many ask; what fell out of memory is made again."""

    def __init__(self, encoders: int, cache_bytes: int) -> None:
        self._threads = ThreadPoolExecutor(encoders, thread_name_prefix="studio")
        self._closing = threading.Event()
        self._limit = cache_bytes
        self._held = 0
        self._made: OrderedDict[Spec, bytes] = OrderedDict()
        self._making: dict[Spec, Future[bytes]] = {}

    def begin(self, spec: Spec) -> Future[bytes]:
        """Start making the media of a spec and return the future of its bytes."""
        if spec in self._made:
            self._made.move_to_end(spec)
            ready: Future[bytes] = Future()
            ready.set_result(self._made[spec])
            return ready
        making = self._making.get(spec)
        if making is None:
            make: Callable[[], bytes] = (
                partial(encode_film, spec, self._closing.is_set)
                if isinstance(spec, FilmSpec)
                else partial(encode_picture, spec)
            )
            making = self._making[spec] = self._threads.submit(make)
            making.add_done_callback(partial(self._made_in_thread, asyncio.get_running_loop(), spec))
        return making

    async def media(self, spec: Spec) -> bytes:
        """The bytes of a spec, made now if need be."""
        return await asyncio.shield(asyncio.wrap_future(self.begin(spec)))

    async def facts(self, film: bytes) -> FilmFacts | None:
        """What a probe finds in a film, or None when it cannot be read."""
        return await asyncio.wrap_future(self._threads.submit(probe, film))

    def close(self) -> None:
        """Drop what has not begun and abandon the films under way, so that the process can end at once."""
        self._closing.set()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _made_in_thread(self, loop: asyncio.AbstractEventLoop, spec: Spec, future: Future[bytes]) -> None:
        # A loop that is closed by now needs no cache.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._keep, spec, future)

    def _keep(self, spec: Spec, future: Future[bytes]) -> None:
        self._making.pop(spec, None)
        if future.cancelled() or future.exception() or spec in self._made:
            return
        self._made[spec] = future.result()
        self._held += len(self._made[spec])
        while self._held > self._limit and len(self._made) > 1:
            self._held -= len(self._made.popitem(last=False)[1])
