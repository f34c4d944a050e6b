"""The words of a refusal, for cases that the shipped models do not show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from proxy.routing import refusal
from proxy.routing.catalogue import Catalogue
from proxy.routing.configured import ConfiguredUpstream
from translators.canonical import Modality
from translators.errors import Fault, MediaError
from translators.facts import Lifecycle, ModelFacts

FILM = ModelFacts(id="film-2", platform="vertex", wire="veo", modality=Modality.VIDEO)
OLD = replace(FILM, id="film-1", lifecycle=Lifecycle.RETIRED, lifecycle_date="2026-01-01")
CATALOGUE = Catalogue(
    entries={
        "film-2": {"vertex": FILM},
        "film-1": {"vertex": OLD},
        "film-0": {"vertex": replace(OLD, wire="")},
    }
)
VERTEX = ConfiguredUpstream(name="v", platform="vertex", project="p", has_credential=True)


def test_an_alias_to_nothing_names_both() -> None:
    error = refusal.not_served(CATALOGUE, [], ["mine", "zzz"])
    assert error.fault is Fault.UNKNOWN_MODEL
    assert str(error) == "No model, to which mine leads, is called zzz. GET /v1/models lists the models."


def test_the_nearest_names_are_offered() -> None:
    assert "Nearest: film-2" in str(refusal.not_served(CATALOGUE, [], ["film-22"]))


def test_a_retired_model_may_have_no_successor() -> None:
    assert str(refusal.not_served(CATALOGUE, [VERTEX], ["film-1"])) == (
        "film-1 was retired on Vertex AI on 2026-01-01. "
        "If your account still has film-1, set models.catalogue.film-1.lifecycle: active, "
        "or list it in the models of an upstream of Vertex AI."
    )


def test_what_cannot_be_asked_for_is_not_offered_by_force() -> None:
    error = refusal.not_served(CATALOGUE, [VERTEX], ["film-0"])
    assert (error.code, error.advice) == ("model_not_found", "")


def test_every_list_that_leaves_a_model_out_is_named() -> None:
    upstreams = [
        replace(VERTEX, models=("a",)),
        replace(VERTEX, name="w", models=()),
        ConfiguredUpstream(name="g", platform="gemini", models=("b",)),
    ]
    error = refusal.not_served(CATALOGUE, upstreams, ["film-2"])
    assert error.code == "upstream_not_configured"
    assert str(error) == (
        "No configured upstream serves film-2: upstreams.v.models or upstreams.w.models does not list it. "
        "Add film-2 to upstreams.v.models or upstreams.w.models."
    )


def test_a_simulator_is_named_as_what_could_serve_the_model() -> None:
    demo = ConfiguredUpstream(name="demo", platform="simulator", models=("a",))
    assert "upstreams.demo.models" in str(refusal.not_served(CATALOGUE, [demo], ["film-2"]))


def test_each_upstream_that_is_not_ready_says_what_it_lacks() -> None:
    offering = [replace(VERTEX, project=""), ConfiguredUpstream(name="c", platform="code-assist")]
    error = refusal.not_ready(CATALOGUE, ["mine", "film-2"], offering)
    assert error.fault is Fault.NOT_CONFIGURED
    assert str(error) == (
        "film-2, for which mine stands, cannot be asked for: "
        "upstreams.v has no project and upstreams.c has no usable credential. "
        "Set upstreams.v.project or GOOGLE_CLOUD_PROJECT; only API keys work without a project "
        "(express mode). Set upstreams.c.credentials."
    )


@pytest.mark.parametrize(
    ("ready", "others", "advice"),
    [
        (0, 0, ""),
        (1, 0, "For images use r0."),
        (9, 9, "For images use r0, r1, r2, r3, r4 or r5."),
        (
            5,
            9,
            "For images use r0, r1, r2, r3 or r4. Known, but with no upstream configured for it: o0.",
        ),
    ],
)
def test_of_the_models_that_would_do_a_few_are_named(ready: int, others: int, advice: str) -> None:
    models = [f"r{n}" for n in range(ready)], [f"o{n}" for n in range(others)]
    error = refusal.wrong_modality(["film-2"], Modality.IMAGE, Modality.VIDEO, models)
    assert (error.message, error.advice) == ("film-2 makes videos, not images.", advice)


def test_every_refusal_is_about_the_model() -> None:
    refusals: list[MediaError] = [
        refusal.no_wire(VERTEX, "film-9"),
        refusal.not_ready(CATALOGUE, ["film-2"], [replace(VERTEX, has_credential=False)]),
        refusal.not_served(CATALOGUE, [], ["film-2"]),
    ]
    assert {error.param for error in refusals} == {"model"}
    assert refusals[0].advice.startswith("Describe it in models.catalogue.film-9: ")
