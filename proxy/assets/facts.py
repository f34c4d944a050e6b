"""Facts of a stored file: its true type, its size in pixels, its length and codec."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from proxy.assets import film
from proxy.assets.completeness import is_whole
from proxy.assets.dimensions import pixel_size
from proxy.assets.signature import HEAD, media_type
from proxy.assets.store import UnreadableMediaError

_HEADER = 1 << 20
_NAMES = {"image": "picture", "video": "film"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFacts:
    """What a file is. 0, empty or None is: not known."""

    mime_type: str
    width: int = 0
    height: int = 0
    duration_seconds: float = 0.0
    fps: float = 0.0
    codec: str = ""
    has_audio: bool | None = None


def probe(path: Path, claimed: str = "") -> MediaFacts:
    """The facts of a picture or film; `claimed` is the type that its sender gave it, or empty.

    It blocks: call it in a thread. Raises UnreadableMediaError when the file is neither, is the other kind
    than claimed, or is damaged or cut off; OSError when it cannot be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        mime_type = _verified_type(file.read(HEAD), claimed)
        if mime_type.startswith("image/"):
            return _picture(file, size, mime_type)
    try:
        return MediaFacts(mime_type=mime_type, **asdict(film.probe(path, mime_type)))
    except UnreadableMediaError as error:
        error.mime_type = mime_type
        raise


def _verified_type(head: bytes, claimed: str) -> str:
    wanted = _NAMES.get(claimed.partition("/")[0])
    found = media_type(head)
    if not head:
        raise UnreadableMediaError("The media came empty.")
    if found is None:
        raise UnreadableMediaError(f"What came is not a readable {wanted or 'picture or film'}.")
    kind = _NAMES[found.partition("/")[0]]
    if wanted and kind != wanted:
        raise UnreadableMediaError(f"A {kind} came where a {wanted} was expected.", found)
    return found


def _picture(file: BinaryIO, size: int, mime_type: str) -> MediaFacts:
    file.seek(0)
    pixels = pixel_size(file.read(_HEADER), mime_type)
    if pixels is None or not is_whole(file, size, mime_type):
        raise UnreadableMediaError("The picture that came is damaged or cut off.", mime_type)
    return MediaFacts(mime_type=mime_type, width=pixels[0], height=pixels[1])
