"""Facts of a film file: by PyAV where it is installed, else from the file's own boxes."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from proxy.assets.boxes import BrokenBoxesError, FilmFacts, film_facts
from proxy.assets.store import UnreadableMediaError

# The demuxer is named, because a probing one could be led to follow a playlist to other files.
_DEMUXERS = {
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "video/webm": "matroska",
    "video/x-matroska": "matroska",
}
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"


def probe(path: Path, mime_type: str) -> FilmFacts:
    """The facts of a film. It blocks. Raises UnreadableMediaError when it is damaged or cut off.

    A file that promises more than it holds shows by its headers, a damaged one when a frame is decoded.
    Without PyAV nothing is decoded, and of WebM nothing is known.
    """
    demuxer = _DEMUXERS[mime_type]
    try:
        facts = _READERS[demuxer](path)
    except BrokenBoxesError as error:
        raise _unreadable() from error
    try:
        import av
    except ImportError:
        return facts
    try:
        return _decoded(av, path, demuxer)
    except (av.FFmpegError, StopIteration) as error:
        raise _unreadable() from error


def _boxed(path: Path) -> FilmFacts:
    with path.open("rb") as file:
        return film_facts(file, path.stat().st_size)


def _segmented(path: Path) -> FilmFacts:
    """No facts, but WebM and Matroska say before the film how long it is. Raises BrokenBoxesError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4096)
    _, at = _element_size(head, len(_EBML))
    at += _element_size(head, len(_EBML))[0] or 0
    if head[at : at + 4] != _SEGMENT:
        raise BrokenBoxesError
    length, at = _element_size(head, at + len(_SEGMENT))
    if length is not None and at + length > size:
        raise BrokenBoxesError
    return FilmFacts()


def _element_size(head: bytes, at: int) -> tuple[int | None, int]:
    """The size of an EBML element, None when the writer could not know it, and where its content begins."""
    width = 9 - head[at].bit_length() if at < len(head) else 9
    if width > 8:
        raise BrokenBoxesError
    mask = (1 << 7 * width) - 1
    size = int.from_bytes(head[at : at + width], "big") & mask
    return (None if size == mask else size), at + width


_READERS = {"mov": _boxed, "matroska": _segmented}


def _decoded(av: ModuleType, path: Path, demuxer: str) -> FilmFacts:
    with av.open(str(path), format=demuxer, metadata_errors="replace") as container:
        if not container.streams.video:
            raise _unreadable()
        stream = container.streams.video[0]
        next(container.decode(stream))
        duration = container.duration / av.time_base if container.duration else 0.0
        return FilmFacts(
            width=stream.codec_context.width,
            height=stream.codec_context.height,
            duration_seconds=round(duration, 3),
            fps=round(float(stream.average_rate or 0), 3),
            codec=stream.codec_context.codec.canonical_name,
            has_audio=bool(container.streams.audio),
        )


def _unreadable() -> UnreadableMediaError:
    return UnreadableMediaError("What came is not a readable film: it is damaged or cut off.")
