"""What a client's picture must be to go on."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from proxy.assets.picture import HEAD, MOST_BYTES, Finding, first_frame, inspect
from tests.proxy.assets.conftest import Film, Picture
from translators.errors import Fault, MediaError


def refused(data: bytes, claimed: str = "", size: int | None = None) -> MediaError:
    with pytest.raises(MediaError) as raised:
        inspect(data[:HEAD], len(data) if size is None else size, claimed, "messages[0].content[1]")
    assert raised.value.fault is Fault.INVALID_REQUEST
    assert raised.value.param == "messages[0].content[1]"
    assert raised.value.advice
    return raised.value


@pytest.mark.parametrize("claimed", ["", "image/png", "image/jpeg", "application/octet-stream", "image/jpg"])
def test_the_bytes_say_what_a_picture_is(picture: Picture, claimed: str) -> None:
    assert inspect(picture("JPEG", 30, 20)[:HEAD], 5000, claimed, "image") == Finding("image/jpeg", 30, 20)


def test_films_are_let_through(film: Film) -> None:
    assert inspect(film()[:HEAD], 5000, "video/mp4", "video") == Finding("video/mp4")


@pytest.mark.parametrize(
    "data", [b"hello, I am text" * 10, b"<html></html>", b"<svg/>", b"%PDF-1.7\n", b"\0" * 100, b"PNG"]
)
def test_other_files_are_refused(data: bytes) -> None:
    error = refused(data, "image/png")
    assert error.code == "unsupported_image_media_type"
    assert "'image/png'" in error.message


def test_a_film_is_no_picture_and_a_picture_no_film(picture: Picture, film: Film) -> None:
    assert refused(film(), "image/png").code == "unsupported_image_media_type"
    assert refused(picture(), "video/mp4").code == "unsupported_image_media_type"


def test_empty_and_cut_off_pictures_are_refused(picture: Picture) -> None:
    assert refused(b"").code == "empty_image_file"
    for form in ("PNG", "JPEG", "WEBP"):
        assert refused(picture(form)[:15]).code in {"image_parse_error", "unsupported_image_media_type"}
    assert refused(picture("PNG")[:30]).code == "image_parse_error"


def test_too_many_bytes_are_refused(picture: Picture) -> None:
    assert refused(picture(), size=MOST_BYTES["image"] + 1).code == "image_too_large"
    assert inspect(picture(), MOST_BYTES["image"], "", "image")


@pytest.mark.parametrize(
    "head",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + struct.pack(">II", 60_000, 60_000) + bytes(20),
        b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + bytes(20),
        b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0",
        b"\xff\xd8\xff\xc0\0\x11\x08" + struct.pack(">HH", 65_000, 65_000) + bytes(20),
    ],
)
def test_pictures_of_too_many_pixels_are_refused_by_their_header(head: bytes) -> None:
    error = refused(head)
    assert error.code == "image_too_large"
    assert "pixels" in error.message


def test_a_long_header_asks_for_more(picture: Picture) -> None:
    data = picture("JPEG", 30, 20, icc_profile=bytes(300_000))
    assert inspect(data[:HEAD], len(data), "", "image") is None
    assert inspect(data, len(data), "", "image") == Finding("image/jpeg", 30, 20)


def animated(count: int, *, transparent: bool = False) -> bytes:
    frames = [Image.new("RGBA", (20, 10), (number % 256, 100, 50, 255)) for number in range(count)]
    if transparent:
        frames[0].paste((0, 0, 0, 0), (0, 0, 10, 10))
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=20, loop=0, disposal=2)
    return out.getvalue()


def test_the_first_frame_of_a_gif() -> None:
    with Image.open(io.BytesIO(first_frame(animated(300), "image"))) as image:
        assert (image.format, image.size) == ("PNG", (20, 10))
        assert image.convert("RGB").getpixel((3, 3)) == (0, 100, 50)


def test_transparency_is_kept() -> None:
    with Image.open(io.BytesIO(first_frame(animated(3, transparent=True), "image"))) as image:
        assert image.mode == "RGBA"
        assert image.getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize("length", [13, 30, 200])
def test_a_damaged_gif_is_refused(picture: Picture, length: int) -> None:
    with pytest.raises(MediaError) as raised:
        first_frame(picture("GIF", 100, 100)[:length], "image")
    assert raised.value.code == "image_parse_error"


def test_a_frame_larger_than_its_screen_is_refused() -> None:
    screen = b"GIF89a" + struct.pack("<HH", 10, 10) + b"\0\0\0"
    frame = b"," + struct.pack("<HHHH", 0, 0, 60_000, 60_000) + b"\0\x02\x02\x4c\x01\0;"
    with pytest.raises(MediaError):
        first_frame(screen + frame, "image")
