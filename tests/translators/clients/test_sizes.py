"""Pixel sizes in the terms of Google's models."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translators.clients._sizes import PICTURE_RATIOS, film_pixels, film_size, picture_size
from translators.errors import MediaError

# google_wire.md 3.1, the pixel table at 1K: each true size finds its own ratio
TABLE = {
    "1024x1024": "1:1", "848x1264": "2:3", "1264x848": "3:2", "896x1200": "3:4", "1200x896": "4:3",
    "928x1152": "4:5", "1152x928": "5:4", "768x1376": "9:16", "1376x768": "16:9", "1584x672": "21:9",
    "512x2048": "1:4", "2048x512": "4:1", "384x3072": "1:8", "3072x384": "8:1",
}  # fmt: skip


@pytest.mark.parametrize(("size", "ratio"), TABLE.items())
def test_a_true_size_finds_its_ratio(size: str, ratio: str) -> None:
    assert picture_size(size, "size")[0] == ratio


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ("auto", (None, None)), ("AUTO", (None, None)), ("2k", (None, "2K")), ("512", (None, "512")),
        ("1536x1024", ("3:2", "1K")), ("1024X1536", ("2:3", "1K")), ("1792x1024", ("16:9", "2K")),
        ("2800x2800", ("1:1", "2K")), ("2801x2801", ("1:1", "4K")), ("3840x2160", ("16:9", "4K")),
        ("256x256", ("1:1", "1K")),
    ],
)  # fmt: skip
def test_openai_sizes(size: str, wanted: tuple[str | None, str | None]) -> None:
    assert picture_size(size, "size") == wanted


@pytest.mark.parametrize("size", ["big", "0x0", "1024x", "99999x1024", "-1x5", "1024x1024x3", "15x1024"])
def test_no_picture_has_this_size(size: str) -> None:
    with pytest.raises(MediaError, match="1024x1024"):
        picture_size(size, "size")


@given(st.integers(16, 8192), st.integers(16, 8192))
def test_every_size_has_a_ratio_and_a_tier(wide: int, high: int) -> None:
    ratio, tier = picture_size(f"{wide}x{high}", "size")
    assert ratio in PICTURE_RATIOS
    assert tier in ("1K", "2K", "4K")


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ("1280x720", ("16:9", "720p")), ("720x1280", ("9:16", "720p")), ("1920x1080", ("16:9", "1080p")),
        ("1080x1920", ("9:16", "1080p")), ("3840x2160", ("16:9", "4k")), ("auto", (None, None)),
        ("1080P", (None, "1080p")), ("4K", (None, "4k")),
    ],
)  # fmt: skip
def test_film_sizes(size: str, wanted: tuple[str | None, str | None]) -> None:
    assert film_size(size, "size") == wanted


@pytest.mark.parametrize("size", ["1792x1024", "1280x1280", "0x0", "large", "1281x720"])
def test_an_impossible_film_size_names_the_possible_ones(size: str) -> None:
    with pytest.raises(MediaError, match="1280x720, 720x1280, 1920x1080"):
        film_size(size, "size")


@pytest.mark.parametrize(
    ("ratio", "resolution", "size"),
    [
        (None, None, "1280x720"), ("9:16", None, "720x1280"), ("16:9", "1080p", "1920x1080"),
        ("9:16", "4k", "2160x3840"), ("1:1", "720p", "1280x1280"), ("0:0", "8k", "1280x720"),
        ("wide", "720p", "1280x720"),
    ],
)  # fmt: skip
def test_the_size_of_a_film_to_come(ratio: str | None, resolution: str | None, size: str) -> None:
    assert film_pixels(ratio, resolution) == size
