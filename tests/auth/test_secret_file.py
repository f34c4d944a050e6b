"""Private files: modes, whole writes, and two processes that start at once."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from auth.secret_file import SecretFileError, load_or_create_secret, make_private_folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def never(seconds: float) -> None:
    raise AssertionError("must not wait")


def test_creates_once_and_finds_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "signing.key"
    secret = load_or_create_secret(path, sleep=never)
    assert len(secret) >= 32
    assert load_or_create_secret(path, sleep=never) == secret
    assert mode(path) == 0o600
    assert mode(path.parent) == mode(path.parent.parent) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["signing.key"]


def test_takes_the_operators_own_secret_and_closes_it_to_others(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    path.write_bytes(b"  " + b"x" * 40 + b"\n")
    path.chmod(0o644)
    assert load_or_create_secret(path) == b"x" * 40
    assert mode(path) == 0o600


def test_threads_that_start_at_once_get_one_secret(tmp_path: Path) -> None:
    barrier = threading.Barrier(16)
    found: list[bytes] = []

    def start() -> None:
        barrier.wait()
        found.append(load_or_create_secret(tmp_path / "a" / "signing.key"))

    threads = [threading.Thread(target=start) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert len(set(found)) == 1


def test_processes_that_start_at_once_get_one_secret(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; sys.stdin.read(); from auth.secret_file import load_or_create_secret;"
        "print(load_or_create_secret(pathlib.Path(sys.argv[1])).hex())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "signing.key")]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    for process in started:
        assert process.stdin
        process.stdin.close()
        process.stdin = None
    secrets = {process.communicate()[0] for process in started}
    assert len(secrets) == 1
    assert len(secrets.pop().strip()) >= 64


def test_works_where_hard_links_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "signing.key"
    assert load_or_create_secret(path) == load_or_create_secret(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["signing.key"]


def test_waits_for_another_process_that_is_still_writing(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    path.write_bytes(b"")
    waits: list[float] = []

    def finish(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            path.write_bytes(b"y" * 32)

    assert load_or_create_secret(path, sleep=finish) == b"y" * 32
    assert len(waits) == 2


def test_a_short_secret_is_told_and_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    path.write_bytes(b"canary")
    with pytest.raises(SecretFileError, match=r"signing\.key is too short") as caught:
        load_or_create_secret(path, sleep=lambda seconds: None)
    assert "canary" not in str(caught.value)
    assert path.read_bytes() == b"canary"


def test_what_cannot_be_read_or_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(SecretFileError, match=r"cannot read .*: Is a directory"):
        load_or_create_secret(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SecretFileError, match=r"cannot .*: (Not a directory|File exists)"):
        load_or_create_secret(tmp_path / "file" / "signing.key")


def test_folders_that_exist_keep_their_mode(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    before = mode(shared)
    make_private_folder(shared / "mine")
    assert (mode(shared), mode(shared / "mine")) == (before, 0o700)
