"""The settings of films and pictures."""

import pytest

from translators.canonical import JSON, MediaInput
from translators.clients._fields import Fields, Layer, fields_of
from translators.clients._media_fields import (
    delivery,
    extra_values,
    film_values,
    picture_values,
    shared_values,
)
from translators.errors import MediaError


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ({}, {}),
        ({"unknown": 1}, {}),
        ({"duration_seconds": "8", "duration": 4}, {"duration_seconds": 8}),
        ({"size": "1920x1080"}, {"aspect_ratio": "16:9", "resolution": "1080p"}),
        ({"size": "1920x1080", "resolution": "4K"}, {"aspect_ratio": "16:9", "resolution": "4k"}),
        ({"sample_count": 2, "n": 3}, {"count": 2}),
        ({"generate_audio": False}, {"generate_audio": False}),
        ({"image": "asset_1"}, {"first_frame": MediaInput(reference="asset_1", param="image")}),
        ({"mask": None, "video": ""}, {}),
    ],
)
def test_what_a_film_is_asked_with(given: JSON, values: JSON) -> None:
    assert film_values(fields_of(given)) == values


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ({"aspect_ratio": " 1:1 ", "image_size": "1k"}, {"aspect_ratio": "1:1", "image_size": "1K"}),
        ({"image_size": 512}, {"image_size": "512"}),
        ({"resolution": "2k"}, {"image_size": "2K"}),
        ({"size": "1024x1024", "image_size": "2K"}, {"aspect_ratio": "1:1", "image_size": "2K"}),
        ({"output_format": "JPG", "n": "2", "seed": -1}, {"output_format": "jpeg", "count": 2, "seed": -1}),
    ],
)
def test_what_a_picture_is_asked_with(given: JSON, values: JSON) -> None:
    assert picture_values(fields_of(given)) == values


@pytest.mark.parametrize("size", [True, [], {}, "x" * 30])
def test_a_wrong_picture_size_is_named(size: JSON) -> None:
    with pytest.raises(MediaError) as caught:
        picture_values(fields_of({"image_size": size}))
    assert caught.value.param == "image_size"


@pytest.mark.parametrize(
    "name", ["reference_images", "extend_video", "mask", "remix", "video", "frame_images"]
)
def test_a_mode_of_a_later_version_is_refused(name: str) -> None:
    with pytest.raises(MediaError) as caught:
        film_values(fields_of({name: "video_1"}, "video_config"))
    assert (caught.value.param, caught.value.code) == (f"video_config.{name}", "unsupported_parameter")


def test_a_flat_field_beats_a_nested_one() -> None:
    fields = Fields((Layer({"seconds": "4"}), Layer({"duration_seconds": 8, "fps": 24}, "video_config")))
    assert film_values(fields) == {"duration_seconds": 4, "fps": 24}


def test_the_top_of_a_body_gives_count_and_seed() -> None:
    assert shared_values(fields_of({"n": 2, "seed": 3, "size": "big"})) == {"count": 2, "seed": 3}


def test_delivery() -> None:
    assert delivery(fields_of({})) == ""
    assert delivery(fields_of({"delivery": "URL"})) == "url"


@pytest.mark.parametrize(
    ("body", "extra"),
    [
        ({}, {}),
        ({"extra_body": {"google": {"a": 1}}}, {"gemini": {"a": 1}, "vertex": {"a": 1}}),
        ({"google": {"a": 1}}, {"gemini": {"a": 1}, "vertex": {"a": 1}}),
        ({"extra": {"gemini": {"a": 1}}}, {"gemini": {"a": 1}}),
        ({"google": {"a": 1}, "extra": {"vertex": {"a": 2}}}, {"gemini": {"a": 1}, "vertex": {"a": 2}}),
        ({"extra": {"sora-web": {}}}, {}),
    ],
)  # fmt: skip
def test_what_one_platform_knows(body: JSON, extra: JSON) -> None:
    assert extra_values(fields_of(body)) == extra


@pytest.mark.parametrize(
    "body", [{"extra": 5}, {"extra_body": []}, {"extra": {"gemini": "x"}}, {"google": 1}]
)
def test_extra_is_made_of_objects(body: JSON) -> None:
    with pytest.raises(MediaError, match="must be an object"):
        extra_values(fields_of(body))
