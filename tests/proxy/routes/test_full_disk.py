"""A disk without room: pictures go out all the same, films wait, and what cannot be recorded is not sent."""

import errno
import os
import resource
import threading
from pathlib import Path

import httpx2
import pytest

from proxy.engine import collector
from simulator.server import SimulatorServer
from tests.demo import FILM_MODEL, KEY, QUICK, asking, demo, error_of, upstream_of
from tests.process import process


class Disk:
    """Stands in for the disk below the asset store, with room or without."""

    def __init__(self) -> None:
        self.full = False
        self.refused = threading.Event()
        self._sync = os.fsync

    def fsync(self, handle: int) -> None:
        if self.full:
            self.refused.set()
            raise OSError(errno.ENOSPC, "No space left on device")
        self._sync(handle)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr(os, "fsync", disk.fsync)
    monkeypatch.setattr(collector, "_STORAGE_SECONDS", 0.1)
    return disk


def test_no_room_for_media(disk: Disk, tmp_path: Path) -> None:
    with demo(tmp_path) as filmgate:
        disk.full = True
        picture = filmgate.chat("a barn")
        assert picture.status_code == 200, picture.text
        (entry,) = picture.json()["choices"][0]["message"]["images"]
        assert entry["image_url"]["url"].startswith("data:image/")
        body = {"model": FILM_MODEL, "prompt": "a barn in the wind", "seconds": 4}
        receipt = filmgate.http.post("/v1/videos", json=body)
        assert receipt.status_code == 200, receipt.text
        disk.refused.clear()
        assert disk.refused.wait(timeout=10)
        assert filmgate.http.get(f"/v1/videos/{receipt.json()['id']}").json()["status"] == "in_progress"
        disk.full = False
        assert filmgate.finished(receipt.json()["id"])["status"] == "completed"
        assert len(filmgate.asked("a barn in the wind")) == 1


def limited() -> None:
    """No file may grow beyond 300 KB, which its database soon would."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))


def test_no_room_for_records(tmp_path: Path) -> None:
    sent = 0
    with (
        SimulatorServer(QUICK) as simulator,
        process(tmp_path, {"upstreams": {"simulator": upstream_of(simulator.base_url)}}, limited) as running,
        httpx2.Client(
            base_url=running.url, headers={"authorization": f"Bearer {KEY}"}, trust_env=False, timeout=30
        ) as client,
    ):
        answer = client.get("/readyz")
        while answer.status_code in (200, 429) and sent < 200:
            body = asking(f"barn number {sent} [simulate: rate-limit]", FILM_MODEL)
            answer = client.post("/v1/chat/completions", json=body)
            sent += answer.status_code == 429
        message = error_of(answer, 503, "storage_unavailable")
        assert "Nothing was sent to the provider" in message
        # Its own record is so small that a few may still fit.
        assert 503 in [client.get("/readyz").status_code for _ in range(20)]
        assert client.get("/healthz").status_code == 200
        journal = httpx2.get(f"{simulator.base_url}/_simulator/journal", trust_env=False).json()
    assert sent > 0
    assert sum("predictLongRunning" in entry["path"] for entry in journal["requests"]) == sent
