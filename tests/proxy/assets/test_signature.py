"""Formats by their first bytes, measures by their headers, wholeness by their ends; Pillow is the judge."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from proxy.assets.completeness import is_whole
from proxy.assets.dimensions import pixel_size
from proxy.assets.signature import HEAD, media_type
from tests.proxy.assets.conftest import Film, Picture

FORMATS = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
}
VARIANTS: list[tuple[str, dict[str, object]]] = [
    ("PNG", {}),
    ("PNG", {"mode": "P"}),
    ("PNG", {"mode": "RGBA", "compress_level": 1}),
    ("JPEG", {}),
    ("JPEG", {"progressive": True, "comment": "x" * 5000}),
    ("JPEG", {"mode": "CMYK", "icc_profile": bytes(150_000)}),
    ("GIF", {}),
    ("WEBP", {}),
    ("WEBP", {"lossless": True}),
    ("WEBP", {"mode": "RGBA", "lossless": True}),
    ("WEBP", {"icc_profile": bytes(300)}),
    ("AVIF", {"speed": 10}),
]


@pytest.mark.parametrize(("form", "options"), VARIANTS)
@pytest.mark.parametrize("size", [(1, 1), (40, 30), (301, 7)])
def test_pictures(picture: Picture, form: str, options: dict[str, object], size: tuple[int, int]) -> None:
    data = picture(form, *size, **options)
    assert media_type(data[:HEAD]) == FORMATS[form]
    assert pixel_size(data, FORMATS[form]) == size
    assert is_whole(io.BytesIO(data), len(data), FORMATS[form])


@pytest.mark.parametrize(("form", "options"), VARIANTS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_pictures_cut_off(picture: Picture, form: str, options: dict[str, object], share: float) -> None:
    data = picture(form, 60, 50, **options)
    cut = data[: int(len(data) * share)]
    assert not is_whole(io.BytesIO(cut), len(cut), FORMATS[form])


def test_a_changed_byte_in_a_png_is_seen(picture: Picture) -> None:
    data = bytearray(picture("PNG", 60, 50))
    data[len(data) // 2] ^= 1
    assert not is_whole(io.BytesIO(data), len(data), "image/png")


@pytest.mark.parametrize(
    ("suffix", "codec", "expected"),
    [("mp4", "mpeg4", "video/mp4"), ("mov", "mpeg4", "video/quicktime"), ("webm", "libvpx", "video/webm")],
)
def test_films(film: Film, suffix: str, codec: str, expected: str) -> None:
    assert media_type(film(suffix, codec)[:HEAD]) == expected


def ftyp(*brands: bytes) -> bytes:
    content = brands[0] + bytes(4) + b"".join(brands[1:])
    return struct.pack(">I", len(content) + 8) + b"ftyp" + content


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (ftyp(b"heic", b"mif1", b"heic"), "image/heic"),
        (ftyp(b"mif1", b"mif1", b"heic"), "image/heic"),
        (ftyp(b"mif1", b"avif", b"miaf"), "image/avif"),
        (ftyp(b"mif1"), "image/heif"),
        (ftyp(b"avif", b"mif1"), "image/avif"),
        (ftyp(b"isom", b"iso2", b"avc1"), "video/mp4"),
        (ftyp(b"XXXX", b"mp42"), "video/mp4"),
        (ftyp(b"qt  "), "video/quicktime"),
        (ftyp(b"3gp4"), "video/3gpp"),
        (ftyp(b"M4A ", b"M4A "), None),
        (ftyp(b"crx "), None),
        (b"\0\0\0\x08wide\0\0\0\x10mdat", "video/quicktime"),
        (b"", None),
        (b"<!DOCTYPE html><html>", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"%PDF-1.7", None),
        (b"just some text, long enough to hold a mark", None),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (b"\x89PNG\n", None),
        (b'{"error": 1}', None),
    ],
)
def test_brands_and_others(head: bytes, expected: str | None) -> None:
    assert media_type(head) == expected


@given(st.sampled_from(sorted(FORMATS.values())), st.binary(max_size=80))
def test_garbage_has_no_measures_and_raises_nothing(mime_type: str, data: bytes) -> None:
    pixel_size(data, mime_type)
    is_whole(io.BytesIO(data), len(data), mime_type)
    media_type(data)


def test_the_measures_of_heic_are_those_of_the_largest_part() -> None:
    parts = b"".join(b"\0\0\0\x14ispe" + struct.pack(">III", 0, *size) for size in ((512, 512), (4032, 3024)))
    assert pixel_size(ftyp(b"heic") + b"\0\0\1\0meta" + parts, "image/heic") == (4032, 3024)


def test_pillow_agrees(picture: Picture) -> None:
    for form, options in VARIANTS:
        data = picture(form, 33, 21, **options)
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == pixel_size(data, FORMATS[form])
