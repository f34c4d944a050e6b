"""One entry of the catalogue: how each field is read, and how layers lie over each other."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from proxy.routing.entry import READERS, CatalogueError, read_entry
from translators.canonical import Modality
from translators.facts import Lifecycle, ModelFacts, Price

LEAST: dict[str, Any] = {"wire": "veo", "modality": "video"}
WHERE = ("models", "catalogue", "film")


def read(*layers: dict[str, Any]) -> ModelFacts:
    return read_entry("film", "vertex", [((*WHERE, str(n)), layer) for n, layer in enumerate(layers)])


def test_the_least_that_an_entry_has() -> None:
    assert read(LEAST) == ModelFacts(id="film", platform="vertex", wire="veo", modality=Modality.VIDEO)


def test_each_fact_of_a_model_can_be_written() -> None:
    assert set(READERS) == {field.name for field in fields(ModelFacts)} - {"id", "platform"}


def test_a_later_layer_replaces_fields_whole() -> None:
    first = {"durations": [4, 8], "resolution_durations": {"1080p": [8]}, "source": "s"}
    found = read({**LEAST, **first}, {"durations": [6], "resolution_durations": {}})
    assert (found.durations, found.resolution_durations, found.source) == ((6,), {}, "s")


READ: list[tuple[str, object, object]] = [
    ("lifecycle", "deprecated", Lifecycle.DEPRECATED),
    ("lifecycle_date", date(2026, 10, 22), "2026-10-22"),
    ("lifecycle_date", "2026-10-22", "2026-10-22"),
    ("lifecycle_date", "", ""),
    ("replacement", " other ", "other"),
    ("aspect_ratios", ["16:9", "21:9"], ("16:9", "21:9")),
    ("image_sizes", [512, "1K"], ("512", "1K")),
    ("resolutions", ("720p",), ("720p",)),
    ("resolution_durations", {1080: [8]}, {"1080": (8,)}),
    ("max_inputs", 0, 0),
    ("audio", "optional", "optional"),
    ("parameters", ["seed", "seed"], frozenset({"seed"})),
    ("always_on", ["generate_audio"], frozenset({"generate_audio"})),
    ("price", {"per": "second", "usd": {"720p": 1}}, Price(per="second", usd={"720p": 1.0})),
    ("typical_seconds", 40, 40.0),
]


@pytest.mark.parametrize(("field", "value", "expected"), READ)
def test_a_field_is_read(field: str, value: object, expected: object) -> None:
    found = getattr(read({**LEAST, field: value}), field)
    assert found == expected
    assert type(found) is type(expected)


BAD: list[tuple[str, object, str]] = [
    ("modality", "sound", "must be one of image, video"),
    ("modality", None, "must be one of image, video"),
    ("wire", 1, "must be a text"),
    ("lifecycle_date", "22.10.2026", "must be a day such as 2026-10-22"),
    ("durations", [True], "must be a whole number, 0 or more"),
    ("durations", [-1], "must be a whole number, 0 or more"),
    ("durations", "48", "must be a list"),
    ("image_sizes", [True], "must be a text"),
    ("aspect_ratios", ["0:9"], 'must be ratios such as "16:9"'),
    ("resolution_durations", [8], "must be a mapping"),
    ("last_frame", 1, "must be true or false"),
    ("audio", [], "must be one of always, optional, none"),
    ("parameters", ["prompt", "seed"], "has no meaning for "),
    ("always_on", ["seed"], "has no meaning for seed; allowed: enhance_prompt, generate_audio"),
    ("price", 0.4, "must be a mapping with per, usd, silent_usd and source"),
    ("price", {"per": "hour", "usd": {}}, "must be one of second, image"),
    ("price", {"per": "second"}, "must be a mapping"),
    ("price", {"per": "second", "usd": {"720p": "1"}}, "must be a number, 0 or more"),
    ("price", {1: 2}, "has no 1; it has per, usd, silent_usd and source"),
    ("typical_seconds", float("inf"), "must be a number, 0 or more"),
    ("typical_seconds", True, "must be a number, 0 or more"),
    ("id", "x", "no such field; a model has wire, modality,"),
]


@pytest.mark.parametrize(("field", "value", "problem"), BAD)
def test_a_bad_field_is_named_with_its_layer(field: str, value: object, problem: str) -> None:
    with pytest.raises(CatalogueError) as raised:
        read(LEAST, {field: value})
    assert raised.value.where == (*WHERE, "1", field)
    assert raised.value.problem.startswith(problem)
    assert str(raised.value) == f"models.catalogue.film.1.{field}: {raised.value.problem}"


def test_a_retired_model_needs_no_wire() -> None:
    assert read({"modality": "image", "lifecycle": "retired"}).wire == ""
    with pytest.raises(CatalogueError, match=r"film\.1\.wire: required, since film is not retired"):
        read({"modality": "image", "lifecycle": "retired"}, {"lifecycle": "active"})


def test_what_is_required_is_told_at_the_last_layer() -> None:
    with pytest.raises(CatalogueError, match=r"film\.1\.modality: required"):
        read({"wire": "veo"}, {"durations": [4]})
    with pytest.raises(CatalogueError, match=r"^models\.catalogue\.film\.modality: required"):
        read()
