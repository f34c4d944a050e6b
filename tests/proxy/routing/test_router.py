"""The account that a job is sent to, and that the same one is found for it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from auth.credential import Credential, build
from proxy.routing.catalogue import Catalogue
from proxy.routing.configured import ConfiguredUpstream
from proxy.routing.router import PinnedRoute, Router
from translators.canonical import MediaRequest, Modality
from translators.errors import Fault, MediaError

CATALOGUE = Catalogue.load()
FILM, BANANA = "veo-3.1-generate-001", "gemini-nano-banana-2.1"
VERTEX = ConfiguredUpstream(
    name="films", platform="vertex", project="p", location="europe-west4", has_credential=True
)
GEMINI = ConfiguredUpstream(name="pictures", platform="gemini", has_credential=True)
DEMO = ConfiguredUpstream(name="demo", platform="simulator")
FIRST, SECOND, KEY = build("access_token", "one"), build("access_token", "two"), build("api_key", "three")
CREDENTIALS: Mapping[str, Sequence[Credential]] = {"films": [FIRST, SECOND], "pictures": [KEY]}


def router(*upstreams: ConfiguredUpstream, **credentials: Sequence[Credential]) -> Router:
    return Router(CATALOGUE, upstreams or (VERTEX, GEMINI), credentials or CREDENTIALS)


def asked(model: str = "", *modalities: Modality) -> MediaRequest:
    return MediaRequest(
        model=model, turns=(), modality=modalities[0] if modalities else Modality.IMAGE, modalities=modalities
    )


def again(found: Router, pinned: PinnedRoute) -> PinnedRoute | None:
    """What a restarted server finds for the job that took this route."""
    return found.reopen(
        upstream=pinned.route.upstream,
        account=pinned.account,
        model=pinned.facts.model.id,
        platform=pinned.route.platform,
        project=pinned.facts.project,
        location=pinned.facts.location,
    )


def test_a_new_job_goes_to_the_first_account() -> None:
    pinned = router().choose(asked(FILM))
    assert pinned.credential is FIRST
    assert (pinned.account, pinned.route.upstream, pinned.facts) == (
        FIRST.account,
        "films",
        pinned.route.facts,
    )
    assert "one" not in pinned.account


@pytest.mark.parametrize(
    ("modalities", "model"),
    [((), BANANA), ((Modality.IMAGE,), BANANA), ((Modality.VIDEO,), "veo-3.1-fast-generate-001")],
)
def test_only_what_was_asked_for_decides_on_the_model(modalities: tuple[Modality, ...], model: str) -> None:
    assert router().choose(asked("", *modalities)).facts.model.id == model


def test_a_modality_that_nobody_asked_for_hinders_no_model() -> None:
    assert router().choose(asked(FILM)).facts.model.modality is Modality.VIDEO
    with pytest.raises(MediaError) as raised:
        router().choose(asked(FILM, Modality.IMAGE))
    assert raised.value.fault is Fault.INVALID_REQUEST


@pytest.mark.parametrize("model", [FILM, BANANA, "veo-3.1-fast-generate-001"])
def test_a_job_finds_its_route_again(model: str) -> None:
    pinned = router().choose(asked(model))
    assert again(router(), pinned) == pinned


def test_a_job_keeps_its_account_when_the_order_changes() -> None:
    pinned = router().choose(asked(FILM))
    found = again(router(GEMINI, VERTEX, films=[SECOND, FIRST]), pinned)
    assert found is not None
    assert found.credential is FIRST


def test_a_job_keeps_its_place_when_the_config_moves() -> None:
    pinned = router().choose(asked(FILM))
    moved = replace(VERTEX, project="q", location="us-central1", models=())
    found = again(router(moved, films=[FIRST]), pinned)
    assert found is not None
    assert (found.facts.project, found.facts.location) == ("p", "europe-west4")
    assert found.route.base_url == "https://europe-west4-aiplatform.googleapis.com"


@pytest.mark.parametrize(
    "now",
    [
        router(GEMINI, pictures=[KEY]),
        router(VERTEX, films=[SECOND]),
        router(VERTEX, films=[]),
        router(replace(VERTEX, name="renamed"), renamed=[FIRST]),
        router(replace(VERTEX, platform="gemini"), films=[FIRST]),
    ],
    ids=["upstream gone", "account gone", "no credential", "renamed", "another platform"],
)
def test_what_the_config_has_no_more_is_not_found(now: Router) -> None:
    assert again(now, router().choose(asked(FILM))) is None


@pytest.mark.parametrize(("model", "known"), [("veo-4.0-private", True), ("a-film-of-another-name", False)])
def test_a_model_that_left_the_catalogue(model: str, known: bool) -> None:
    found = router().reopen(
        upstream="films",
        account=FIRST.account,
        model=model,
        platform="vertex",
        project="p",
        location="global",
    )
    assert (found is not None) is known
    assert found is None or (found.facts.model.id, found.route.served_model) == (model, model)


@pytest.mark.parametrize(
    ("model", "platform", "kind"), [(FILM, "vertex", "access_token"), (BANANA, "gemini", "api_key")]
)
async def test_the_simulator_needs_no_credentials(model: str, platform: str, kind: str) -> None:
    demo = Router(CATALOGUE, [DEMO], {"demo": []})
    pinned = demo.choose(asked(model))
    assert (pinned.route.platform, pinned.credential.kind) == (platform, kind)
    assert "simulated" in str(await pinned.credential.headers())
    found = again(Router(CATALOGUE, [DEMO], {}), pinned)
    assert found is not None
    assert (found.route, found.account) == (pinned.route, pinned.account)
    assert demo.accounts() == ()


def test_the_simulator_s_own_credentials_are_used() -> None:
    pinned = router(replace(DEMO, has_credential=True), demo=[SECOND]).choose(asked(BANANA))
    assert pinned.credential is SECOND


def test_a_simulated_job_never_reaches_a_real_upstream() -> None:
    pinned = Router(CATALOGUE, [DEMO], {}).choose(asked(BANANA))
    real = ConfiguredUpstream(name="demo", platform="gemini")
    assert again(Router(CATALOGUE, [real], {}), pinned) is None


def test_all_accounts_are_named_in_the_order_of_the_config() -> None:
    assert router(GEMINI, DEMO, VERTEX).accounts() == (
        f"pictures/{KEY.account}",
        f"films/{FIRST.account}",
        f"films/{SECOND.account}",
    )


def test_what_can_be_used_now_and_by_which_names() -> None:
    catalogue = Catalogue.load(aliases={"mine": FILM, "sora-2": FILM})
    found = Router(catalogue, [replace(VERTEX, models=(FILM,))], CREDENTIALS)
    assert [facts.id for facts in found.served()] == [FILM]
    aliases = found.aliases()
    assert (aliases["mine"], aliases["sora-2"]) == (FILM, FILM)
    assert aliases["gpt-image-1"] == CATALOGUE.built_in["gpt-image-1"]
