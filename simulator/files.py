"""The Gemini API's Files: uploads and generated films, their records, and downloads behind a redirect."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from simulator.errors import GoogleError

if TYPE_CHECKING:
    from simulator.films import FilmSpec
    from simulator.studio import Studio

_KEPT = timedelta(days=2)
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass
class StoredFile:
    """One file: uploaded bytes, or a generated film that the studio makes from its spec."""

    id: str
    account: str
    mime: str
    source: str
    prompt: str = ""
    display_name: str = ""
    data: bytes | None = None
    spec: FilmSpec | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def bytes(self, studio: Studio) -> bytes:
        """The content."""
        if self.spec is not None:
            return await studio.media(self.spec)
        return self.data or b""

    async def record(self, base: str, version: str, studio: Studio) -> dict[str, Any]:
        """The File resource, its links on the given base URL."""
        content = await self.bytes(studio)
        link = f"{base}/{version}/files/{self.id}"
        created = self.created.isoformat().replace("+00:00", "Z")
        record: dict[str, Any] = {
            "name": f"files/{self.id}",
            "mimeType": self.mime,
            "sizeBytes": str(len(content)),
            "createTime": created,
            "updateTime": created,
            "expirationTime": (self.created + _KEPT).isoformat().replace("+00:00", "Z"),
            "sha256Hash": base64.b64encode(hashlib.sha256(content).hexdigest().encode()).decode(),
            "uri": link,
            "state": "ACTIVE",
            "source": self.source,
        }
        if self.display_name:
            record["displayName"] = self.display_name
        if self.source == "GENERATED":
            record["downloadUri"] = f"{link}:download?alt=media"
        return record


@dataclass
class Upload:
    """A resumable upload under way."""

    account: str
    mime: str
    display_name: str
    data: bytearray = field(default_factory=bytearray)


class FileShelf:
    """The files by id, uploads under way by their id, and one-time signed download links."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._files: OrderedDict[str, StoredFile] = OrderedDict()
        self.uploads: OrderedDict[str, Upload] = OrderedDict()
        self._links: OrderedDict[str, str] = OrderedDict()

    def add(self, file: StoredFile) -> StoredFile:
        """Keep a file, and forget the oldest when there are too many."""
        self._files[file.id] = file
        _trim(self._files, self._kept)
        return file

    def of(self, account: str) -> list[StoredFile]:
        """The uploaded files of one account, newest first."""
        return [
            file
            for file in reversed(self._files.values())
            if file.account == account and file.source == "UPLOADED"
        ]

    def find(self, file_id: str, account: str) -> StoredFile:
        """The file of that id; 404 when unknown or expired, 403 when it belongs to another account."""
        file = self._files.get(file_id)
        if file is None or datetime.now(UTC) - file.created > _KEPT:
            raise GoogleError(404, f"File {file_id} not found or no longer available.")
        if file.account != account:
            raise GoogleError(
                403, f"You do not have permission to access the File {file_id} or it may not exist."
            )
        return file

    def touch(self, file: StoredFile) -> None:
        """Start the two days of a file anew, as its use in an extension does."""
        file.created = datetime.now(UTC)

    def remove(self, file: StoredFile) -> None:
        """Forget a file."""
        self._files.pop(file.id, None)

    def begin_upload(self, upload: Upload) -> str:
        """Keep an upload under way; returns its id."""
        upload_id = secrets.token_urlsafe(24)
        self.uploads[upload_id] = upload
        _trim(self.uploads, 256)
        return upload_id

    def sign(self, file: StoredFile) -> str:
        """A new one-time link word for a download that carries no key."""
        word = f"{secrets.token_urlsafe(24)}.{int(time.time())}"
        self._links[word] = file.id
        _trim(self._links, self._kept)
        return word

    def redeem(self, word: str) -> StoredFile | None:
        """The file of a signed link, once; None when the link is unknown or used."""
        return self._files.get(self._links.pop(word, ""))


def new_file_id() -> str:
    """A fresh file id of twelve letters and digits, as Google's are."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


def _trim(shelf: OrderedDict[str, Any], kept: int) -> None:
    while len(shelf) > kept:
        shelf.popitem(last=False)
