"""Platforms and lists as sentences have them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proxy.config_upstream import PLATFORMS
from proxy.routing.platform_names import PLATFORM_NAMES, called, joined, retired_when
from translators.canonical import Modality
from translators.facts import Lifecycle, ModelFacts

RETIRED = ModelFacts(
    id="film",
    platform="gemini",
    wire="veo",
    modality=Modality.VIDEO,
    lifecycle=Lifecycle.RETIRED,
    lifecycle_date="2026-06-30",
)
ON_VERTEX = replace(RETIRED, platform="vertex")


def test_each_platform_of_the_config_has_a_name() -> None:
    assert set(PLATFORM_NAMES) == set(PLATFORMS)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_advice_for_a_platform_names_what_it_takes(platform: str) -> None:
    keys = PLATFORM_NAMES[platform].keys
    assert f"platform: {platform}" in keys
    named = [kind for kind in ("api_key", "service_account", "adc", "oauth_file") if f"{kind}:" in keys]
    assert set(named) <= set(PLATFORMS[platform].credentials)


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_names_are_joined(names: list[str], text: str) -> None:
    assert joined(iter(names), "or") == text
    assert joined(names) == text.replace(" or ", " and ")


def test_platforms_are_called_by_their_names() -> None:
    assert called(["gemini", "vertex"]) == "the Gemini API and Vertex AI"
    assert called(["openai"], "or") == "an OpenAI-style server"


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ([], ""),
        ([RETIRED], "film was retired on the Gemini API on 2026-06-30"),
        ([RETIRED, ON_VERTEX], "film was retired on the Gemini API and Vertex AI on 2026-06-30"),
        (
            [RETIRED, replace(ON_VERTEX, lifecycle_date="2026-07-01")],
            "film was retired on the Gemini API and Vertex AI on 2026-06-30 and 2026-07-01",
        ),
        ([replace(RETIRED, lifecycle_date="")], "film was retired on the Gemini API"),
        ([RETIRED, replace(ON_VERTEX, lifecycle=Lifecycle.DEPRECATED)], ""),
    ],
)
def test_when_a_model_was_retired(found: list[ModelFacts], text: str) -> None:
    assert retired_when({facts.platform: facts for facts in found}) == text
