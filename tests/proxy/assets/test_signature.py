"""Formats by their first bytes; Pillow and PyAV are the judges."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.assets.signature import HEAD, media_type
from tests.proxy.assets.conftest import FORMATS, VARIANTS, Film, Picture


@pytest.mark.parametrize(("form", "options"), VARIANTS)
@pytest.mark.parametrize("size", [(1, 1), (40, 30), (301, 7)])
def test_pictures(picture: Picture, form: str, options: dict[str, object], size: tuple[int, int]) -> None:
    assert media_type(picture(form, *size, **options)[:HEAD]) == FORMATS[form]


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


@given(st.binary(max_size=80))
def test_garbage_raises_nothing(data: bytes) -> None:
    found = media_type(data)
    assert found is None or found.startswith(("image/", "video/"))
