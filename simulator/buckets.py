"""The buckets of a small stand-in of Cloud Storage: objects in memory or in a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from simulator.errors import GoogleError, invalid

_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{0,220}[a-z0-9]|[a-z0-9]")


@dataclass(frozen=True)
class StoredObject:
    """One object and its content type; `prompt` is that of the film in it, for faults that match on it."""

    data: bytes
    mime: str
    prompt: str = ""


class Buckets:
    """Objects by bucket and name; every bucket exists, except those whose name says `missing` or `denied`."""

    def __init__(self, folder: str | None) -> None:
        self._folder = Path(folder) if folder else None
        self._objects: dict[tuple[str, str], StoredObject] = {}

    def write(self, bucket: str, name: str, stored: StoredObject) -> None:
        """Keep an object; 403 or 404 for a bucket that says so."""
        check_bucket(bucket)
        if self._folder is None:
            self._objects[bucket, name] = stored
            return
        path = self._path(bucket, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stored.data)
        self._objects[bucket, name] = StoredObject(b"", stored.mime, stored.prompt)

    def read(self, bucket: str, name: str) -> StoredObject | None:
        """The object, or None when there is none; 403 or 404 for a bucket that says so."""
        check_bucket(bucket)
        known = self._objects.get((bucket, name))
        if self._folder is None:
            return known
        path = self._path(bucket, name)
        if not path.is_file():
            return None
        mime = known.mime if known else "application/octet-stream"
        return StoredObject(path.read_bytes(), mime, known.prompt if known else "")

    def delete(self, bucket: str, name: str) -> bool:
        """Forget an object; whether there was one."""
        known = self._objects.pop((bucket, name), None)
        if self._folder is not None and (path := self._path(bucket, name)).is_file():
            path.unlink()
            return True
        return known is not None

    def names(self, bucket: str, prefix: str) -> list[str]:
        """The names of a bucket's objects that begin with `prefix`, sorted."""
        check_bucket(bucket)
        return sorted(name for place, name in self._objects if place == bucket and name.startswith(prefix))

    def _path(self, bucket: str, name: str) -> Path:
        root = (self._folder or Path()) / bucket
        path = root / name
        if not path.resolve().is_relative_to(root.resolve()):
            raise GoogleError(400, "Invalid object name.")
        return path


def check_bucket(bucket: str) -> None:
    """Refuse what is no bucket name, and the buckets that stand for missing and forbidden ones."""
    if not _BUCKET.fullmatch(bucket):
        raise invalid(f"Invalid bucket name: '{bucket}'")
    if "missing" in bucket:
        raise GoogleError(404, "The specified bucket does not exist.")
    if "denied" in bucket:
        message = "The caller does not have storage.objects access to the Google Cloud Storage bucket."
        raise GoogleError(403, f"{message} Permission denied on resource (or it may not exist).")


def split_gs(uri: str) -> tuple[str, str]:
    """`gs://bucket/some/name` → (`bucket`, `some/name`); 400 for anything else."""
    if not uri.startswith("gs://"):
        raise invalid(f"Invalid Cloud Storage URI: {uri[:80]}. It must begin with gs://.")
    bucket, _, name = uri[5:].partition("/")
    check_bucket(bucket)
    return bucket, name
