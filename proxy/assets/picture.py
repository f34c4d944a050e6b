"""What a client's picture or film really is, and whether it may go on, judged by its first bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

from proxy.assets.dimensions import pixel_size
from proxy.assets.signature import media_type
from translators.errors import Fault, MediaError

HEAD = 128 << 10
"""So many decoded bytes show what nearly every picture is."""

MOST_BYTES = {"image": 20_000_000, "video": 100_000_000}
MOST_PIXELS = 64_000_000
MOST_GIF_PIXELS = 16_000_000
"""A GIF is decoded here, at four bytes a pixel."""

_NAMES = {"image": "picture", "video": "film"}


@dataclass(frozen=True, slots=True)
class Finding:
    """The true type of a file, and its size in pixels where it is a picture."""

    mime_type: str
    width: int = 0
    height: int = 0


def inspect(head: bytes, size: int, claimed: str, param: str) -> Finding | None:
    """What a file of `size` bytes is, by its first HEAD bytes; None when they do not reach to its measures.

    `claimed` is the type that the client gave it, or empty: another format is no error, a film in place of a
    picture is. Raises MediaError, naming `param`, also for what is no picture or film, or too large.
    """
    if not size:
        raise refusal("The file is empty.", "empty_image_file", param, "Send a picture.")
    mime_type = media_type(head)
    if mime_type is None:
        raise _unknown_kind(claimed, param)
    kind = mime_type.partition("/")[0]
    check_size(size, kind, param)
    wanted = claimed.partition("/")[0]
    if wanted in _NAMES and wanted != kind:
        message = f"The file was called {claimed[:40]!r}, but it is a {_NAMES[kind]}."
        raise refusal(message, "unsupported_image_media_type", param, "Send what the field is for.")
    if kind == "video":
        return Finding(mime_type)
    pixels = pixel_size(head, mime_type)
    if pixels is None and len(head) < size:
        return None
    if pixels is None:
        raise refusal(
            "The picture is damaged or cut off.", "image_parse_error", param, "Send it again whole."
        )
    _check_pixels(*pixels, mime_type, param)
    return Finding(mime_type, *pixels)


def check_size(size: int, kind: str, param: str) -> None:
    """Raises MediaError when so many bytes are too many for an `image` or a `video`."""
    most = MOST_BYTES[kind]
    if size > most:
        message = f"The {_NAMES[kind]} is larger than {most // 1_000_000} MB."
        raise refusal(message, "image_too_large", param, "Send a smaller one.")


def first_frame(gif: bytes, param: str) -> bytes:
    """The first frame of a GIF as a PNG, its transparency kept. It blocks. Raises MediaError."""
    try:
        with Image.open(io.BytesIO(gif), formats=("GIF",)) as image:
            # The frame may be larger than the screen that the header promised.
            _check_pixels(*image.size, "image/gif", param)
            picture = image.convert("RGBA" if "transparency" in image.info else "RGB")
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        message = "The GIF is damaged or cut off."
        raise refusal(message, "image_parse_error", param, "Send it again whole.") from error
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=3)
    return out.getvalue()


def refusal(message: str, code: str, param: str, advice: str) -> MediaError:
    """The error for a picture that cannot be taken."""
    return MediaError(
        fault=Fault.INVALID_REQUEST, message=message, advice=advice, param=param or None, code=code
    )


def _check_pixels(width: int, height: int, mime_type: str, param: str) -> None:
    most = MOST_GIF_PIXELS if mime_type == "image/gif" else MOST_PIXELS
    if width * height > most:
        message = f"The picture has {width}x{height} pixels, more than {most // 1_000_000} million."
        raise refusal(message, "image_too_large", param, "Send a smaller one.")


def _unknown_kind(claimed: str, param: str) -> MediaError:
    called = f" It was called {claimed[:40]!r}." if claimed else ""
    return refusal(
        f"The file is no picture or film of a known kind.{called}",
        "unsupported_image_media_type",
        param,
        "Send PNG, JPEG, WebP, GIF, HEIC or AVIF for a picture, MP4, QuickTime or WebM for a film.",
    )
