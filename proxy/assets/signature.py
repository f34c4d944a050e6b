"""Which picture or film format the first bytes of a file say it is."""

from __future__ import annotations

HEAD = 64
"""So many bytes from the beginning are enough."""

_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"hevc": "image/heic",
    b"hevx": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
    b"qt  ": "video/quicktime",
    b"3gp4": "video/3gpp",
    b"3gp5": "video/3gpp",
    b"3gp6": "video/3gpp",
    b"M4V ": "video/mp4",
    b"avc1": "video/mp4",
    b"dash": "video/mp4",
    b"iso2": "video/mp4",
    b"iso3": "video/mp4",
    b"iso4": "video/mp4",
    b"iso5": "video/mp4",
    b"iso6": "video/mp4",
    b"iso8": "video/mp4",
    b"isom": "video/mp4",
    b"mmp4": "video/mp4",
    b"mp41": "video/mp4",
    b"mp42": "video/mp4",
    b"mp71": "video/mp4",
    b"mp4v": "video/mp4",
}
_QUICKTIME_BOXES = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})


def media_type(head: bytes) -> str | None:
    """The MIME type that the first HEAD bytes show, or None for what is no picture or film known here."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head else "video/x-matroska" if b"matroska" in head else None
    return _box_type(head)


def _box_type(head: bytes) -> str | None:
    """The type of a file made of ISO base media boxes, by its brands: HEIC, AVIF, MP4, QuickTime."""
    kind = head[4:8]
    if kind != b"ftyp":
        return "video/quicktime" if kind in _QUICKTIME_BOXES and head[:2] == b"\0\0" else None
    end = min(int.from_bytes(head[:4], "big"), len(head))
    major, *others = [head[8:12], *(head[at : at + 4] for at in range(16, end, 4))]
    # The generic brands of still pictures are refined by the compatible ones: mif1 with avif is AVIF.
    if major in (b"mif1", b"msf1"):
        specific = [_BRANDS[brand] for brand in others if _BRANDS.get(brand, "").startswith("image/")]
        return next((found for found in specific if found != "image/heif"), "image/heif")
    found = _BRANDS.get(major)
    return found or next((_BRANDS[brand] for brand in others if brand in _BRANDS), None)
