from __future__ import annotations

import asyncio

import pytest

from proxy.engine import tasks as module
from proxy.engine.tasks import Tasks

pytestmark = pytest.mark.anyio


async def test_a_task_is_held_until_it_is_done() -> None:
    tasks = Tasks()
    go = asyncio.Event()
    task = tasks.spawn(go.wait(), "wait")
    assert task in tasks._running
    go.set()
    assert await task
    await asyncio.sleep(0)
    assert not tasks._running


async def test_what_a_task_raises_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[tuple[str, object]] = []

    class Log:
        def error(self, text: str, **facts: object) -> None:
            logged.append((text, facts["task"]))

    async def fail() -> None:
        raise ValueError("defect")

    monkeypatch.setattr(module, "log", Log())
    task = Tasks().spawn(fail(), "the task")
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.sleep(0)
    assert logged == [("task failed", "the task")]


async def test_cancelling_ends_them_all() -> None:
    tasks = Tasks()
    ended: list[int] = []

    async def work(number: int) -> None:
        try:
            await asyncio.sleep(30)
        finally:
            ended.append(number)

    running = [tasks.spawn(work(number), f"{number}") for number in range(3)]
    await asyncio.sleep(0)
    await tasks.cancel()
    assert all(task.cancelled() for task in running)
    assert sorted(ended) == [0, 1, 2]
