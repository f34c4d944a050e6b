"""What a model can do is checked before money is spent, and told in the client's own words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from translators.canonical import MediaInput, MediaRequest, Modality, Part, Role, Turn
from translators.errors import Fault, MediaError
from translators.facts import ModelFacts
from translators.validate import validate

VEO = ModelFacts(
    id="veo-3.1-generate-001",
    wire="veo",
    modality=Modality.VIDEO,
    platform="vertex",
    aspect_ratios=("16:9", "9:16"),
    durations=(4, 6, 8),
    resolutions=("720p", "1080p", "4k"),
    resolution_durations={"4k": (8,)},
    frame_rates=(24,),
    input_types=("image/png", "image/jpeg"),
    max_inputs=2,
    max_count=4,
    last_frame=True,
    last_frame_needs_first=True,
    audio="optional",
    parameters=frozenset(
        {
            "seed",
            "storage_uri",
            "fps",
            "generate_audio",
            "compression_quality",
            "resize_mode",
            "pubsub_topic",
            "labels",
            "person_generation",
            "negative_prompt",
            "enhance_prompt",
        }
    ),
    always_on=frozenset({"enhance_prompt"}),
)
VEO_ON_GEMINI = replace(
    VEO,
    id="veo-3.1-generate-preview",
    platform="gemini",
    resolution_durations={"1080p": (8,), "4k": (8,)},
    audio="always",
    parameters=frozenset({"seed", "person_generation", "negative_prompt"}),
    always_on=frozenset({"generate_audio"}),
)
FAST = replace(VEO, id="veo-3.0-fast-generate-001", last_frame=False, max_inputs=1)
PRO = ModelFacts(
    id="gemini-3-pro-image",
    wire="gemini-image",
    modality=Modality.IMAGE,
    platform="gemini",
    aspect_ratios=("1:1", "4:3", "16:9", "9:16"),
    image_sizes=("1K", "2K", "4K"),
    input_types=("image/png", "image/jpeg", "image/webp"),
    max_inputs=3,
    parameters=frozenset({"negative_prompt", "seed"}),
)
PRO_ON_VERTEX = replace(
    PRO, platform="vertex", parameters=PRO.parameters | {"person_generation", "output_format", "labels"}
)
FLASH = replace(PRO, id="gemini-2.5-flash-image", image_sizes=("1K",))
FLASH_512 = replace(PRO, id="gemini-3.1-flash-image", image_sizes=("512", "1K", "2K", "4K"))

PNG = MediaInput(mime_type="image/png", data="iVBORw0KGgo=", param="messages[0].content[1]")


def asked(facts: ModelFacts, **values: Any) -> MediaRequest:
    pictures = tuple(Part(media=media) for media in values.pop("pictures", ()))
    turn = Turn(role=Role.CLIENT, parts=(Part(text="A cat"), *pictures))
    return MediaRequest(modality=facts.modality, model=facts.id, turns=(turn,), **values)


def refusal(facts: ModelFacts, **values: Any) -> MediaError:
    with pytest.raises(MediaError) as caught:
        validate(asked(facts, **values), facts)
    assert caught.value.fault is Fault.INVALID_REQUEST
    assert caught.value.code == "invalid_value"
    assert caught.value.billed is None
    return caught.value


PASSED: list[tuple[ModelFacts, dict[str, Any], dict[str, Any]]] = [
    (VEO, {}, {}),
    (VEO, {"duration_seconds": 8, "resolution": "4K"}, {"duration_seconds": 8, "resolution": "4k"}),
    (VEO, {"duration_seconds": 4, "resolution": "1080P"}, {"resolution": "1080p"}),
    (VEO_ON_GEMINI, {"resolution": "1080p"}, {"resolution": "1080p"}),
    (VEO, {"person_generation": "ALLOW_ADULT"}, {"person_generation": "allow_adult"}),
    (VEO, {"person_generation": "block"}, {"person_generation": "dont_allow"}),
    (VEO, {"person_generation": "disallow"}, {"person_generation": "disallow"}),
    (PRO_ON_VERTEX, {"person_generation": "ALLOW_ALL"}, {"person_generation": "allow_all"}),
    (PRO_ON_VERTEX, {"person_generation": "disallow"}, {"person_generation": "allow_none"}),
    (VEO, {"compression_quality": "lossless"}, {"compression_quality": "LOSSLESS"}),
    (VEO, {"resize_mode": "PAD"}, {"resize_mode": "pad"}),
    (VEO, {"seed": 2**32 - 1, "fps": 24, "count": 10}, {"seed": 2**32 - 1}),
    (
        VEO,
        {"enhance_prompt": True, "generate_audio": False},
        {"enhance_prompt": True, "generate_audio": False},
    ),
    (VEO_ON_GEMINI, {"generate_audio": True}, {"generate_audio": None}),
    (replace(VEO, audio="none", parameters=frozenset()), {"generate_audio": False}, {"generate_audio": None}),
    (VEO, {"storage_uri": "gs://films-bucket/a/"}, {"storage_uri": "gs://films-bucket/a/"}),
    (VEO, {"pubsub_topic": "projects/p/topics/t"}, {}),
    (VEO, {"labels": {"team": "films", "größe": ""}}, {}),
    (VEO, {"first_frame": PNG, "last_frame": PNG}, {}),
    (PRO, {"image_size": "2k"}, {"image_size": "2K"}),
    (FLASH, {"image_size": "1k"}, {"image_size": None}),
    (FLASH_512, {"image_size": "512"}, {"image_size": "512"}),
    (PRO, {"pictures": (PNG,)}, {}),
    (PRO, {"pictures": (replace(PNG, mime_type="image/JPG; charset=binary"),)}, {}),
    (PRO, {"pictures": (replace(PNG, mime_type="image/gif"), replace(PNG, mime_type=""))}, {}),
    (PRO, {"extra": {"google": {"topK": 1}}}, {}),
    (PRO, {"extra": {"gemini": {"topK": 1}, "vertex": {"topK": 1}}}, {}),
    (PRO, {"extra": {"openai": {}}}, {}),
    (replace(VEO, durations=(), resolutions=(), aspect_ratios=()), {"duration_seconds": 99}, {}),
]


@pytest.mark.parametrize(("facts", "values", "wanted"), PASSED)
def test_passes_what_the_model_can_do(
    facts: ModelFacts, values: dict[str, Any], wanted: dict[str, Any]
) -> None:
    checked = validate(asked(facts, **values), facts)
    for field, value in wanted.items():
        assert getattr(checked, field) == value
    assert validate(checked, facts) == checked


ON_VERTEX = "veo-3.1-generate-001 on Vertex AI"
ON_GEMINI = "veo-3.1-generate-preview on the Gemini API"
REFUSED: list[tuple[ModelFacts, dict[str, Any], str, str]] = [
    (
        VEO,
        {"duration_seconds": 5},
        "video_config.duration_seconds",
        f"cannot be 5 with {ON_VERTEX}; it can be 4, 6 or 8. The nearest are 4 and 6.",
    ),
    (
        VEO,
        {"duration_seconds": 60},
        "video_config.duration_seconds",
        f"cannot be 60 with {ON_VERTEX}; it can be 4, 6 or 8. The nearest is 8.",
    ),
    (
        VEO,
        {"resolution": "480p"},
        "video_config.resolution",
        f'cannot be "480p" with {ON_VERTEX}; it can be "720p", "1080p" or "4k". The nearest is "720p".',
    ),
    (
        VEO,
        {"resolution": "2160p"},
        "video_config.resolution",
        f'cannot be "2160p" with {ON_VERTEX}; it can be "720p", "1080p" or "4k". The nearest is "4k".',
    ),
    (
        VEO,
        {"resolution": "huge"},
        "video_config.resolution",
        f'cannot be "huge" with {ON_VERTEX}; it can be "720p", "1080p" or "4k".',
    ),
    (
        VEO,
        {"resolution": "4k", "duration_seconds": 6},
        "video_config.duration_seconds",
        f"cannot be 6 at 4k with {ON_VERTEX}; it can be 8. Ask for 8 seconds, or for 720p or 1080p.",
    ),
    (
        VEO_ON_GEMINI,
        {"resolution": "1080p", "duration_seconds": 4},
        "video_config.duration_seconds",
        f"cannot be 4 at 1080p with {ON_GEMINI}; it can be 8. Ask for 8 seconds, or for 720p.",
    ),
    (
        VEO,
        {"aspect_ratio": "1:1"},
        "video_config.aspect_ratio",
        f'cannot be "1:1" with {ON_VERTEX}; it can be "16:9" or "9:16". The nearest are "16:9" and "9:16".',
    ),
    (
        PRO,
        {"aspect_ratio": "1:8"},
        "image_config.aspect_ratio",
        (
            'cannot be "1:8" with gemini-3-pro-image on the Gemini API; '
            'it can be "1:1", "4:3", "16:9" or "9:16". The nearest is "9:16".'
        ),
    ),
    (
        PRO,
        {"image_size": "512"},
        "image_config.image_size",
        (
            'cannot be "512" with gemini-3-pro-image on the Gemini API; '
            'it can be "1K", "2K" or "4K". The nearest is "1K".'
        ),
    ),
    (
        FLASH,
        {"image_size": "4K"},
        "image_config.image_size",
        'cannot be "4K" with gemini-2.5-flash-image on the Gemini API; it can be "1K". The nearest is "1K".',
    ),
    (
        VEO,
        {"fps": 30},
        "video_config.fps",
        f"cannot be 30 with {ON_VERTEX}; it can be 24. The nearest is 24.",
    ),
    (VEO, {"count": 11}, "video_config.sample_count", "must be from 1 to 10, not 11. The nearest is 10."),
    (PRO, {"count": 0}, "image_config.n", "must be from 1 to 10, not 0. The nearest is 1."),
    (
        VEO,
        {"last_frame": PNG},
        "video_config.last_frame",
        f"needs a first frame with {ON_VERTEX}. Give 'video_config.image'.",
    ),
    (
        FAST,
        {"first_frame": PNG, "last_frame": PNG},
        "video_config.last_frame",
        "is not taken by veo-3.0-fast-generate-001 on Vertex AI. Leave it out, or use another model.",
    ),
    (
        VEO_ON_GEMINI,
        {"storage_uri": "gs://films-bucket/"},
        "video_config.storage_uri",
        f"is not taken by {ON_GEMINI}. Vertex AI takes it; leave it out here.",
    ),
    (
        VEO_ON_GEMINI,
        {"enhance_prompt": True},
        "video_config.enhance_prompt",
        f"is not taken by {ON_GEMINI}. Leave it out.",
    ),
    (
        VEO_ON_GEMINI,
        {"generate_audio": False},
        "video_config.generate_audio",
        f"cannot be false with {ON_GEMINI}: it is always on. Leave it out.",
    ),
    (
        VEO,
        {"enhance_prompt": False},
        "video_config.enhance_prompt",
        f"cannot be false with {ON_VERTEX}: it is always on. Leave it out.",
    ),
    (
        PRO,
        {"output_format": "png"},
        "image_config.output_format",
        "is not taken by gemini-3-pro-image on the Gemini API. Vertex AI takes it; leave it out here.",
    ),
    (
        PRO_ON_VERTEX,
        {"output_format": "webp"},
        "image_config.output_format",
        'cannot be "webp" with gemini-3-pro-image on Vertex AI; it can be "png" or "jpeg".',
    ),
    (
        PRO,
        {"duration_seconds": 8},
        "video_config.duration_seconds",
        "is for films; gemini-3-pro-image on the Gemini API makes pictures.",
    ),
    (VEO, {"image_size": "1K"}, "image_config.image_size", f"is for pictures; {ON_VERTEX} makes films."),
    (
        VEO,
        {"seed": -1},
        "video_config.seed",
        f"cannot be -1 with {ON_VERTEX}; it can be from 0 to 4294967295. The nearest is 0.",
    ),
    (
        PRO,
        {"seed": 2**31},
        "image_config.seed",
        (
            "cannot be 2147483648 with gemini-3-pro-image on the Gemini API; "
            "it can be from -2147483648 to 2147483647. The nearest is 2147483647."
        ),
    ),
    (
        VEO,
        {"person_generation": "allow_adults"},
        "video_config.person_generation",
        (
            f'cannot be "allow_adults" with {ON_VERTEX}; it can be "allow_all", "allow_adult", '
            '"dont_allow" or "disallow". The nearest is "allow_adult".'
        ),
    ),
    (
        VEO_ON_GEMINI,
        {"person_generation": "allow_all", "first_frame": PNG},
        "video_config.person_generation",
        f'can only be "allow_adult" with a picture and {ON_GEMINI}.',
    ),
    (
        VEO,
        {"compression_quality": "best"},
        "video_config.compression_quality",
        f'cannot be "best" with {ON_VERTEX}; it can be "OPTIMIZED" or "LOSSLESS".',
    ),
    (
        VEO,
        {"resize_mode": "fit"},
        "video_config.resize_mode",
        f'cannot be "fit" with {ON_VERTEX}; it can be "crop" or "pad".',
    ),
    (
        VEO,
        {"storage_uri": "s3://bucket/a"},
        "video_config.storage_uri",
        'must be a bucket such as gs://my-bucket/films/, not "s3://bucket/a".',
    ),
    (
        VEO,
        {"pubsub_topic": "films"},
        "video_config.pubsub_topic",
        'must be a topic such as projects/my-project/topics/films, not "films".',
    ),
    (
        VEO,
        {"labels": {"Team": "films"}},
        "video_config.labels",
        'has a label "Team"; a name is a letter and then up to 63 lower-case letters, digits, _ and -.',
    ),
    (
        VEO,
        {"labels": {"team": "A b"}},
        "video_config.labels",
        'has "A b" as the value of "team"; a value is up to 63 lower-case letters, digits, _ and -.',
    ),
    (
        VEO,
        {"labels": {f"l{n}": "" for n in range(65)}},
        "video_config.labels",
        f"has 65 labels; {ON_VERTEX} takes at most 64.",
    ),
    (
        PRO,
        {"pictures": (PNG, PNG, PNG, replace(PNG, param="messages[0].content[4]"))},
        "messages[0].content[4]",
        "is one picture too many: gemini-3-pro-image on the Gemini API takes at most 3 pictures, not 4.",
    ),
    (
        replace(PRO, max_inputs=0),
        {"pictures": (replace(PNG, param=""),)},
        "messages",
        "is one picture too many: gemini-3-pro-image on the Gemini API takes no pictures, not 1.",
    ),
    (
        VEO,
        {"first_frame": replace(PNG, mime_type="image/heic", param="video_config.image")},
        "video_config.image",
        f'is "image/heic", which {ON_VERTEX} does not take; it takes image/png and image/jpeg.',
    ),
    (
        PRO,
        {"extra": {"vertex": {"outputConfig": {}}}},
        "extra.vertex",
        'has "outputConfig" for Vertex AI; this is gemini-3-pro-image on the Gemini API. Leave it out.',
    ),
    (
        VEO,
        {"extra": {"openai": {"style": "x"}, "vertex": {"a": 1}}},
        "extra.openai",
        f'has "style" for openai; this is {ON_VERTEX}. Leave it out.',
    ),
]


@pytest.mark.parametrize(("facts", "values", "param", "text"), REFUSED)
def test_refuses_with_the_legal_values(
    facts: ModelFacts, values: dict[str, Any], param: str, text: str
) -> None:
    error = refusal(facts, **values)
    assert error.param == param
    assert str(error) == f"'{param}' {text}"


def test_a_long_value_is_not_repeated_whole() -> None:
    assert len(str(refusal(VEO, resolution="x" * 5000))) < 300
