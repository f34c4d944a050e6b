"""The store of jobs in a SQL database, by default SQLite."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Engine, RowMapping, create_engine, delete, event, select, tuple_
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from proxy.jobs import schema
from proxy.jobs.job import Job, take_from_json, take_to_json
from proxy.jobs.lock import FileLock
from proxy.jobs.store import Listing, StoreUnavailable
from proxy.jobs.writer import Writer, reason
from proxy.observe.log import get
from translators.canonical import Modality, Status

log = get(__name__)

T = TypeVar("T")

_AS_JSON = ("request", "takes", "notes")
_PLAIN = tuple(
    column.name for column in schema.jobs.columns if column.name not in (*_AS_JSON, "modality", "status")
)
_UNFINISHED = tuple(status.value for status in Status if not status.ended)


class SqlJobs:
    """A JobStore. One thread writes, all that came meanwhile in one commit; reads have their own threads."""

    def __init__(self, engine: Engine, lock: FileLock | None) -> None:
        self._engine = engine
        self._lock = lock
        self._writer = Writer(engine)

    @classmethod
    def open(cls, url: str) -> SqlJobs:
        """Open the database, and make its tables where it is new.

        Raises StoreUnavailable when it cannot be opened, belongs to a newer Filmgate, or is in use.
        """
        place = _place(url)
        shown = place.render_as_string(hide_password=True)
        with ExitStack() as undo:
            try:
                lock = _lock_beside(place)
                if lock is not None:
                    undo.callback(lock.release)
                    _make_private(Path(str(place.database)))
                engine = create_engine(place)
                undo.callback(engine.dispose)
                event.listen(engine, "connect", _configure)
                event.listen(engine, "begin", _begin)
                with engine.begin() as connection:
                    _prepare(connection)
            except (SQLAlchemyError, OSError, ValueError) as error:
                raise StoreUnavailable(f"The database {shown} cannot be opened: {reason(error)}.") from error
            undo.pop_all()
        return cls(engine, lock)

    async def save(self, job: Job) -> None:
        row = _row(job)
        await asyncio.wrap_future(self._writer.submit(lambda connection: _upsert(connection, row)))

    def save_soon(self, job: Job, on_failure: Callable[[], None] | None = None) -> None:
        row = _row(job)
        watched = on_failure is not None
        saving = self._writer.submit(lambda connection: _upsert(connection, row), awaited=watched)
        if on_failure is not None:
            loop = asyncio.get_running_loop()

            def tell(done: Future[None]) -> None:
                if done.exception() is not None:
                    loop.call_soon_threadsafe(on_failure)

            saving.add_done_callback(tell)

    async def get(self, job_id: str) -> Job | None:
        found = await self._read(select(schema.jobs).where(schema.jobs.c.id == job_id))
        return found[0] if found else None

    async def by_idempotency_key(self, owner: str, key: str, since: float) -> Job | None:
        table = schema.jobs.c
        query = select(schema.jobs).where(
            table.owner == owner, table.idempotency_key == key, table.created_at >= since
        )
        found = await self._read(query.order_by(table.created_at.desc()).limit(1))
        return found[0] if found else None

    async def listing(
        self, owner: str, modality: Modality, *, limit: int, after: str | None, newest_first: bool
    ) -> Listing:
        table = schema.jobs.c
        query = select(schema.jobs).where(table.owner == owner, table.modality == modality.value)
        if after is not None:
            start = await self.get(after)
            if start is None or start.owner != owner:
                # From the beginning again would be a list without an end.
                return Listing(jobs=[], has_more=False)
            moment = (start.created_at, start.id)
            place = tuple_(table.created_at, table.id)
            query = query.where(place < moment if newest_first else place > moment)
        columns = (table.created_at, table.id)
        query = query.order_by(*(column.desc() if newest_first else column.asc() for column in columns))
        found = await self._read(query.limit(limit + 1))
        return Listing(jobs=found[:limit], has_more=len(found) > limit)

    async def unfinished(self) -> list[Job]:
        table = schema.jobs.c
        return await self._read(
            select(schema.jobs).where(table.status.in_(_UNFINISHED)).order_by(table.created_at)
        )

    async def ended_since(self, moment: float) -> list[Job]:
        table = schema.jobs.c
        query = select(schema.jobs).where(table.status.not_in(_UNFINISHED), table.completed_at >= moment)
        return await self._read(query.order_by(table.completed_at))

    async def durations(self, limit: int) -> dict[str, list[float]]:
        table = schema.jobs.c
        query = (
            select(table.model, table.submitted_at, table.completed_at)
            .where(
                table.status == Status.SUCCEEDED.value,
                table.submitted_at.is_not(None),
                table.completed_at.is_not(None),
            )
            .order_by(table.completed_at.desc())
            .limit(limit)
        )

        def read(connection: Connection) -> dict[str, list[float]]:
            by_model: dict[str, list[float]] = {}
            for model, submitted_at, completed_at in connection.execute(query):
                by_model.setdefault(model, []).insert(0, completed_at - submitted_at)
            return by_model

        return await self._in_thread(read)

    async def expired(self, before: float, limit: int) -> list[Job]:
        table = schema.jobs.c
        query = select(schema.jobs).where(table.created_at < before, table.status.not_in(_UNFINISHED))
        return await self._read(query.order_by(table.created_at).limit(limit))

    async def delete(self, job_id: str) -> None:
        statement = delete(schema.jobs).where(schema.jobs.c.id == job_id)
        await asyncio.wrap_future(self._writer.submit(lambda connection: connection.execute(statement)))

    async def check(self) -> None:
        row = {"key": "checked", "value": ""}
        statement = insert(schema.about).values(row).on_conflict_do_update(index_elements=["key"], set_=row)
        await asyncio.wrap_future(self._writer.submit(lambda connection: connection.execute(statement)))

    async def close(self) -> None:
        await asyncio.to_thread(self._writer.close)
        self._engine.dispose()
        if self._lock is not None:
            self._lock.release()

    async def _read(self, query: Any) -> list[Job]:
        def read(connection: Connection) -> list[Job]:
            rows = connection.execute(query).mappings()
            return [job for row in rows if (job := _readable(row)) is not None]

        return await self._in_thread(read)

    async def _in_thread(self, read: Callable[[Connection], T]) -> T:
        def work() -> T:
            try:
                with self._engine.connect() as connection:
                    return read(connection)
            except SQLAlchemyError as error:
                raise StoreUnavailable(f"The database cannot be read: {reason(error)}.") from error

        return await asyncio.to_thread(work)


def _place(url: str) -> URL:
    place = make_url(url)
    if place.get_backend_name() != "sqlite":
        raise StoreUnavailable(
            f"storage.database names {place.get_backend_name()}; this version keeps its jobs in SQLite only."
        )
    if place.database:
        return place.set(database=str(Path(place.database).expanduser().absolute()))
    return place


def _lock_beside(place: URL) -> FileLock | None:
    """SQLite has one writing process: two that recover the same jobs would do everything twice."""
    if not place.database:
        return None
    _make_folder(Path(place.database).parent)
    lock = FileLock(Path(place.database + ".lock"))
    if not lock.acquire():
        raise StoreUnavailable(
            f"The database {place.database} is in use by another Filmgate on this machine. "
            "Stop that one first, or give this one another storage.database."
        )
    return lock


def _make_folder(folder: Path) -> None:
    """The folder and those above it, none of them open to others."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _make_private(file: Path) -> None:
    """The database's file, readable by its owner only; SQLite gives the files beside it the same rights."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    if sys.platform != "win32" and file.stat().st_mode & 0o077:
        file.chmod(0o600)


def _configure(connection: Any, _record: object) -> None:
    # Without this, Python's driver begins transactions by itself and savepoints do not work.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _prepare(connection: Connection) -> None:
    # Where another Filmgate's tables are, the version decides before anything is added to them.
    schema.about.create(connection, checkfirst=True)
    found = connection.execute(select(schema.about.c.value).where(schema.about.c.key == "schema")).scalar()
    if found is None:
        connection.execute(schema.about.insert().values(key="schema", value=str(schema.VERSION)))
    elif int(found) > schema.VERSION:
        raise StoreUnavailable(
            f"The database was written by a newer Filmgate: schema {found}, and this knows {schema.VERSION}. "
            "Start that version, or name another database under storage.database."
        )
    schema.metadata.create_all(connection)


def _upsert(connection: Connection, row: dict[str, Any]) -> None:
    changed = {name: value for name, value in row.items() if name != "id"}
    connection.execute(
        insert(schema.jobs).values(row).on_conflict_do_update(index_elements=["id"], set_=changed)
    )


def _row(job: Job) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(job, name) for name in _PLAIN}
    row["modality"] = job.modality.value
    row["status"] = job.status.value
    row["request"] = orjson.dumps(job.request).decode()
    row["takes"] = orjson.dumps([take_to_json(take) for take in job.takes]).decode()
    row["notes"] = orjson.dumps(job.notes).decode()
    return row


def _readable(row: RowMapping) -> Job | None:
    try:
        return _job(row)
    except (ValueError, TypeError, LookupError) as error:
        # One broken record must not hide the others, nor keep Filmgate from starting.
        log.error("job record cannot be read", job=row["id"], reason=repr(error))
        return None


def _job(row: RowMapping) -> Job:
    values: dict[str, Any] = {name: row[name] for name in _PLAIN}
    return Job(
        **values,
        modality=Modality(row["modality"]),
        request=orjson.loads(row["request"]),
        takes=[take_from_json(take) for take in orjson.loads(row["takes"])],
        notes=tuple(orjson.loads(row["notes"])),
    )
