from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import pytest

from proxy.blobs import Blobs
from proxy.clock import Clock
from proxy.engine.live import LiveJob
from proxy.engine.recorder import Recorder
from proxy.engine.tasks import Tasks
from proxy.jobs.job import Job, Take
from proxy.jobs.store import JobStore, StoreUnavailable
from tests.proxy.engine.bench import order
from tests.proxy.jobs.record import job
from translators.canonical import Modality, Status

pytestmark = pytest.mark.anyio


class FakeStore:
    """Refuses so many writes, and keeps the statuses of the others."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.saved: list[Status] = []
        self.written = asyncio.Event()

    async def save(self, job: Job) -> None:
        if self._refuses():
            raise StoreUnavailable("The disk is full.")
        self.saved.append(job.status)
        self.written.set()

    def save_soon(self, job: Job, on_failure: Callable[[], None] | None = None) -> None:
        if not self._refuses():
            self.saved.append(job.status)
        elif on_failure is not None:
            asyncio.get_running_loop().call_soon(on_failure)

    def _refuses(self) -> bool:
        self.refusals -= 1
        return self.refusals >= 0


def bench(modality: Modality, status: Status, refusals: int) -> tuple[Recorder, FakeStore, LiveJob]:
    store = FakeStore(refusals)
    live = LiveJob(job(modality=modality, takes=[Take(status=status)]), order().request, None, Blobs())
    return Recorder(cast(JobStore, store), Tasks(), Clock()), store, live


async def test_before_a_step_a_film_must_be_written() -> None:
    recorder, store, live = bench(Modality.VIDEO, Status.RUNNING, 1)
    with pytest.raises(StoreUnavailable):
        await recorder.before(live)
    await recorder.before(live)
    assert store.saved == [Status.RUNNING]


async def test_before_a_step_a_picture_is_written_meanwhile() -> None:
    recorder, store, live = bench(Modality.IMAGE, Status.RUNNING, 1)
    await recorder.before(live)
    await asyncio.sleep(0.03)
    assert store.saved == []
    assert not live.unsaved


@pytest.mark.parametrize("modality", list(Modality))
async def test_an_end_is_written_however_long_it_takes(modality: Modality) -> None:
    recorder, store, live = bench(modality, Status.SUCCEEDED, 3)
    await recorder.after(live)
    await recorder.after(live)
    await asyncio.sleep(0)
    assert store.saved == []
    await asyncio.wait_for(store.written.wait(), 5)
    await asyncio.sleep(0.01)
    assert not live.unsaved
    assert store.saved == [Status.SUCCEEDED]


async def test_the_last_try_is_for_what_is_not_written() -> None:
    recorder, store, live = bench(Modality.VIDEO, Status.SUCCEEDED, 1)
    await recorder.last([live])
    assert store.saved == []
    live.unsaved = True
    await recorder.last([live])
    await recorder.last([live])
    assert store.saved == [Status.SUCCEEDED]
