"""The real clock's promises, and the fake one that tests move by hand."""

import asyncio
import time

import pytest

from proxy.clock import Clock, FakeClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_the_real_clock() -> None:
    clock = Clock()
    assert abs(clock.now() - time.time()) < 1
    before = clock.monotonic()
    await clock.sleep(0.01)
    await clock.sleep(-5)
    assert 0.009 < clock.monotonic() - before < 5
    assert 2 <= clock.uniform(2, 3) <= 3
    assert len(clock.random_bytes(16)) == 16


def test_ids_are_unique_and_plain() -> None:
    clock = Clock()
    ids = {clock.new_id("video_") for _ in range(1000)}
    assert len(ids) == 1000
    for one in ids:
        assert one.startswith("video_")
        assert len(one) == len("video_") + 36
        assert set(one.removeprefix("video_")) <= set("0123456789abcdefghijklmnopqrstuv")


async def test_ids_sort_by_time() -> None:
    clock = FakeClock()
    ids = []
    for _ in range(200):
        ids.append(clock.new_id("image_"))
        await clock.advance(0.001)
    assert ids == sorted(ids)


def test_the_fake_clock_repeats_itself() -> None:
    one, two = FakeClock(), FakeClock()
    assert [one.new_id("x_"), one.uniform(0, 1)] == [two.new_id("x_"), two.uniform(0, 1)]
    assert one.new_id("x_") != one.new_id("x_")


async def test_advance_wakes_sleepers_at_their_moments() -> None:
    clock = FakeClock(now=1000)
    seen: list[tuple[str, float]] = []

    async def tick(name: str, every: float, times: int) -> None:
        for _ in range(times):
            await clock.sleep(every)
            seen.append((name, clock.now()))

    tasks = [asyncio.create_task(tick("a", 2, 3)), asyncio.create_task(tick("b", 3, 1))]
    await clock.advance(1)
    assert (seen, clock.sleeping) == ([], 2)
    await clock.advance(5.5)
    assert seen == [("a", 1002), ("b", 1003), ("a", 1004), ("a", 1006)]
    assert (clock.now(), clock.monotonic(), clock.sleeping) == (1006.5, 6.5, 0)
    await asyncio.gather(*tasks)


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock = FakeClock()
    task = asyncio.create_task(clock.sleep(10))
    await clock.advance(1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert clock.sleeping == 0
    await clock.advance(20)


async def test_a_sleep_of_nothing_gives_others_a_turn() -> None:
    clock = FakeClock()
    woken = asyncio.Event()
    asyncio.get_running_loop().call_soon(woken.set)
    await clock.sleep(0)
    assert woken.is_set()


async def test_setting_the_wall_clock_moves_no_sleeper() -> None:
    clock = FakeClock(now=1000)
    task = asyncio.create_task(clock.sleep(10))
    await clock.advance(4)
    clock.set_wall(500)
    assert (clock.now(), clock.monotonic(), clock.sleeping) == (500, 4, 1)
    await clock.advance(6)
    assert (clock.now(), task.done()) == (506, True)
