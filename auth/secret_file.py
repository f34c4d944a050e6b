"""Files that only their owner may read: the signing secret and the folder that it lies in."""

from __future__ import annotations

import os
import secrets
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
MIN_SECRET_BYTES = 32
READ_TRIES = 20  # of 50 ms: another process may be writing the file just now


class SecretFileError(OSError):
    """A secret file cannot be read, written or used; str(error) names the file and the cause."""


def make_private_folder(path: Path) -> None:
    """Create a folder and its parents, the new ones 0700; what exists stays. Raises SecretFileError."""
    try:
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    except OSError as error:
        raise _failed("create the folder", path, error) from error


def load_or_create_secret(path: Path, *, sleep: Callable[[float], None] = time.sleep) -> bytes:
    """The signing secret: the file's bytes without surrounding white space, created at the first call.

    Processes that start together get the same one: the file appears whole under its name, for one of them.
    Raises SecretFileError when it cannot be read or created, or is shorter than 32 bytes.
    """
    path = path.expanduser()
    for _ in range(READ_TRIES):
        secret = _read(path)
        if secret is None:
            _create(path, f"{secrets.token_hex(MIN_SECRET_BYTES)}\n".encode())
        elif len(secret) >= MIN_SECRET_BYTES:
            _tighten(path)
            return secret
        else:
            sleep(0.05)
    raise SecretFileError(
        f"the signing secret {path} is too short: at least {MIN_SECRET_BYTES} bytes are needed;"
        " delete the file and a new one is made"
    )


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes().strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _failed("read", path, error) from error


def _create(path: Path, data: bytes) -> None:
    """Give the file its name only if nobody else has meanwhile; losing that race is fine."""
    make_private_folder(path.parent)
    try:
        temporary = _write_beside(path, data)
        try:
            with suppress(FileExistsError):
                _name(temporary, path, data)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise _failed("create", path, error) from error


def _name(temporary: Path, path: Path, data: bytes) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        # A file system without hard links: the reader's patience covers the moment of writing.
        _write_new(path, data)


def _write_beside(path: Path, data: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        _write_new(temporary, data)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    # Not every system opens or syncs folders; the file itself is synced already.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _tighten(path: Path) -> None:
    # A mounted secret may be read-only or another user's: then its modes are theirs to choose.
    with suppress(OSError):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(FILE_MODE)


def _failed(verb: str, path: Path, error: OSError) -> SecretFileError:
    return SecretFileError(f"cannot {verb} {path}: {error.strerror or type(error).__name__}")
