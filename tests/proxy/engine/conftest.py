"""A bench for each test, on which waiting takes milliseconds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from proxy.engine import collector, driver, engine, recorder
from tests.proxy.engine.bench import Bench, mp4
from translators.steps import Reply


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str | None]]:
    """Polls, pauses and tries again follow at once; what the pauses were asked for is kept."""
    asked: list[tuple[int, str | None]] = []

    def pause(failures: int, retry_after: str | None, _clock: object) -> float:
        asked.append((failures, retry_after))
        return 0.002

    monkeypatch.setattr(driver, "next_poll", lambda *_: 0.002)
    monkeypatch.setattr(driver, "pause", pause)
    for module, name in (
        (collector, "_STORAGE_SECONDS"),
        (driver, "_STORAGE_SECONDS"),
        (engine, "_STORAGE_SECONDS"),
        (recorder, "AGAIN_SECONDS"),
    ):
        monkeypatch.setattr(module, name, 0.01)
    return asked


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return mp4(tmp_path_factory.mktemp("film"))


@pytest.fixture
async def bench(tmp_path: Path, film: bytes) -> AsyncIterator[Bench]:
    """An engine whose upstream makes a film at the second poll, and a picture at once."""
    made = await Bench(tmp_path).open()
    made.transport.script("/paid", Reply(status=200, body={"name": "op1"}))
    made.transport.script(
        "/poll", Reply(status=200, body={"done": False}), Reply(status=200, body={"done": True})
    )
    made.transport.script("/film", film)
    yield made
    await made.close()
