"""The one thread that writes to the database: what comes while a commit runs goes into the next one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Connection, Engine

from proxy.jobs.store import StoreUnavailable
from proxy.observe.log import get

Write = Callable[[Connection], Any]

_MOST_IN_ONE_COMMIT = 256

log = get(__name__)


class Writer:
    """Carries out writes in the order they were submitted, many in one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._closing = threading.Lock()
        self._closed = False
        self._waiting: SimpleQueue[tuple[Write, Future[None] | None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="jobs-writer", daemon=True)
        self._thread.start()

    def submit(self, write: Write, *, awaited: bool = True) -> Future[None]:
        """Have a write done. The future ends when it is committed, or with StoreUnavailable.

        A write that nobody awaits is tried once; its failure is logged.
        """
        future: Future[None] = Future()
        with self._closing:
            if self._closed:
                future.set_exception(StoreUnavailable("The database is closed."))
            else:
                self._waiting.put((write, future if awaited else None))
        return future

    def close(self) -> None:
        """Finish what was submitted, then stop. What is submitted later fails."""
        with self._closing:
            self._closed = True
            self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        while True:
            batch, last = self._batch()
            if batch:
                self._commit(batch)
            if last:
                return

    def _batch(self) -> tuple[list[tuple[Write, Future[None] | None]], bool]:
        batch: list[tuple[Write, Future[None] | None]] = []
        item = self._waiting.get()
        while item is not None:
            if item[1] is not None:
                # From here on it cannot be cancelled: the write happens even when nobody waits for it any
                # more.
                abandoned = not item[1].set_running_or_notify_cancel()
                item = (item[0], None) if abandoned else item
            batch.append(item)
            if len(batch) == _MOST_IN_ONE_COMMIT:
                return batch, False
            try:
                item = self._waiting.get_nowait()
            except Empty:
                return batch, False
        return batch, True

    def _commit(self, batch: list[tuple[Write, Future[None] | None]]) -> None:
        try:
            with self._engine.begin() as connection:
                for write, _ in batch:
                    write(connection)
        except Exception as error:  # noqa: BLE001 - whatever a write raises, this thread must live on
            if len(batch) > 1 and not _locked(error):
                # One bad write must not take the others with it.
                for item in batch:
                    self._commit([item])
                return
            for _, future in batch:
                self._failed(future, error)
            return
        for _, future in batch:
            if future is not None:
                future.set_result(None)

    def _failed(self, future: Future[None] | None, error: Exception) -> None:
        log.error("database write failed", reason=reason(error))
        if future is not None:
            future.set_exception(StoreUnavailable(f"The database cannot be written: {reason(error)}."))


def _locked(error: Exception) -> bool:
    """Whether another program holds the database: each write alone would wait just as long in vain."""
    name: str = getattr(getattr(error, "orig", None), "sqlite_errorname", "")
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def reason(error: Exception) -> str:
    """The driver's own words for an error, without the statement and its values."""
    origin = getattr(error, "orig", None)
    return str(origin or error).strip().rstrip(".")
