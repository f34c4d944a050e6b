from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from proxy.jobs.lock import FileLock

ROOT = Path(__file__).resolve().parents[3]
_HOLD = """
import sys, time
from pathlib import Path
from proxy.jobs.lock import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
time.sleep(30)
"""


def test_one_holds_it_at_a_time(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()
    second.release()


def test_it_is_private(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    lock.acquire()
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
    lock.release()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        FileLock(tmp_path / "none" / "lock").acquire()


def test_kill_9_lets_it_go(tmp_path: Path) -> None:
    place = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(place)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "True"
        lock = FileLock(place)
        assert not lock.acquire()
        other.kill()
        other.wait()
    assert lock.acquire()
    lock.release()
