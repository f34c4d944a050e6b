"""Media files in a local folder, each with a JSON file of its facts beside it."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import hmac
import os
import re
import secrets
import shutil
import sys
import threading
from base64 import b32encode
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

import orjson
import pybase64

from proxy.assets import facts
from proxy.assets.store import AssetStorageError, StoredAsset, Trouble, UnreadableMediaError
from proxy.blobs import Blob, Piece, new_marker
from translators.canonical import Asset

if sys.platform != "win32":
    import fcntl

ASSET_ID = re.compile(r"asset_[0-9a-z]{20,40}\Z")
RETENTION_SECONDS = 30 * 86_400.0
MIN_FREE_BYTES = 256 << 20
"""Free space below which the store counts as full: room for the films of the jobs under way."""

_READ = 256 << 10
_READ_FOR_BASE64 = 3 << 17
_BUFFER = 256 << 10
_ORPHAN_SECONDS = 3600.0
_UNKNOWN_TYPE = "application/octet-stream"
_PART = ".part"
_FACTS = ".json"

_TROUBLES = {
    errno.ENOSPC: Trouble.FULL,
    errno.EDQUOT: Trouble.FULL,
    errno.EFBIG: Trouble.FULL,
    errno.EROFS: Trouble.READ_ONLY,
    errno.EACCES: Trouble.READ_ONLY,
    errno.EPERM: Trouble.READ_ONLY,
    errno.ENOENT: Trouble.GONE,
    errno.ENOTDIR: Trouble.GONE,
    errno.ESTALE: Trouble.GONE,
}


@contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AssetStorageError(_TROUBLES.get(error.errno or 0, Trouble.FAILING)) from error


class LocalAssets:
    """The store for one machine; see Assets. `now` gives epoch seconds.

    Folders are made 0700 and files 0600. A file appears under its name only when it is whole and on the disk.
    """

    def __init__(
        self,
        folder: Path,
        now: Callable[[], float],
        *,
        retention_seconds: float | None = RETENTION_SECONDS,
        min_free_bytes: int = MIN_FREE_BYTES,
    ) -> None:
        self._folder = folder
        self._now = now
        self._retention = retention_seconds
        self._min_free = min_free_bytes
        self._secret = secrets.token_bytes(32)

    async def start(self) -> None:
        """Makes the folder if need be, and removes what an earlier process left half-written."""
        await asyncio.to_thread(self._start)

    async def create(
        self, owner: str, job: str, mime_type: str = "", *, expected: int | None = None
    ) -> LocalWriter:
        """Begins a file; see Assets."""
        return await asyncio.to_thread(self._create, owner, job, mime_type, expected)

    async def store_blob(
        self, blob: Blob, owner: str, job: str, mime_type: str = "", *, as_is: bool = False
    ) -> Asset:
        """Decodes a blob piece by piece into a file of its own; see Assets."""
        writer = await self.create(owner, job, mime_type, expected=blob.decoded_size)
        try:
            await asyncio.to_thread(writer.put_all, blob.decoded())
            return await writer.commit(as_is=as_is)
        finally:
            await writer.abort()

    async def get(self, asset_id: str) -> StoredAsset | None:
        """What is known of a file; see Assets."""
        return await asyncio.to_thread(self._get, asset_id) if ASSET_ID.match(asset_id) else None

    async def open_range(
        self, asset: StoredAsset, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Part of the bytes; see Assets."""
        end = asset.size if end is None else min(end, asset.size)
        async for piece in _read(self._path(asset.id), start, end, _READ):
            yield piece

    async def delete(self, asset_id: str) -> None:
        """Removes a file; see Assets."""
        if ASSET_ID.match(asset_id):
            await asyncio.to_thread(self._delete, self._path(asset_id))

    async def sweep(self, now: float) -> int:
        """Removes what has expired; see Assets."""
        return await asyncio.to_thread(self._sweep, now)

    async def check(self) -> None:
        """Raises AssetStorageError when nothing could be stored now."""
        await asyncio.to_thread(self._check)

    def marker(self, asset_id: str) -> str:
        """A marker for the file in base64; see Assets. Raises ValueError for what is no id."""
        if not ASSET_ID.match(asset_id):
            raise ValueError("This is not the id of an asset.")
        name = asset_id.removeprefix("asset_")
        return new_marker(f"a{name}{self._seal(name)}")

    def find(self, marker: str) -> Piece | None:
        """The file behind a marker of ours, as a Piece. Raises AssetStorageError when the file is gone."""
        name, seal = marker[35:-33], marker[-33:-1]
        if not hmac.compare_digest(seal.encode(), self._seal(name).encode()):
            return None
        path = self._path(f"asset_{name}")
        with _storage():
            size = path.stat().st_size
        return Piece((size + 2) // 3 * 4, partial(_read_base64, path, size))

    def _seal(self, name: str) -> str:
        return hmac.new(self._secret, name.encode(), hashlib.sha256).hexdigest()[:32]

    def _path(self, asset_id: str) -> Path:
        name = asset_id.removeprefix("asset_")
        return self._folder / name[-2:] / asset_id

    def _start(self) -> None:
        with _storage():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in self._folder.rglob(f"*{_PART}"):
                _remove_abandoned(path)

    def _create(self, owner: str, job: str, mime_type: str, expected: int | None) -> LocalWriter:
        token = b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()
        now = self._now()
        draft = StoredAsset(
            id=f"asset_{token}",
            owner=owner,
            job=job,
            mime_type=mime_type,
            size=0,
            sha256="",
            created_at=now,
            expires_at=None if self._retention is None else now + self._retention,
        )
        path = self._path(draft.id)
        with _storage():
            # Not with parents: were the disk not mounted, the files would go to the empty mount point.
            path.parent.mkdir(mode=0o700, exist_ok=True)
            return LocalWriter(draft, path, expected)

    def _get(self, asset_id: str) -> StoredAsset | None:
        path = self._path(asset_id)
        try:
            document = orjson.loads(_beside(path, _FACTS).read_bytes())
            known = {field.name for field in fields(StoredAsset)}
            asset = StoredAsset(**{key: value for key, value in document.items() if key in known})
            return asset if path.is_file() else None
        except FileNotFoundError:
            with _storage():
                self._folder.stat()
            return None
        except OSError as error:
            raise AssetStorageError(_TROUBLES.get(error.errno or 0, Trouble.FAILING)) from error
        except (ValueError, TypeError, AttributeError) as error:
            raise AssetStorageError(Trouble.FAILING) from error

    def _delete(self, path: Path) -> None:
        with _storage():
            # The facts go first: what has none is no asset any more, whatever happens next.
            _beside(path, _FACTS).unlink(missing_ok=True)
            path.unlink(missing_ok=True)

    def _sweep(self, now: float) -> int:
        expired = 0
        with _storage():
            for path in self._folder.glob("*/asset_*"):
                if path.suffix == _PART:
                    _remove_abandoned(path)
                elif path.suffix == _FACTS:
                    expired += self._expire(path.with_suffix(""), now)
                elif not _beside(path, _FACTS).exists():
                    _remove_orphan(path, now - _ORPHAN_SECONDS)
        return expired

    def _expire(self, path: Path, now: float) -> bool:
        try:
            asset = self._get(path.name)
        except AssetStorageError:
            return False
        if not asset or asset.expires_at is None or asset.expires_at > now:
            return False
        self._delete(path)
        return True

    def _check(self) -> None:
        with _storage():
            if shutil.disk_usage(self._folder).free < self._min_free:
                raise AssetStorageError(Trouble.FULL)
            probe = self._folder / f"check-{secrets.token_hex(8)}{_PART}"
            try:
                with _new_file(probe) as file:
                    file.write(bytes(4096))
            finally:
                probe.unlink(missing_ok=True)


class LocalWriter:
    """A file on its way into LocalAssets; see AssetWriter. Used by one task at a time."""

    def __init__(self, draft: StoredAsset, path: Path, expected: int | None) -> None:
        self.id = draft.id
        self._draft = draft
        self._path = path
        self._part = _beside(path, _PART)
        self._facts_part = _beside(path, _FACTS + _PART)
        self._expected = expected
        self._size = 0
        self._digest = hashlib.sha256()
        self._buffer: list[bytes] = []
        self._buffered = 0
        # A cancelled task leaves its thread running: this keeps `abort` from closing the file under it.
        self._lock = threading.Lock()
        self._file: BinaryIO | None = _new_file(self._part)

    @property
    def digest(self) -> str:
        """The sha256 of all that was written so far; see AssetWriter."""
        whole = self._digest.copy()
        for piece in self._buffer:
            whole.update(piece)
        return whole.hexdigest()

    async def write(self, data: bytes) -> None:
        """Adds bytes; see AssetWriter."""
        self._buffer.append(data)
        self._buffered += len(data)
        if self._buffered >= _BUFFER:
            pieces, self._buffer, self._buffered = self._buffer, [], 0
            await asyncio.to_thread(self.put_all, pieces)

    async def commit(self, *, as_is: bool = False) -> Asset:
        """Verifies and keeps the file; see AssetWriter."""
        try:
            return await asyncio.to_thread(self._commit, as_is)
        except BaseException:
            await self.abort()
            raise

    async def abort(self) -> None:
        """Drops what was written; see AssetWriter."""
        if self._file:
            await asyncio.shield(asyncio.to_thread(self._drop))

    def put_all(self, pieces: Iterable[bytes]) -> None:
        """Adds pieces, in a thread. Raises UnreadableMediaError where they are found not to be base64."""
        with self._lock, _storage():
            if not self._file:
                raise AssetStorageError(Trouble.GONE)
            try:
                for piece in pieces:
                    self._file.write(piece)
                    self._digest.update(piece)
                    self._size += len(piece)
            except ValueError as error:
                raise UnreadableMediaError("The media came in broken base64.") from error

    def _commit(self, as_is: bool) -> Asset:
        self.put_all(self._buffer)
        with self._lock, _storage():
            file = self._file
            if not file:
                raise AssetStorageError(Trouble.GONE)
            if self._expected is not None and self._size != self._expected:
                raise UnreadableMediaError(
                    f"The media came incomplete: {self._size} of {self._expected} bytes."
                )
            file.flush()
            os.fsync(file.fileno())
            found = self._probe(as_is)
            asset = replace(self._draft, size=self._size, sha256=self._digest.hexdigest(), **asdict(found))
            with _new_file(self._facts_part) as beside:
                beside.write(orjson.dumps(asdict(asset)))
                beside.flush()
                os.fsync(beside.fileno())
            # The facts come last: with them the asset begins to exist.
            self._part.rename(self._path)
            self._facts_part.rename(_beside(self._path, _FACTS))
            _sync_folder(self._path.parent)
            file.close()
            self._file = None
            return asset.asset

    def _probe(self, as_is: bool) -> facts.MediaFacts:
        try:
            return facts.probe(self._part, self._draft.mime_type)
        except UnreadableMediaError as error:
            error.digest = self._digest.hexdigest()
            if as_is and self._size:
                return facts.MediaFacts(mime_type=error.mime_type or self._draft.mime_type or _UNKNOWN_TYPE)
            raise

    def _drop(self) -> None:
        with self._lock:
            if not self._file:
                return
            with suppress(OSError):
                self._file.close()
            self._file = None
            for path in (self._part, self._facts_part):
                with suppress(OSError):
                    path.unlink(missing_ok=True)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _new_file(path: Path) -> BinaryIO:
    """A new file, 0600 and locked for as long as it is open."""
    file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    if sys.platform != "win32":
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def _remove_abandoned(path: Path) -> None:
    """Removes a half-written file, unless a living process holds its lock."""
    with suppress(FileNotFoundError, BlockingIOError, PermissionError):
        if sys.platform != "win32":
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()


def _remove_orphan(path: Path, before: float) -> None:
    """Removes a file without facts, unless it is so young that they may be about to come."""
    with suppress(FileNotFoundError):
        if path.stat().st_mtime < before:
            path.unlink()


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def _read(path: Path, start: int, end: int, step: int) -> AsyncIterator[bytes]:
    """The bytes of a file from `start` to `end`. Raises AssetStorageError, also for a file too short."""
    with _storage():
        file = await asyncio.to_thread(path.open, "rb")
    try:
        for at in range(start, end, step):
            with _storage():
                piece = await asyncio.to_thread(_piece, file, at, min(step, end - at))
            yield piece
    finally:
        file.close()


def _piece(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    piece = file.read(size)
    if len(piece) < size:
        raise AssetStorageError(Trouble.FAILING)
    return piece


async def _read_base64(path: Path, size: int) -> AsyncIterator[bytes]:
    async for piece in _read(path, 0, size, _READ_FOR_BASE64):
        yield pybase64.b64encode(piece)
