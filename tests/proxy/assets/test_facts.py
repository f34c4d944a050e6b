"""The facts of stored files, and what an error still says of a file that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from proxy.assets.facts import MediaFacts, probe
from proxy.assets.store import UnreadableMediaError
from tests.proxy.assets.conftest import Film, Picture
from translators.errors import Fault


def refused(path: Path, data: bytes, claimed: str = "") -> UnreadableMediaError:
    path.write_bytes(data)
    with pytest.raises(UnreadableMediaError) as raised:
        probe(path, claimed)
    assert raised.value.fault is Fault.BROKEN_ANSWER
    return raised.value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    # Never told apart by its name: the bytes count.
    return tmp_path / "asset.part"


@pytest.mark.parametrize("claimed", ["", "image/png", "application/octet-stream", "binary"])
def test_a_picture(file: Path, picture: Picture, claimed: str) -> None:
    file.write_bytes(picture("WEBP", 50, 20))
    assert probe(file, claimed) == MediaFacts(mime_type="image/webp", width=50, height=20)


def test_a_film(file: Path, film: Film) -> None:
    file.write_bytes(film("mp4", "libx264", sound=True))
    found = probe(file, "video/webm")
    assert (found.mime_type, found.codec, found.width, found.height) == ("video/mp4", "h264", 64, 48)
    assert found.has_audio is True


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_damaged_picture_has_its_type(file: Path, picture: Picture, form: str) -> None:
    data = picture(form, 300, 200)
    for size in (20, len(data) // 2, len(data) - 2):
        assert refused(file, data[:size]).mime_type == f"image/{form.lower()}"


@pytest.mark.parametrize(("suffix", "codec"), [("mp4", "mpeg4"), ("mov", "mpeg4"), ("webm", "libvpx")])
def test_a_damaged_film_has_its_type(file: Path, film: Film, suffix: str, codec: str) -> None:
    data = film(suffix, codec)
    expected = "video/quicktime" if suffix == "mov" else f"video/{suffix}"
    for size in (64, len(data) // 2, len(data) - 30):
        assert refused(file, data[:size], "video/mp4").mime_type == expected


def test_the_other_kind_is_refused_by_its_own_type(file: Path, picture: Picture, film: Film) -> None:
    assert refused(file, picture("PNG"), "video/mp4").mime_type == "image/png"
    error = refused(file, film(), "image/png")
    assert (error.mime_type, error.message) == (
        "video/mp4",
        "A film came where a picture was expected.",
    )


def test_what_is_no_media_has_no_type(file: Path) -> None:
    assert refused(file, b"<html></html>", "video/mp4").mime_type == ""
    assert refused(file, b"", "video/mp4").message == "The media came empty."


def test_a_file_that_is_not_there_is_no_damage(file: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe(file)
