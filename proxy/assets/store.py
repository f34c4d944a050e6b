"""Where media files are kept: what any store offers, what it knows of a file, and how it fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from proxy.blobs import Blob, Source
from translators.canonical import Asset
from translators.errors import Fault, MediaError


class Trouble(StrEnum):
    """Why a store cannot be used now."""

    FULL = "full"
    READ_ONLY = "read_only"
    GONE = "gone"
    FAILING = "failing"


_TROUBLES = {
    Trouble.FULL: (
        "The disk that holds the media files is full.",
        "Free some space on it, or lower storage.retention_days.",
    ),
    Trouble.READ_ONLY: (
        "The folder of the media files cannot be written to.",
        "Make the folder of storage.assets writable for the account that Filmgate runs as.",
    ),
    Trouble.GONE: (
        "The folder of the media files, or the file asked for, is not there.",
        "See that the disk of storage.assets is mounted.",
    ),
    Trouble.FAILING: (
        "The store of the media files does not work.",
        "See the log, and check the disk of storage.assets.",
    ),
}


class AssetStorageError(MediaError):
    """The store cannot be read or written now; it may be later. Nothing half-written stays."""

    def __init__(self, trouble: Trouble) -> None:
        message, advice = _TROUBLES[trouble]
        super().__init__(fault=Fault.STORAGE_UNAVAILABLE, message=message, advice=advice)
        self.trouble = trouble


class UnreadableMediaError(MediaError):
    """The bytes are not the picture or film that they should be; they were not kept.

    `mime_type` is what their first bytes say, or empty for nothing known; `digest` is the sha256 of all of
    them.
    """

    def __init__(self, message: str, mime_type: str = "") -> None:
        super().__init__(fault=Fault.BROKEN_ANSWER, message=message)
        self.mime_type = mime_type
        self.digest = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAsset:
    """All that a store knows of one file. Times are epoch seconds, `size` is in bytes.

    `owner` and `job` are what `create` was told. What could not be found out is 0, empty or None.
    """

    id: str
    owner: str
    job: str
    mime_type: str
    size: int
    sha256: str
    created_at: float
    expires_at: float | None = None
    width: int = 0
    height: int = 0
    duration_seconds: float = 0.0
    fps: float = 0.0
    codec: str = ""
    has_audio: bool | None = None

    @property
    def asset(self) -> Asset:
        """The same in canonical terms, without owner and job."""
        return Asset(
            id=self.id,
            mime_type=self.mime_type,
            size=self.size,
            sha256=self.sha256,
            width=self.width,
            height=self.height,
            duration_seconds=self.duration_seconds,
            fps=self.fps,
            codec=self.codec,
            has_audio=self.has_audio,
            expires_at=self.expires_at,
        )


class AssetWriter(Protocol):
    """A file being stored. Either `commit` or `abort` ends it; a failed `commit` has aborted it."""

    @property
    def digest(self) -> str:
        """The sha256 of all that was written so far."""

    async def write(self, data: bytes) -> None:
        """Adds bytes. Raises AssetStorageError."""

    async def commit(self, *, as_is: bool = False) -> Asset:
        """Verifies and keeps the file, and gives its facts.

        With `as_is` a file that cannot be read is kept all the same, without facts: it was paid for.
        Raises UnreadableMediaError when the file is empty, shorter or longer than expected, of another kind
        than said, or damaged; AssetStorageError when it cannot be kept.
        """

    async def abort(self) -> None:
        """Drops what was written. May be called at any time, more than once, also after `commit`."""


class Assets(Source, Protocol):
    """A store of media files. As a Source it finds the markers that `marker` gave."""

    async def create(
        self, owner: str, job: str, mime_type: str = "", *, expected: int | None = None
    ) -> AssetWriter:
        """Begins a file.

        `mime_type` is what its sender says, or empty; its kind must prove true, its exact type is found out.
        `expected` is the length in bytes where known. Raises AssetStorageError.
        """

    async def store_blob(
        self, blob: Blob, owner: str, job: str, mime_type: str = "", *, as_is: bool = False
    ) -> Asset:
        """Decodes a blob piece by piece into a file of its own. Raises what writing and `commit` raise."""

    async def get(self, asset_id: str) -> StoredAsset | None:
        """What is known of a file; None for an id that is unknown, or none. Raises AssetStorageError."""

    def open_range(self, asset: StoredAsset, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `end`, in pieces. Raises AssetStorageError."""

    async def delete(self, asset_id: str) -> None:
        """Removes a file. An unknown id is no error. Raises AssetStorageError."""

    async def sweep(self, now: float) -> int:
        """Removes what has expired by `now`, and abandoned leftovers; gives the number of files expired."""

    async def check(self) -> None:
        """Raises AssetStorageError when nothing could be stored now."""

    def marker(self, asset_id: str) -> str:
        """A marker that `dump` replaces by the file in base64. Ask for it for the owner only."""
