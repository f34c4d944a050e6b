from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text

from proxy.jobs.store import StoreUnavailable
from proxy.jobs.writer import Writer


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path / 'x.db'}", connect_args={"timeout": 0.1})
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE t (v INTEGER UNIQUE)"))
    yield made
    made.dispose()


@pytest.fixture
def writer(engine: Engine) -> Iterator[Writer]:
    made = Writer(engine)
    yield made
    made.close()


def put(value: Any) -> Any:
    return lambda connection: connection.execute(text("INSERT INTO t VALUES (:v)"), {"v": value})


def values(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT v FROM t ORDER BY rowid")).scalars())


class Gate:
    """A write that holds the thread until it is opened, so that what comes behind it is one batch."""

    def __init__(self, writer: Writer) -> None:
        self._open = threading.Event()
        self._begun = threading.Event()
        self._done = writer.submit(self._write)
        assert self._begun.wait(5)

    def _write(self, _connection: Connection) -> None:
        self._begun.set()
        self._open.wait(5)

    def open(self) -> None:
        self._open.set()
        self._done.result(5)


def test_what_comes_while_a_commit_runs_goes_into_the_next_one(engine: Engine, writer: Writer) -> None:
    commits: list[int] = []
    event.listen(engine, "commit", lambda _connection: commits.append(1))
    gate = Gate(writer)
    waiting = [writer.submit(put(number)) for number in range(100)]
    gate.open()
    for future in waiting:
        future.result(5)
    assert values(engine) == list(range(100))
    assert len(commits) == 2


def test_one_bad_write_does_not_take_the_others_with_it(engine: Engine, writer: Writer) -> None:
    gate = Gate(writer)
    first, again, last = writer.submit(put(1)), writer.submit(put(1)), writer.submit(put(2))
    gate.open()
    first.result(5)
    last.result(5)
    with pytest.raises(StoreUnavailable, match="UNIQUE"):
        again.result(5)
    assert values(engine) == [1, 2]


@pytest.mark.parametrize("value", [1 << 70, object()])
def test_whatever_a_write_raises_the_thread_lives_on(engine: Engine, writer: Writer, value: Any) -> None:
    with pytest.raises(StoreUnavailable):
        writer.submit(put(value)).result(5)
    writer.submit(put(3)).result(5)
    assert values(engine) == [3]


def test_an_abandoned_write_is_written(engine: Engine, writer: Writer) -> None:
    gate = Gate(writer)
    abandoned = writer.submit(put(1))
    assert abandoned.cancel()
    gate.open()
    writer.submit(put(2)).result(5)
    assert values(engine) == [1, 2]


def test_a_write_that_nobody_awaits_is_written(engine: Engine, writer: Writer) -> None:
    writer.submit(put(1), awaited=False)
    writer.submit(put(2)).result(5)
    assert values(engine) == [1, 2]


def test_closing_finishes_what_was_submitted(engine: Engine) -> None:
    writer = Writer(engine)
    gate = Gate(writer)
    for number in range(300):
        writer.submit(put(number), awaited=False)
    gate.open()
    writer.close()
    assert values(engine) == list(range(300))


def test_nobody_waits_for_a_writer_that_is_closed(engine: Engine) -> None:
    writer = Writer(engine)
    writer.close()
    with pytest.raises(StoreUnavailable):
        writer.submit(put(1)).result(5)
    writer.close()


def test_a_locked_database_fails_the_batch_at_once_and_works_again_later(
    engine: Engine, writer: Writer
) -> None:
    with engine.connect() as other:
        other.execute(text("BEGIN EXCLUSIVE"))
        gate = Gate(writer)
        waiting = [writer.submit(put(number)) for number in range(50)]
        tries = []
        event.listen(engine, "rollback", lambda _connection: tries.append(1))
        gate.open()
        for future in waiting:
            with pytest.raises(StoreUnavailable, match="locked"):
                future.result(5)
        assert len(tries) == 1
        other.rollback()
    writer.submit(put(7)).result(5)
    assert values(engine) == [7]
