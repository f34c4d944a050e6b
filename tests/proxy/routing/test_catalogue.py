"""The shipped catalogue holds together, and a config's own entries and aliases lie over it."""

from __future__ import annotations

from typing import Any

import pytest

from proxy.routing.catalogue import Catalogue, CatalogueError
from translators.canonical import Modality
from translators.facts import Lifecycle, ModelFacts
from translators.upstreams import UPSTREAMS

SHIPPED = Catalogue.load()
MODELS = SHIPPED.models()
SEEDS = (
    "gemini-3-pro-image-preview",
    "gemini-3.1-flash-image-preview",
    "gemini-2.5-flash-image-preview",
    "gemini-2.5-flash-image",
    "gemini-2.0-flash-preview-image-generation",
    "veo-3.1-generate-preview",
    "veo-3.1-fast-generate-preview",
    "veo-3.1-lite-generate-preview",
    "veo-3.1-generate-001",
    "veo-3.1-fast-generate-001",
    "veo-3.0-generate-001",
    "veo-3.0-fast-generate-001",
    "veo-3.0-generate-preview",
    "veo-3.0-fast-generate-preview",
    "veo-2.0-generate-001",
    "veo-2.0-generate-exp",
    "veo-2.0-generate-preview",
    "veo-2",
    "veo-2.0",
    "veo-2.0-exp",
    "veo-3.0-fast",
    "veo-3.1",
    "veo-3.1-fast",
)
OPENAI = (
    "sora-2",
    "sora-2-pro",
    "sora-2-2025-10-06",
    "sora-2-2025-12-08",
    "sora-2-pro-2025-10-06",
    "dall-e-2",
    "dall-e-3",
    "gpt-image-1",
    "gpt-image-1-mini",
    "gpt-image-1.5",
    "gpt-image-2",
    "gpt-image-2-2026-04-21",
    "gpt-image-2.5-sunburst",
    "gpt-image-2.5-sunburst-2026-09-08",
    "gpt-image-2.5-flare-2026-09-08",
    "gpt-image-2.6-sunburst",
    "gpt-image-2.6-flare",
    "chatgpt-image-latest",
)


def named(facts: ModelFacts) -> str:
    return f"{facts.id}@{facts.platform}"


def is_served(model: str) -> bool:
    return any(facts.lifecycle is not Lifecycle.RETIRED for facts in SHIPPED.platforms(model).values())


@pytest.mark.parametrize("facts", MODELS, ids=named)
def test_every_shipped_model_is_described(facts: ModelFacts) -> None:
    assert facts.source
    if facts.wire:
        assert facts.wire in UPSTREAMS
        assert facts.limits_source
        assert facts.aspect_ratios
        assert facts.input_types
        assert facts.max_inputs
        assert facts.typical_seconds
    if facts.lifecycle is not Lifecycle.ACTIVE:
        assert facts.replacement
        assert is_served(facts.replacement)
    if facts.price:
        assert facts.price.source
        assert set(facts.price.usd) <= {*facts.resolutions, *facts.image_sizes}
        assert set(facts.price.silent_usd) <= set(facts.price.usd)
        assert facts.price.per == {Modality.VIDEO: "second", Modality.IMAGE: "image"}[facts.modality]


@pytest.mark.parametrize("facts", [facts for facts in MODELS if facts.wire], ids=named)
def test_the_limits_of_a_film_agree(facts: ModelFacts) -> None:
    film = facts.modality is Modality.VIDEO
    assert bool(facts.durations) == bool(facts.resolutions) == film
    assert bool(facts.image_sizes) != film
    for durations in facts.resolution_durations.values():
        assert set(durations) <= set(facts.durations)
    assert facts.last_frame or not facts.last_frame_needs_first
    assert not facts.last_frame or facts.max_inputs == 2


@pytest.mark.parametrize("name", [*SHIPPED.built_in, *SHIPPED.defaults.values(), *SEEDS, *OPENAI])
def test_every_alias_and_default_ends_at_a_model_that_is_served(name: str) -> None:
    assert is_served(SHIPPED.trail(name)[-1])


@pytest.mark.parametrize("modality", Modality)
def test_a_default_makes_its_modality(modality: Modality) -> None:
    assert SHIPPED.modality(SHIPPED.defaults[modality]) is modality


def test_a_replacement_and_an_alias_of_the_same_model_agree() -> None:
    for model, target in SHIPPED.built_in.items():
        for facts in SHIPPED.platforms(model).values():
            assert facts.replacement == target


STATES = [
    ("gemini-3.1-flash-image", "gemini", "deprecated", "2026-10-29"),
    ("gemini-3.1-flash-image", "vertex", "active", ""),
    ("gemini-2.5-flash-image", "gemini", "deprecated", "2026-10-02"),
    ("gemini-nano-banana-2.1", "gemini", "active", ""),
    ("veo-3.1-generate-001", "vertex", "active", ""),
    ("veo-3.1-lite-generate-001", "vertex", "active", ""),
    ("veo-3.1-generate-preview", "gemini", "retired", "2026-10-22"),
    ("veo-3.0-generate-001", "vertex", "retired", "2026-06-30"),
    ("veo-2.0-generate-001", "gemini", "retired", "2026-06-30"),
    ("gemini-3-pro-image-preview", "gemini", "retired", "2026-06-25"),
    ("imagen-4.0-generate-001", "gemini", "retired", "2026-08-17"),
]


@pytest.mark.parametrize(("model", "platform", "lifecycle", "date"), STATES)
def test_states_of_today(model: str, platform: str, lifecycle: str, date: str) -> None:
    facts = SHIPPED.platforms(model)[platform]
    assert (facts.lifecycle, facts.lifecycle_date) == (lifecycle, date)


LIMITS: list[tuple[str, str, str, Any]] = [
    ("veo-3.1-generate-001", "vertex", "max_count", 4),
    ("veo-3.1-generate-preview", "gemini", "max_count", 1),
    ("veo-3.1-generate-001", "vertex", "resolution_durations", {"4k": (8,)}),
    ("veo-3.1-generate-preview", "gemini", "resolution_durations", {"1080p": (8,), "4k": (8,)}),
    ("veo-3.1-lite-generate-001", "vertex", "resolutions", ("720p", "1080p")),
    ("veo-2.0-generate-exp", "vertex", "durations", (5, 6, 7, 8)),
    ("gemini-3.1-flash-image", "gemini", "image_sizes", ("512", "1K", "2K", "4K")),
    ("gemini-nano-banana-2.1", "gemini", "image_sizes", ("1K", "2K", "4K")),
    ("gemini-2.5-flash-image", "gemini", "image_sizes", ("1K",)),
    ("gemini-2.5-flash-image", "gemini", "max_inputs", 3),
    ("gemini-3-pro-image", "gemini", "parameters", {"negative_prompt", "seed"}),
    ("veo-3.1-generate-preview", "gemini", "always_on", {"generate_audio"}),
]


@pytest.mark.parametrize(("model", "platform", "field", "value"), LIMITS)
def test_limits_of_today(model: str, platform: str, field: str, value: object) -> None:
    assert getattr(SHIPPED.platforms(model)[platform], field) == value


def test_the_config_lies_over_the_shipped_facts_field_by_field() -> None:
    loaded = Catalogue.load(
        {
            "veo-3.1-generate-preview": {"lifecycle": "active"},
            "gemini-3-pro-image": {"max_inputs": 5, "platforms": {"vertex": {"locations": ["global"]}}},
        }
    )
    veo = loaded.platforms("veo-3.1-generate-preview")["gemini"]
    assert veo.lifecycle is Lifecycle.ACTIVE
    assert veo.durations == SHIPPED.platforms(veo.id)["gemini"].durations
    pro = loaded.platforms("gemini-3-pro-image")
    assert {facts.max_inputs for facts in pro.values()} == {5}
    assert (pro["vertex"].locations, pro["gemini"].locations) == (("global",), ())
    assert SHIPPED.platforms("gemini-3-pro-image")["vertex"].max_inputs == 14


def test_the_config_may_bring_a_model_of_its_own() -> None:
    own = {
        "wire": "veo",
        "modality": "video",
        "platforms": ["vertex"],
        "durations": [4],
        "price": {"per": "second", "usd": {"720p": 0.1}},
    }
    facts = Catalogue.load({"veo-4.0": own}).facts("veo-4.0", "vertex")
    assert facts is not None
    assert (facts.durations, facts.lifecycle) == ((4,), Lifecycle.ACTIVE)


BAD: list[tuple[str, dict[str, Any], str]] = [
    (
        "veo-3.1-generate-001",
        {"duration": [4]},
        "veo-3.1-generate-001.duration: no such field; a model has wire,",
    ),
    ("veo-3.1-generate-001", {"durations": ["4"]}, "durations: must be a whole number, 0 or more"),
    ("veo-3.1-generate-001", {"durations": 4}, "durations: must be a list"),
    ("veo-3.1-generate-001", {"last_frame": "yes"}, "last_frame: must be true or false"),
    ("veo-3.1-generate-001", {"lifecycle": "dead"}, "lifecycle: must be one of active, deprecated, retired"),
    ("veo-3.1-generate-001", {"lifecycle_date": "soon"}, "lifecycle_date: must be a day such as 2026-10-22"),
    ("veo-3.1-generate-001", {"aspect_ratios": [969]}, "aspect_ratios: must be a text"),
    ("veo-3.1-generate-001", {"aspect_ratios": ["wide"]}, 'aspect_ratios: must be ratios such as "16:9"'),
    ("veo-3.1-generate-001", {"parameters": ["colour"]}, "parameters: has no meaning for colour; allowed: "),
    ("veo-3.1-generate-001", {"wire": "vea"}, "wire: must be one of gemini-image, veo"),
    ("veo-3.1-generate-001", {"price": {"usd": 1}}, "price: must be one of second, image"),
    (
        "veo-3.1-generate-001",
        {"price": {"eur": 1}},
        "price: has no eur; it has per, usd, silent_usd and source",
    ),
    (
        "veo-3.1-generate-001",
        {"typical_seconds": float("nan")},
        "typical_seconds: must be a number, 0 or more",
    ),
    (
        "veo-3.1-generate-001",
        {"platforms": {"mars": {}}},
        "platforms.mars: no such platform; platforms are gemini,",
    ),
    ("veo-3.1-generate-001", {"platforms": {"vertex": 1}}, "platforms.vertex: must be a mapping"),
    ("veo-3.1-generate-001", {"platforms": "vertex"}, "platforms: must be a mapping of platforms to fields"),
    ("veo-4.0", {"wire": "veo", "modality": "video"}, "veo-4.0.platforms: required for a new model"),
    ("veo-4.0", {"wire": "veo", "platforms": {"vertex": {}}}, "modality: required: image or video"),
    (
        "imagen-4.0-generate-001",
        {"lifecycle": "active"},
        "wire: required, since imagen-4.0-generate-001 is not",
    ),
]


@pytest.mark.parametrize(("model", "override", "text"), BAD)
def test_a_bad_override_is_named(model: str, override: dict[str, Any], text: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        Catalogue.load({model: override})
    assert isinstance(caught.value, ValueError)
    assert str(caught.value).startswith(f"models.catalogue.{model}")
    assert text in str(caught.value)
    assert caught.value.where[:3] == ("models", "catalogue", model)


def test_an_override_must_be_a_mapping() -> None:
    with pytest.raises(CatalogueError, match=r"^models\.catalogue\.veo-2: must be a mapping"):
        Catalogue.load({"veo-2": []})  # type: ignore[dict-item]


def test_aliases_chain_and_the_config_s_win() -> None:
    loaded = Catalogue.load(aliases={"film": "sora-2", "sora-2": "veo-3.1-generate-001"})
    assert loaded.trail("google/film") == ("film", "sora-2", "veo-3.1-generate-001")
    assert SHIPPED.trail("sora-2") == ("sora-2", "veo-3.1-fast-generate-001")


def test_a_loop_of_aliases_is_an_error() -> None:
    with pytest.raises(CatalogueError, match=r"^models\.aliases\.a: leads back to itself"):
        Catalogue.load(aliases={"a": "b", "b": "a"})


def test_an_alias_against_a_built_in_one_is_no_loop() -> None:
    loaded = Catalogue.load(aliases={"veo-3.1-generate-001": "veo-3.1-generate-preview"})
    assert loaded.trail("veo-3.1-generate-001") == ("veo-3.1-generate-001", "veo-3.1-generate-preview")


PREFIXED = [
    "models/veo-3.1-generate-001",
    "google/veo-3.1-generate-001",
    "gemini/models/veo-3.1-generate-001",
    "vertex/veo-3.1-generate-001",
    "publishers/google/models/veo-3.1-generate-001",
    " veo-3.1-generate-001 ",
    "projects/p/locations/us-central1/publishers/google/models/veo-3.1-generate-001",
]


@pytest.mark.parametrize("asked", PREFIXED)
def test_prefixes_do_not_count(asked: str) -> None:
    assert SHIPPED.bare(asked) == "veo-3.1-generate-001"


@pytest.mark.parametrize("asked", ["", "models/", "google/models/models/", "projects//models/", "some/model"])
def test_odd_ids_are_left_alone(asked: str) -> None:
    assert SHIPPED.facts(asked, "vertex") is None
    assert SHIPPED.modality(asked) is None


def test_facts_follow_aliases() -> None:
    facts = SHIPPED.facts("sora-2-pro-2025-10-06", "vertex")
    assert facts is not None
    assert facts.id == "veo-3.1-generate-001"
    assert SHIPPED.facts("sora-2", "gemini") is None
