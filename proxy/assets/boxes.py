"""The boxes of which MP4, QuickTime, HEIC and AVIF files are made, and what those of a film say of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_CODECS = {
    b"avc1": "h264",
    b"avc3": "h264",
    b"hvc1": "hevc",
    b"hev1": "hevc",
    b"av01": "av1",
    b"vp09": "vp9",
    b"vp08": "vp8",
    b"mp4v": "mpeg4",
}
_MOST_BOXES = 100_000


class BrokenBoxesError(Exception):
    """The file ends within a box, or what stands there is none."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its kind, and where its content begins and ends in the file."""

    kind: bytes
    start: int
    end: int


@dataclass(slots=True)
class FilmFacts:
    """What a film's boxes say. Lengths are in seconds; 0, empty or None is: not said."""

    width: int = 0
    height: int = 0
    duration_seconds: float = 0.0
    fps: float = 0.0
    codec: str = ""
    has_audio: bool | None = None


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes between two places of a file, one after the other. Raises BrokenBoxesError."""
    for _ in range(_MOST_BOXES):
        if end - start < 8:
            break
        file.seek(start)
        head = file.read(16)
        size, content = int.from_bytes(head[:4], "big"), start + 8
        if size == 1:
            size, content = int.from_bytes(head[8:16], "big"), start + 16
        elif size == 0:
            size = end - start
        if size < content - start or start + size > end:
            raise BrokenBoxesError
        yield Box(head[4:8], content, start + size)
        start += size


def film_facts(file: BinaryIO, size: int) -> FilmFacts:
    """The facts of an MP4 or QuickTime film of `size` bytes. Raises BrokenBoxesError when it is not whole."""
    top = {box.kind: box for box in boxes(file, 0, size)}
    if b"moov" not in top or not top.keys() & {b"mdat", b"moof"}:
        raise BrokenBoxesError
    movie = top[b"moov"]
    header = _content(file, movie, b"mvhd")
    scale, duration = _times(header)
    facts = FilmFacts(duration_seconds=duration / scale if scale else 0.0, has_audio=False)
    for track in boxes(file, movie.start, movie.end):
        if track.kind == b"trak":
            _add_track(file, track, facts)
    return facts


def _add_track(file: BinaryIO, track: Box, facts: FilmFacts) -> None:
    kind = _content(file, track, b"mdia", b"hdlr")[8:12]
    if kind == b"soun":
        facts.has_audio = True
    if kind != b"vide" or facts.width:
        return
    size = _content(file, track, b"tkhd")[-8:]
    facts.width, facts.height = int.from_bytes(size[:2], "big"), int.from_bytes(size[4:6], "big")
    facts.codec = _CODECS.get(_content(file, track, b"mdia", b"minf", b"stbl", b"stsd")[12:16], "")
    scale, duration = _times(_content(file, track, b"mdia", b"mdhd"))
    runs = _content(file, track, b"mdia", b"minf", b"stbl", b"stts")[8:]
    frames = sum(int.from_bytes(runs[at : at + 4], "big") for at in range(0, len(runs), 8))
    facts.fps = round(frames * scale / duration, 3) if duration else 0.0


def _times(header: bytes) -> tuple[int, int]:
    """Time scale and length of an mvhd or mdhd box, whose version 1 has longer numbers.

    A length of ones only is one that the writer could not know: it counts as none.
    """
    at, width = (20, 8) if header[:1] == b"\1" else (12, 4)
    length = header[at + 4 : at + 4 + width]
    known = length.strip(b"\xff")
    return int.from_bytes(header[at : at + 4], "big"), int.from_bytes(length, "big") if known else 0


def _content(file: BinaryIO, box: Box, *path: bytes) -> bytes:
    """The content of the box at this path of kinds within a box, or nothing."""
    for kind in path:
        inner = next((found for found in boxes(file, box.start, box.end) if found.kind == kind), None)
        if inner is None:
            return b""
        box = inner
    file.seek(box.start)
    return file.read(min(box.end - box.start, 1 << 20))
