"""Width and height out of the beginning of a picture, whole, cut off or broken."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.assets.dimensions import pixel_size
from tests.proxy.assets.conftest import FORMATS, VARIANTS, Picture

STARTS = (
    b"",
    b"\xff\xd8",
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR",
    b"RIFF\0\0\0\0WEBPVP8L",
    b"RIFF\0\0\0\0WEBPVP8X",
)


def ispe(width: int, height: int) -> bytes:
    return b"\0\0\0\x14ispe\0\0\0\0" + struct.pack(">II", width, height)


@pytest.mark.parametrize(("form", "options"), VARIANTS)
@pytest.mark.parametrize("size", [(1, 1), (40, 30), (641, 3)])
def test_the_size_of_a_real_picture(
    picture: Picture, form: str, options: dict[str, object], size: tuple[int, int]
) -> None:
    assert pixel_size(picture(form, *size, **options), FORMATS[form]) == size


def test_a_frame_mark_in_a_comment_is_none(picture: Picture) -> None:
    assert pixel_size(picture("JPEG", 321, 123, comment=b"\xff\xc0" * 50), "image/jpeg") == (321, 123)


def test_the_size_is_the_picture_s_and_not_its_thumbnail_s(picture: Picture) -> None:
    data = picture("JPEG", 100, 80, exif=b"Exif\0\0" + picture("JPEG", 16, 12))
    assert pixel_size(data, "image/jpeg") == (100, 80)


@pytest.mark.parametrize("form", FORMATS)
def test_a_beginning_gives_the_true_size_or_none(picture: Picture, form: str) -> None:
    data = picture(form, 300, 200)
    sizes = {pixel_size(data[:length], FORMATS[form]) for length in range(min(len(data), 2000))}
    assert sizes == {None, (300, 200)}


def test_fill_bytes_before_a_mark_are_skipped() -> None:
    frame = b"\xff\xc0\0\x11\x08" + struct.pack(">HH", 20, 30)
    assert pixel_size(b"\xff\xd8\xff\xff\xff\x01" + frame, "image/jpeg") == (30, 20)


@pytest.mark.parametrize("rest", [b"\xff\xd9", b"\xff\xda\0\x02", b"junk", b"\xff\xe0\0\0"])
def test_a_jpeg_without_a_frame_has_no_size(rest: bytes) -> None:
    assert pixel_size(b"\xff\xd8" + rest, "image/jpeg") is None


def test_of_the_parts_of_a_picture_the_largest_counts() -> None:
    parts = ispe(512, 512) + ispe(4032, 3024) + ispe(320, 240)
    assert pixel_size(parts, "image/heic") == (4032, 3024)
    assert pixel_size(parts + b"mdat" + ispe(9999, 9999), "image/heic") == (4032, 3024)


def test_a_picture_without_pixels_has_no_size() -> None:
    assert pixel_size(b"GIF89a" + struct.pack("<HH", 0, 5), "image/gif") is None
    assert pixel_size(ispe(0, 0), "image/avif") is None
    assert pixel_size(b"GIF89a" + struct.pack("<HH", 5, 5), "image/x-new") is None


@given(
    st.sampled_from([*FORMATS.values(), "image/heif"]),
    st.sampled_from(STARTS),
    st.binary(max_size=100),
)
def test_noise_ends_in_a_size_or_none(mime_type: str, start: bytes, data: bytes) -> None:
    size = pixel_size(start + data, mime_type)
    assert size is None or min(size) > 0
