from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import fields
from pathlib import Path

import pytest

from proxy.jobs.job import Job, Take
from proxy.jobs.sql import SqlJobs
from proxy.jobs.store import StoreUnavailable
from tests.proxy.jobs.record import job
from translators.canonical import Asset, MediaResult, Modality, Status, Usage
from translators.errors import Billed, Fault, MediaError

pytestmark = pytest.mark.anyio


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "er" / "jobs.db"


@pytest.fixture
async def store(place: Path) -> AsyncIterator[SqlJobs]:
    made = SqlJobs.open(f"sqlite:///{place}")
    yield made
    await made.close()


def outside(place: Path, *statements: str) -> None:
    connection = sqlite3.connect(place, timeout=5)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def same(one: Job | None, other: Job) -> bool:
    assert one is not None
    for item in fields(Job):
        if item.name != "takes":
            assert getattr(one, item.name) == getattr(other, item.name), item.name
    shown = [[repr(getattr(take, item.name)) for item in fields(Take)] for take in one.takes]
    return shown == [[repr(getattr(take, item.name)) for item in fields(Take)] for take in other.takes]


async def test_every_field_comes_back(store: SqlJobs) -> None:
    asset = Asset(id="asset_1", mime_type="video/mp4", size=9, has_audio=False, expires_at=5.5)
    result = MediaResult(assets=(asset,), text="w", notes=("n",), usage=Usage(total_tokens=4))
    error = MediaError(Fault.RATE_LIMITED, "m", "a", "p", "c", "r", Billed.UNKNOWN, 3.5, daily=True)
    written = job(
        project="p",
        location="l",
        digest="d",
        idempotency_key="k",
        request={"turns": [{"role": "client", "parts": [{"text": "ä\n😀"}]}]},
        takes=[
            Take(count=2, status=Status.SUCCEEDED, result=result),
            Take(status=Status.FAILED, error=error),
            Take(status=Status.RUNNING, paying=True, state={"a": [1, None, "x"]}),
        ],
        notes=("one", "two"),
        submitted_at=1.25,
        completed_at=2.5,
        expires_at=3.75,
    )
    await store.save(written)
    assert same(await store.get("video_1"), written)
    assert await store.get("video_2") is None


async def test_later_writes_of_a_job_win(store: SqlJobs) -> None:
    one = job()
    for number in range(200):
        one.submitted_at = float(number)
        store.save_soon(one)
    await store.save(one)
    found = await store.get(one.id)
    assert found is not None
    assert found.submitted_at == 199.0


async def test_a_save_that_is_abandoned_is_written(store: SqlJobs) -> None:
    saving = asyncio.ensure_future(store.save(job()))
    await asyncio.sleep(0)
    saving.cancel()
    await asyncio.gather(saving, return_exceptions=True)
    await store.check()
    assert await store.get("video_1") is not None


async def test_the_database_is_durable_and_private(store: SqlJobs, place: Path) -> None:
    await store.save(job())
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    for file in place.parent.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600, file
    assert {file.name for file in place.parent.iterdir()} >= {"jobs.db", "jobs.db-wal", "jobs.db.lock"}
    for folder in (place.parent, place.parent.parent):
        assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_database_open_to_others_is_made_private(tmp_path: Path) -> None:
    file = tmp_path / "jobs.db"
    file.touch(mode=0o644)
    file.chmod(0o644)
    await SqlJobs.open(f"sqlite:///{file}").close()
    assert file.stat().st_mode & 0o777 == 0o600


async def test_a_second_opening_is_refused_until_the_first_is_closed(place: Path) -> None:
    first = SqlJobs.open(f"sqlite:///{place}")
    with pytest.raises(StoreUnavailable, match="in use by another Filmgate"):
        SqlJobs.open(f"sqlite:///{place}")
    await first.close()
    await SqlJobs.open(f"sqlite:///{place}").close()


async def test_a_newer_schema_is_refused_and_left_alone(place: Path) -> None:
    await SqlJobs.open(f"sqlite:///{place}").close()
    outside(place, "UPDATE filmgate SET value = '99' WHERE key = 'schema'", "DROP TABLE jobs")
    for _ in range(2):
        # The second time shows that the first let go of the lock.
        with pytest.raises(StoreUnavailable, match="newer Filmgate"):
            SqlJobs.open(f"sqlite:///{place}")
    connection = sqlite3.connect(place)
    assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'jobs'").fetchall() == []
    connection.close()


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be looked at" * 50])
async def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "jobs.db").write_bytes(content)
    with pytest.raises(StoreUnavailable, match="not a database"):
        SqlJobs.open(f"sqlite:///{tmp_path / 'jobs.db'}")
    assert (tmp_path / "jobs.db").read_bytes() == content


@pytest.mark.parametrize("url", ["postgresql://me:secret@host/db", "sqlite:////proc/none/jobs.db"])
async def test_what_cannot_be_opened_says_so_without_secrets(url: str) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        SqlJobs.open(url)
    assert "secret" not in caught.value.reason


async def test_a_write_that_fails_is_told_and_the_next_succeeds(store: SqlJobs, place: Path) -> None:
    outside(
        place,
        "CREATE TRIGGER no BEFORE INSERT ON jobs WHEN NEW.id = 'video_bad'"
        " BEGIN SELECT RAISE(ABORT, 'no room'); END",
    )
    results = await asyncio.gather(
        *(store.save(job(name)) for name in ("video_1", "video_bad", "video_2")), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), StoreUnavailable, type(None)]
    assert "no room" in str(results[1])
    assert await store.get("video_2") is not None


async def test_a_write_that_nobody_awaits_tells_its_failure(store: SqlJobs, place: Path) -> None:
    outside(place, "CREATE TRIGGER no BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'no'); END")
    failed = asyncio.Event()
    store.save_soon(job(), failed.set)
    store.save_soon(job())
    async with asyncio.timeout(5):
        await failed.wait()


async def test_a_full_database_is_unavailable_and_recovers(store: SqlJobs) -> None:
    def limit(pages: int) -> None:
        def run(connection: object) -> None:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]

        store._writer.submit(run).result(5)

    limit(1)
    with pytest.raises(StoreUnavailable, match="full"):
        await store.save(job(request={"text": "x" * 100_000}))
    limit(1_000_000)
    await store.save(job(request={"text": "x" * 100_000}))
    assert await store.get("video_1") is not None


async def test_a_database_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    (tmp_path / "jobs.db").mkdir()
    with pytest.raises(StoreUnavailable):
        SqlJobs.open(f"sqlite:///{tmp_path / 'jobs.db'}")


async def test_pages_are_in_order_and_whole(store: SqlJobs) -> None:
    for number, moment in enumerate((3.0, 1.0, 2.0, 2.0, 5.0)):
        await store.save(job(f"video_{number}", created_at=moment))
    await store.save(job("video_other", owner="bob"))
    await store.save(job("image_1", modality=Modality.IMAGE))

    async def pages(newest_first: bool) -> list[str]:
        found: list[str] = []
        after: str | None = None
        while True:
            listing = await store.listing(
                "ann", Modality.VIDEO, limit=2, after=after, newest_first=newest_first
            )
            found += [item.id for item in listing.jobs]
            if not listing.has_more:
                return found
            after = found[-1]

    oldest_first = ["video_1", "video_2", "video_3", "video_0", "video_4"]
    assert await pages(False) == oldest_first
    assert await pages(True) == oldest_first[::-1]


@pytest.mark.parametrize("after", ["video_none", "video_bob"])
async def test_behind_what_is_no_job_of_the_owners_there_is_nothing(store: SqlJobs, after: str) -> None:
    await store.save(job("video_1"))
    await store.save(job("video_bob", owner="bob"))
    listing = await store.listing("ann", Modality.VIDEO, limit=5, after=after, newest_first=True)
    assert (listing.jobs, listing.has_more) == ([], False)


async def test_the_newest_job_under_a_key_counts(store: SqlJobs) -> None:
    await store.save(job("video_1", idempotency_key="k", created_at=10.0))
    await store.save(job("video_2", idempotency_key="k", created_at=20.0))
    await store.save(job("video_3", idempotency_key="k", owner="bob", created_at=30.0))
    found = await store.by_idempotency_key("ann", "k", 15.0)
    assert found is not None
    assert found.id == "video_2"
    assert await store.by_idempotency_key("ann", "k", 20.5) is None
    assert await store.by_idempotency_key("ann", "other", 0.0) is None


async def test_jobs_are_found_by_where_they_stand(store: SqlJobs) -> None:
    for status in Status:
        moments = {"submitted_at": 100.0, "completed_at": 130.0} if status.ended else {}
        await store.save(job(f"video_{status}", takes=[Take(status=status)], **moments))
    assert {item.id for item in await store.unfinished()} == {
        "video_queued", "video_running", "video_waiting"
    }  # fmt: skip
    assert {item.status for item in await store.ended_since(130.0)} == {
        status for status in Status if status.ended
    }
    assert await store.ended_since(130.5) == []
    assert await store.durations(10) == {"veo": [30.0]}
    assert len(await store.expired(100.5, 3)) == 3
    assert await store.expired(100.0, 3) == []
    await store.delete("video_failed")
    assert await store.get("video_failed") is None


async def test_durations_are_the_latest_oldest_first(store: SqlJobs) -> None:
    for number in range(5):
        made = {"submitted_at": 0.0, "completed_at": float(number)}
        await store.save(job(f"video_{number}", takes=[Take(status=Status.SUCCEEDED)], **made))
    assert await store.durations(3) == {"veo": [2.0, 3.0, 4.0]}


async def test_a_record_that_cannot_be_read_hides_no_other(store: SqlJobs, place: Path) -> None:
    await store.save(job("video_1"))
    await store.save(job("video_2"))
    outside(place, "UPDATE jobs SET takes = '[{\"status\": \"odd\"}]' WHERE id = 'video_1'")
    assert [item.id for item in await store.unfinished()] == ["video_2"]


async def test_a_database_that_is_gone_cannot_be_read(store: SqlJobs, place: Path) -> None:
    outside(place, "DROP TABLE jobs")
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        await store.get("video_1")
    await store.check()
