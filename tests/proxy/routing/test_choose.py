"""Which upstream serves an asked model, or in which words it is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from proxy.routing.catalogue import Catalogue
from proxy.routing.choose import Route, choose, offers_of, served
from proxy.routing.configured import ConfiguredUpstream
from translators.canonical import Modality
from translators.errors import Fault, MediaError

CATALOGUE = Catalogue.load()
IMAGE, VIDEO = Modality.IMAGE, Modality.VIDEO
GEMINI = ConfiguredUpstream(name="gemini", platform="gemini", has_credential=True)
VERTEX = ConfiguredUpstream(
    name="vertex", platform="vertex", project="films", location="us-central1", has_credential=True
)
SIMULATOR = ConfiguredUpstream(name="demo", platform="simulator")
OPENAI = ConfiguredUpstream(name="openai", platform="openai", has_credential=True, models=("sora-2",))
BOTH = (GEMINI, VERTEX)

PREVIEW = "veo-3.1-generate-preview"
STANDARD, FAST = "veo-3.1-generate-001", "veo-3.1-fast-generate-001"
BANANA = "gemini-nano-banana-2.1"


def route(
    *upstreams: ConfiguredUpstream, asked: str, modality: Modality | None = None, **config: Any
) -> Route:
    catalogue = Catalogue.load(**config) if config else CATALOGUE
    return choose(catalogue, upstreams, asked, modality)


def refusal(
    *upstreams: ConfiguredUpstream, asked: str, modality: Modality | None = None, **config: Any
) -> MediaError:
    with pytest.raises(MediaError) as caught:
        route(*upstreams, asked=asked, modality=modality, **config)
    assert caught.value.param == "model"
    return caught.value


FOUND: list[tuple[tuple[ConfiguredUpstream, ...], str, str, str]] = [
    (BOTH, STANDARD, "vertex", STANDARD),
    (BOTH, f"models/{STANDARD}", "vertex", STANDARD),
    (BOTH, BANANA, "gemini", BANANA),
    ((VERTEX, GEMINI), BANANA, "vertex", BANANA),
    ((replace(GEMINI, has_credential=False), VERTEX), BANANA, "vertex", BANANA),
    ((replace(GEMINI, models=("gemini-3-pro-image",)), VERTEX), BANANA, "vertex", BANANA),
    (BOTH, "sora-2", "vertex", FAST),
    (BOTH, "sora-2-pro-2025-10-06", "vertex", STANDARD),
    (BOTH, PREVIEW, "vertex", STANDARD),
    (BOTH, "veo-2", "vertex", STANDARD),
    (BOTH, "veo-3.0-fast-generate-001", "vertex", FAST),
    (BOTH, "gpt-image-2-2026-04-21", "gemini", BANANA),
    (BOTH, "gemini-3-pro-image-preview", "gemini", "gemini-3-pro-image"),
    ((SIMULATOR,), "sora-2", "vertex", FAST),
    ((SIMULATOR,), "dall-e-3", "gemini", BANANA),
    ((replace(GEMINI, models=(PREVIEW,)), VERTEX), PREVIEW, "gemini", PREVIEW),
    ((replace(GEMINI, models=(PREVIEW,)), VERTEX), f"google/{PREVIEW}", "gemini", PREVIEW),
    ((replace(GEMINI, models=("veo-2.0-generate-001",)), VERTEX), "veo-2", "gemini", "veo-2.0-generate-001"),
    ((replace(VERTEX, models=("veo-9-private",)),), "veo-9-private", "vertex", "veo-9-private"),
]


@pytest.mark.parametrize(("upstreams", "asked", "platform", "model"), FOUND)
def test_the_way_to_a_model(
    upstreams: tuple[ConfiguredUpstream, ...], asked: str, platform: str, model: str
) -> None:
    found = route(*upstreams, asked=asked)
    assert (found.platform, found.served_model, found.facts.model.id) == (platform, model, model)
    assert found.facts.platform == platform


def test_the_route_has_all_that_a_call_needs() -> None:
    found = route(*BOTH, asked=STANDARD, modality=VIDEO)
    assert (found.upstream, found.base_url) == ("vertex", "https://us-central1-aiplatform.googleapis.com")
    assert found.storage_url == "https://storage.googleapis.com"
    assert (found.facts.project, found.facts.location) == ("films", "us-central1")
    assert found.facts.api_version == "v1beta1"
    assert found.notes == ()


def test_a_storage_emulator_is_used() -> None:
    emulated = replace(VERTEX, storage_url="http://localhost:4443")
    assert route(emulated, asked=STANDARD).storage_url == "http://localhost:4443"


@pytest.mark.parametrize(("modality", "model"), [(None, BANANA), (IMAGE, BANANA), (VIDEO, FAST)])
def test_a_request_without_a_model_gets_the_default(modality: Modality | None, model: str) -> None:
    assert route(*BOTH, asked="", modality=modality).served_model == model


def test_an_alias_of_the_config_beats_everything() -> None:
    aliases = {"sora-2": STANDARD, FAST: STANDARD, "mine": "sora-2"}
    for asked in aliases:
        assert route(*BOTH, asked=asked, aliases=aliases).served_model == STANDARD


def test_a_forced_lifecycle_beats_the_built_in_alias() -> None:
    found = route(GEMINI, VERTEX, asked=PREVIEW, overrides={PREVIEW: {"lifecycle": "active"}})
    assert (found.platform, found.served_model, found.notes) == ("gemini", PREVIEW, ())


def test_an_alias_against_a_built_in_one_ends() -> None:
    forced: dict[str, Any] = {"overrides": {PREVIEW: {"lifecycle": "active"}}, "aliases": {STANDARD: PREVIEW}}
    assert route(*BOTH, asked=STANDARD, **forced).served_model == PREVIEW
    error = refusal(*BOTH, asked=STANDARD, aliases={STANDARD: PREVIEW})
    assert str(error).startswith(f"{STANDARD} stands for {PREVIEW}. {PREVIEW} was retired on the Gemini API")


def test_a_model_with_one_location_is_asked_there() -> None:
    only_global: dict[str, Any] = {"overrides": {STANDARD: {"locations": ["global"]}}}
    found = route(VERTEX, asked=STANDARD, **only_global)
    assert (found.facts.location, found.base_url) == ("global", "https://aiplatform.googleapis.com")
    assert found.notes == (f"{STANDARD} is asked for in global: us-central1 does not serve it.",)
    assert route(replace(VERTEX, location="global"), asked=STANDARD, **only_global).notes == ()


NOTES: list[tuple[tuple[ConfiguredUpstream, ...], str, str]] = [
    (BOTH, "sora-2", f"sora-2 stands for {FAST}."),
    (BOTH, PREVIEW, f"{PREVIEW} was retired on the Gemini API on 2026-10-22; {STANDARD} is used instead."),
    (
        BOTH,
        "veo-2",
        (
            "veo-2.0-generate-001 was retired on the Gemini API and Vertex AI on 2026-06-30; "
            f"{STANDARD} is used instead."
        ),
    ),
    (
        BOTH,
        "gemini-2.5-flash-image",
        (
            "gemini-2.5-flash-image is deprecated; its end was announced for 2026-10-02 at the earliest; "
            f"{BANANA} replaces it."
        ),
    ),
    (
        (replace(GEMINI, models=(PREVIEW,)),),
        PREVIEW,
        f"{PREVIEW} was retired on the Gemini API on 2026-10-22, yet upstreams.gemini.models lists it.",
    ),
]


@pytest.mark.parametrize(("upstreams", "asked", "note"), NOTES)
def test_notes(upstreams: tuple[ConfiguredUpstream, ...], asked: str, note: str) -> None:
    assert route(*upstreams, asked=asked).notes == (note,)


SET_GEMINI = (
    "For the Gemini API set GEMINI_API_KEY (or GOOGLE_API_KEY), or add an upstream with platform: gemini "
    "and credentials: [{api_key: …}] to the config."
)
SET_VERTEX = (
    "For Vertex AI set GOOGLE_APPLICATION_CREDENTIALS and GOOGLE_CLOUD_PROJECT (and GOOGLE_CLOUD_LOCATION), "
    "or add an upstream with platform: vertex, project and credentials: [{service_account: FILE}] or "
    "[{adc: true}] to the config."
)
FORCE = (
    f"If your account still has {PREVIEW}, set models.catalogue.{PREVIEW}.lifecycle: active, "
    "or list it in the models of an upstream of the Gemini API."
)
UNKNOWN, UNSET, WRONG = Fault.UNKNOWN_MODEL, Fault.NOT_CONFIGURED, Fault.INVALID_REQUEST
CODES = {UNKNOWN: "model_not_found", UNSET: "upstream_not_configured", WRONG: "invalid_value"}

REFUSED: list[tuple[tuple[ConfiguredUpstream, ...], str, Modality, Fault, str]] = [
    (
        BOTH,
        "imagen-4.0-generate-001",
        IMAGE,
        UNKNOWN,
        f"imagen-4.0-generate-001 was retired on the Gemini API on 2026-08-17. Use {BANANA} instead.",
    ),
    (
        BOTH,
        "veo-3.1-genrate-001",
        VIDEO,
        UNKNOWN,
        f"No model is called veo-3.1-genrate-001. Nearest: {STANDARD}, veo-3.1-lite-generate-001, {FAST}.",
    ),
    (
        BOTH,
        "gemini-omni-9",
        VIDEO,
        UNKNOWN,
        "No model is called gemini-omni-9. GET /v1/models lists the models.",
    ),
    (BOTH, "zzz", VIDEO, UNKNOWN, "No model is called zzz. GET /v1/models lists the models."),
    (
        (),
        BANANA,
        IMAGE,
        UNSET,
        (
            f"{BANANA} is served on the Gemini API and Vertex AI; "
            f"no upstream of that platform is configured. {SET_GEMINI} {SET_VERTEX}"
        ),
    ),
    (
        (GEMINI,),
        "sora-2",
        VIDEO,
        UNSET,
        (
            f"{FAST}, for which sora-2 stands, is served on Vertex AI; "
            f"no upstream of that platform is configured. {SET_VERTEX}"
        ),
    ),
    (
        (GEMINI,),
        PREVIEW,
        VIDEO,
        UNSET,
        (
            f"{STANDARD}, for which {PREVIEW} stands, is served on Vertex AI; "
            f"no upstream of that platform is configured. {SET_VERTEX} {FORCE}"
        ),
    ),
    (
        (replace(VERTEX, has_credential=False),),
        STANDARD,
        VIDEO,
        UNSET,
        (
            f"{STANDARD} cannot be asked for: upstreams.vertex has no usable credential. "
            "Set upstreams.vertex.credentials, or GOOGLE_APPLICATION_CREDENTIALS and GOOGLE_CLOUD_PROJECT "
            "(and GOOGLE_CLOUD_LOCATION)."
        ),
    ),
    (
        (replace(VERTEX, project=""),),
        STANDARD,
        VIDEO,
        UNSET,
        (
            f"{STANDARD} cannot be asked for: upstreams.vertex has no project. "
            "Set upstreams.vertex.project or GOOGLE_CLOUD_PROJECT; "
            "only API keys work without a project (express mode)."
        ),
    ),
    (
        (replace(VERTEX, models=(FAST,)),),
        STANDARD,
        VIDEO,
        UNSET,
        (
            f"No configured upstream serves {STANDARD}: upstreams.vertex.models does not list it. "
            f"Add {STANDARD} to upstreams.vertex.models."
        ),
    ),
    (
        (OPENAI, VERTEX),
        "sora-2",
        VIDEO,
        UNKNOWN,
        (
            "upstreams.openai.models lists sora-2, but Filmgate does not know how to ask for it. "
            "Describe it in models.catalogue.sora-2: wire, modality and platforms."
        ),
    ),
    (
        (replace(GEMINI, models=("gemini-3-pro-image", STANDARD)),),
        "gemini-3-pro-image",
        VIDEO,
        WRONG,
        (
            f"gemini-3-pro-image makes images, not videos. For videos use {STANDARD}. "
            f"Known, but with no upstream configured for it: {FAST}, veo-3.1-lite-generate-001."
        ),
    ),
    (
        (GEMINI,),
        BANANA,
        VIDEO,
        WRONG,
        (
            f"{BANANA} makes images, not videos. "
            f"Known, but with no upstream configured for it: {STANDARD}, {FAST}, veo-3.1-lite-generate-001."
        ),
    ),
    (
        BOTH,
        "sora-2",
        IMAGE,
        WRONG,
        (
            f"{FAST}, for which sora-2 stands, makes videos, not images. "
            f"For images use {BANANA}, gemini-3.1-flash-image, "
            "gemini-3.1-flash-lite-image, gemini-3-pro-image or gemini-2.5-flash-image."
        ),
    ),
]


@pytest.mark.parametrize(("upstreams", "asked", "modality", "fault", "text"), REFUSED)
def test_refusals(
    upstreams: tuple[ConfiguredUpstream, ...], asked: str, modality: Modality, fault: Fault, text: str
) -> None:
    error = refusal(*upstreams, asked=asked, modality=modality)
    assert str(error) == text
    assert (error.fault, error.code) == (fault, CODES[fault])


def test_a_wrong_modality_is_told_even_where_nothing_is_configured() -> None:
    error = refusal(asked="gemini-3-pro-image", modality=VIDEO)
    assert error.fault is WRONG


def test_an_openai_upstream_without_a_list_takes_what_no_other_does() -> None:
    row = replace(
        CATALOGUE.unlisted[0],
        match="*",
        facts={"openai": replace(CATALOGUE.unlisted[0].facts["vertex"], platform="openai")},
    )
    catalogue = replace(CATALOGUE, unlisted=(row,))
    upstreams = (replace(OPENAI, models=None), GEMINI, VERTEX)
    assert choose(catalogue, upstreams, "sora-2", VIDEO).upstream == "openai"
    assert choose(catalogue, upstreams, STANDARD, VIDEO).upstream == "vertex"
    assert choose(catalogue, upstreams, PREVIEW, VIDEO).served_model == STANDARD


def test_offers_stand_in_the_config_s_order() -> None:
    assert [offer.upstream.name for offer in offers_of(CATALOGUE, (VERTEX, GEMINI), BANANA)] == [
        "vertex",
        "gemini",
    ]
    assert offers_of(CATALOGUE, BOTH, "sora-2") == []


def test_served_models_are_those_that_are_ready() -> None:
    private = replace(GEMINI, models=("gemini-3-pro-image", "gemini-private-image"))
    assert [facts.id for facts in served(CATALOGUE, (private, replace(VERTEX, project="")))] == [
        "gemini-3-pro-image",
        "gemini-private-image",
    ]
    everything = {facts.id for facts in served(CATALOGUE, (SIMULATOR,))}
    assert {BANANA, STANDARD, FAST} <= everything
    assert PREVIEW not in everything
