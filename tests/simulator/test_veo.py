from typing import Any

import pytest

from simulator.errors import GoogleError
from simulator.fields import normalise
from simulator.models import GEMINI, MODELS, VERTEX, VideoModel
from simulator.veo import FilmRequest, read_film_request
from tests.simulator.wire import base64_of, still

LITE = "veo-3.1-lite-generate-001"
FULL = "veo-3.1-generate-001"
LEGACY = "veo-3.1-generate-preview"
LINK = {"uri": "https://h/v1beta/files/abc:download?alt=media"}
GCS_FILM = {"gcsUri": "gs://b/in.mp4", "mimeType": "video/mp4"}


def read(model: str, instance: dict[str, Any], parameters: dict[str, Any], **top: Any) -> FilmRequest:
    known = MODELS[model]
    assert isinstance(known, VideoModel)
    body = {"instances": [{"prompt": "A cat", **instance}], "parameters": parameters, **top}
    platform = next(iter(known.platforms))
    return read_film_request(normalise(body), known, platform, allow_all=True)


def reference(kind: str = "ASSET") -> dict[str, Any]:
    return {"image": still(), "referenceType": kind}


@pytest.mark.parametrize(
    ("model", "instance", "parameters", "words"),
    [
        (FULL, {}, {"durationSeconds": 5}, "supported durations are [4, 6, 8]"),
        (FULL, {}, {"durationSeconds": "4s"}, "whole number"),
        (FULL, {}, {"aspectRatio": "1:1"}, "aspectRatio"),
        (FULL, {}, {"resolution": "480p"}, "resolution"),
        (FULL, {}, {"resolution": "4k", "durationSeconds": 4}, "must be 8 with resolution 4k"),
        (LITE, {}, {"resolution": "4k"}, "resolution"),
        (LITE, {"referenceImages": [reference()]}, {}, "`referenceImages` isn't supported"),
        (LITE, {"video": GCS_FILM}, {}, "`video` isn't supported"),
        (FULL, {"video": GCS_FILM}, {"durationSeconds": 4}, "must be 8 with video extension"),
        (FULL, {"referenceImages": [reference()]}, {"durationSeconds": 6}, "must be 8 with reference images"),
        (FULL, {"referenceImages": [reference()] * 4}, {}, "At most 3"),
        (FULL, {"referenceImages": [reference("STYLE")]}, {}, "STYLE"),
        (FULL, {"referenceImages": [reference()], "image": still()}, {}, "cannot be combined"),
        (FULL, {"referenceImages": [reference()], "lastFrame": still()}, {}, "cannot be combined"),
        (FULL, {"video": GCS_FILM, "image": still()}, {}, "cannot be combined"),
        (FULL, {"image": {"inlineData": {"data": "x"}}}, {}, "`inlineData` isn't supported"),
        (FULL, {"inlineData": {"data": "x"}}, {}, "`inlineData` isn't supported"),
        (FULL, {"mask": {**still(), "maskMode": "INSERT"}}, {}, "`mask` requires `video`"),
        (FULL, {"mask": {**still(), "maskMode": "BLUR"}}, {}, "maskMode"),
        (FULL, {"prompt": ""}, {}, "text prompt or an input image"),
        (FULL, {"negativePrompt": "x"}, {}, 'Unknown name "negativePrompt" at \'instances[0]\''),
        (FULL, {}, {"duration": 8}, 'Unknown name "duration" at \'parameters\''),
        (FULL, {}, {"sampleCount": 5}, "sampleCount"),
        (FULL, {}, {"sampleCount": 0}, "sampleCount"),
        (FULL, {}, {"fps": 30}, "fps"),
        (FULL, {}, {"seed": -1}, "seed"),
        (FULL, {}, {"seed": 2**32}, "seed"),
        (FULL, {}, {"enhancePrompt": False}, "enhancePrompt"),
        (FULL, {}, {"generateAudio": "yes"}, "boolean"),
        (FULL, {}, {"personGeneration": "anyone"}, "personGeneration"),
        (FULL, {}, {"compressionQuality": "BEST"}, "compressionQuality"),
        (FULL, {}, {"resizeMode": "STRETCH"}, "resizeMode"),
        (FULL, {}, {"pubsubTopic": "t"}, "pubsubTopic"),
        (FULL, {}, {"storageUri": "s3://b"}, "gs://"),
        (LEGACY, {}, {"sampleCount": 2}, "sampleCount"),
        (LEGACY, {}, {"resolution": "1080p", "durationSeconds": 4}, "must be 8 with resolution 1080p"),
        (LEGACY, {"video": LINK}, {"resolution": "1080p"}, "720p only"),
        (LEGACY, {"lastFrame": still()}, {}, "`lastFrame` requires `image`"),
        (LEGACY, {"image": {"gcsUri": "gs://b/a.png"}}, {}, "`gcsUri` isn't supported"),
        (LEGACY, {}, {"personGeneration": "allow_adult"}, "personGeneration"),
        (LEGACY, {"image": still()}, {"personGeneration": "allow_all"}, "personGeneration"),
        (LEGACY, {"mask": {}}, {}, "`mask` isn't supported"),
        *[
            (LEGACY, {}, {name: value}, f"`{name}` isn't supported")
            for name, value in (
                ("storageUri", "gs://b"), ("fps", 24), ("generateAudio", True),
                ("compressionQuality", "OPTIMIZED"), ("resizeMode", "PAD"),
                ("pubsubTopic", "projects/p/topics/t"),
            )
        ],
    ],
)  # fmt: skip
def test_refused(model: str, instance: dict[str, Any], parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(GoogleError) as caught:
        read(model, instance, parameters)
    assert caught.value.code == 400
    assert words in caught.value.message


def test_the_defaults() -> None:
    film = read(FULL, {}, {})
    assert (film.seconds, film.aspect, film.resolution, film.count, film.audio) == (
        8,
        "16:9",
        "720p",
        1,
        True,
    )
    assert film.size == (1280, 720)


def test_everything_on_vertex() -> None:
    film = read(FULL, {}, {
        "sampleCount": 4, "storageUri": "gs://bucket/prefix/", "fps": 24, "durationSeconds": 8, "seed": 7,
        "aspectRatio": "9:16", "resolution": "4k", "personGeneration": "allow_adult",
        "pubsubTopic": "projects/p/topics/t", "negativePrompt": "cartoon", "enhancePrompt": True,
        "generateAudio": False, "compressionQuality": "OPTIMIZED",
    }, labels={"team": "x"})  # fmt: skip
    assert (film.count, film.size, film.audio, film.storage) == (
        4,
        (2160, 3840),
        False,
        "gs://bucket/prefix/",
    )


def test_everything_on_gemini_in_either_spelling() -> None:
    instance = {"image": still(), "last_frame": still()}
    parameters = {
        "duration_seconds": "8",
        "seed": 7,
        "negative_prompt": "x",
        "person_generation": "allow_adult",
    }
    film = read(LEGACY, instance, parameters, webhookConfig={"uris": ["https://h"]})
    assert film.first is not None
    assert film.last is not None
    encoded = {"video": {"encodedVideo": base64_of(b"x"), "encoding": "video/mp4"}}
    assert read(LEGACY, encoded, {}).extension


@pytest.mark.parametrize(("model", "top"), [(LEGACY, "labels"), (FULL, "webhookConfig"), (FULL, "prompt")])
def test_members_of_the_other_platform(model: str, top: str) -> None:
    with pytest.raises(GoogleError, match=f'Unknown name "{top}"'):
        read(model, {}, {}, **{top: {}})


@pytest.mark.parametrize("instances", [[], [{"prompt": "a"}, {"prompt": "b"}]])
def test_one_instance_only(instances: list[dict[str, str]]) -> None:
    with pytest.raises(GoogleError, match="exactly one"):
        read_film_request({"instances": instances}, MODELS[FULL], VERTEX, allow_all=True)  # type: ignore[arg-type]


def test_allow_listing() -> None:
    model = MODELS[FULL]
    assert isinstance(model, VideoModel)
    body = {"instances": [{"prompt": "x"}], "parameters": {"personGeneration": "allow_all"}}
    read_film_request(body, model, VERTEX, allow_all=True)
    with pytest.raises(GoogleError, match="personGeneration"):
        read_film_request(body, model, VERTEX, allow_all=False)


def test_gemini_is_gemini() -> None:
    assert read(LEGACY, {}, {}).platform == GEMINI
