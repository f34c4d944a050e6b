"""Whether a picture is whole: cut off at any place it is not, and what cameras add behind it does no harm."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.assets.completeness import is_whole
from tests.proxy.assets.conftest import FORMATS, VARIANTS, Picture

KNOWN = [*FORMATS.values(), "image/heic", "image/heif"]


def whole(data: bytes, form: str) -> bool:
    return is_whole(io.BytesIO(data), len(data), FORMATS.get(form, form))


@pytest.mark.parametrize(("form", "options"), VARIANTS)
@pytest.mark.parametrize("size", [(1, 1), (40, 30), (301, 7)])
def test_a_whole_picture(
    picture: Picture, form: str, options: dict[str, object], size: tuple[int, int]
) -> None:
    assert whole(picture(form, *size, **options), form)


@pytest.mark.parametrize(("form", "options"), VARIANTS)
def test_a_picture_cut_off_anywhere(picture: Picture, form: str, options: dict[str, object]) -> None:
    data = picture(form, 60, 50, **options)
    for size in (*range(0, len(data) - 2, len(data) // 50), len(data) - 2):
        assert not whole(data[:size], form), f"{size} of {len(data)} bytes"


def test_the_end_of_a_thumbnail_is_not_the_end_of_the_picture(picture: Picture) -> None:
    data = picture("JPEG", 100, 80, exif=b"Exif\0\0" + picture("JPEG", 16, 12))
    assert whole(data, "JPEG")
    assert not whole(data[:-2], "JPEG")
    assert not whole(data[: len(data) // 2], "JPEG")


def test_what_stands_behind_a_picture(picture: Picture) -> None:
    assert whole(picture("JPEG") + bytes(1000), "JPEG")
    assert whole(picture("PNG") + b"more", "PNG")
    assert whole(picture("GIF") + bytes(3), "GIF")


def test_a_long_segment_does_not_hide_the_end(picture: Picture) -> None:
    assert whole(picture("JPEG", 30, 20, icc_profile=bytes(300_000)), "JPEG")


def test_a_changed_byte_of_a_png_shows(picture: Picture) -> None:
    data = bytearray(picture("PNG", 300, 300))
    data[len(data) // 2] ^= 1
    assert not whole(bytes(data), "PNG")


def test_boxes_must_hold_a_picture() -> None:
    ftyp, meta = b"\0\0\0\x0cftypavif", b"\0\0\0\x08meta"
    assert whole(ftyp + meta, "image/avif")
    assert not whole(ftyp, "image/avif")
    assert not whole(ftyp + meta + b"\0\0\0\x09mdat", "image/heic")


def test_an_unknown_format_passes() -> None:
    assert whole(b"anything", "image/x-new")


@given(
    st.sampled_from(KNOWN), st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8", b"\x89PNG\r\n\x1a\n"])
)
def test_noise_ends_in_an_answer(mime_type: str, data: bytes, start: bytes) -> None:
    assert whole(start + data, mime_type) in (True, False)


def test_endless_fill_bytes_are_given_up() -> None:
    assert not whole(b"\xff\xd8" + b"\xff" * 5_000_000, "JPEG")
