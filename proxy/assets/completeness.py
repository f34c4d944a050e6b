"""Whether a picture file is whole, found out without decoding it."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from typing import BinaryIO

from proxy.assets.boxes import BrokenBoxesError, boxes

_STEP = 256 << 10
_ENDING = 64 << 10
_MOST_SEGMENTS = 10_000


def is_whole(file: BinaryIO, size: int, mime_type: str) -> bool:
    """Whether a picture of `size` bytes ends where its format says. True for a format not known here."""
    check = _CHECKS.get(mime_type)
    return check(file, size) if check else True


def _png(file: BinaryIO, size: int) -> bool:
    """All chunks up to the last, each with its checksum."""
    at = 8
    while at + 12 <= size:
        file.seek(at)
        head = file.read(8)
        length = int.from_bytes(head[:4], "big")
        if at + 12 + length > size:
            return False
        checksum, left = zlib.crc32(head[4:8]), length
        while left:
            piece = file.read(min(left, _STEP))
            checksum, left = zlib.crc32(piece, checksum), left - len(piece)
            if not piece:
                return False
        if file.read(4) != checksum.to_bytes(4, "big"):
            return False
        if head[4:8] == b"IEND":
            return True
        at += 12 + length
    return False


def _jpeg(file: BinaryIO, size: int) -> bool:
    """An end mark behind the first scan: in the metadata before it stands that of the thumbnail."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        file.seek(at)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] == 0xDA:
            break
        if head[1] == 0xFF:
            at += 1
        elif head[1] == 0x01 or 0xD0 <= head[1] <= 0xD9:
            at += 2
        else:
            at += 2 + max(int.from_bytes(head[2:], "big"), 2)
    # Phones put more data behind the picture, so that its end mark need not be the last thing.
    file.seek(max(at, size - _ENDING))
    return b"\xff\xd9" in file.read()


def _gif(file: BinaryIO, size: int) -> bool:
    return _last(file, size).rstrip(b"\0").endswith(b"\x3b")


def _webp(file: BinaryIO, size: int) -> bool:
    file.seek(4)
    return int.from_bytes(file.read(4), "little") + 8 <= size + 1


def _boxed(file: BinaryIO, size: int) -> bool:
    try:
        return {b"ftyp", b"meta"} <= {box.kind for box in boxes(file, 0, size)}
    except BrokenBoxesError:
        return False


def _last(file: BinaryIO, size: int) -> bytes:
    file.seek(-min(size, _ENDING), os.SEEK_END)
    return file.read()


_CHECKS: dict[str, Callable[[BinaryIO, int], bool]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/avif": _boxed,
    "image/heic": _boxed,
    "image/heif": _boxed,
}
