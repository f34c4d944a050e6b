"""How many pixels a picture has, read from its header without decoding it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

Size: TypeAlias = tuple[int, int]

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})


def pixel_size(head: bytes, mime_type: str) -> Size | None:
    """Width and height of a picture, or None where its beginning does not show them, or is broken.

    They stand within the first kilobyte, except that a JPEG, HEIC or AVIF may have long metadata before.
    """
    read = _READERS.get(mime_type)
    try:
        size = read(head) if read else None
    except IndexError:
        return None
    return size if size and min(size) > 0 else None


def _png(head: bytes) -> Size | None:
    if head[8:16] != b"\0\0\0\x0dIHDR" or len(head) < 33:
        return None
    return _big(head, 16), _big(head, 20)


def _gif(head: bytes) -> Size | None:
    return _little(head, 6, 2), _little(head, 8, 2)


def _webp(head: bytes) -> Size | None:
    kind = head[12:16]
    if kind == b"VP8X":
        return _little(head, 24, 3) + 1, _little(head, 27, 3) + 1
    if kind == b"VP8L" and head[20] == 0x2F:
        bits = _little(head, 21, 4)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        return _little(head, 26, 2) & 0x3FFF, _little(head, 28, 2) & 0x3FFF
    return None


def _jpeg(head: bytes) -> Size | None:
    at = 2
    while True:
        if head[at] != 0xFF:
            return None
        marker = head[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _JPEG_BARE:
            at += 2
        elif marker in _JPEG_FRAMES:
            return _big(head, at + 7, 2), _big(head, at + 5, 2)
        elif marker in (0xD9, 0xDA):
            return None
        else:
            at += 2 + max(_big(head, at + 2, 2), 2)


def _box(head: bytes) -> Size | None:
    # A picture made of tiles names the size of each part: the whole is the largest.
    return max(_spatial_extents(head), key=lambda size: size[0] * size[1], default=None)


def _spatial_extents(head: bytes) -> Iterator[Size]:
    end = head.find(b"mdat")
    end = end if end >= 0 else len(head)
    at = head.find(b"ispe", 0, end)
    while at >= 0 and at + 16 <= end:
        yield _big(head, at + 8), _big(head, at + 12)
        at = head.find(b"ispe", at + 4, end)


def _big(head: bytes, at: int, count: int = 4) -> int:
    return int.from_bytes(_exactly(head, at, count), "big")


def _little(head: bytes, at: int, count: int) -> int:
    return int.from_bytes(_exactly(head, at, count), "little")


def _exactly(head: bytes, at: int, count: int) -> bytes:
    if at + count > len(head):
        raise IndexError
    return head[at : at + count]


_READERS: dict[str, Callable[[bytes], Size | None]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/avif": _box,
    "image/heic": _box,
    "image/heif": _box,
}
