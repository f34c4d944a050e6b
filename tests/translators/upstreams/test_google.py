"""Paths on Google's hosts: no name can leave its place in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translators.canonical import Modality
from translators.facts import Facts, ModelFacts
from translators.upstreams._google import model_path, object_path, operation_model, vertex_only

VERTEX_NAME = "projects/p/locations/us-central1/publishers/google/models/m/operations/1-2"


def facts(platform: str, model: str = "veo", project: str = "", location: str = "") -> Facts:
    known = ModelFacts(id=model, wire="veo", modality=Modality.VIDEO, platform=platform)
    return Facts(model=known, api_version="v1", project=project, location=location)


@pytest.mark.parametrize(
    ("given_facts", "path"),
    [
        (facts("gemini"), "/v1/models/veo:go"),
        (
            facts("vertex", project="p", location="global"),
            "/v1/projects/p/locations/global/publishers/google/models/veo:go",
        ),
        (facts("vertex"), "/v1/publishers/google/models/veo:go"),
        (
            facts("vertex", project="example.com:films", location="us-central1"),
            "/v1/projects/example.com:films/locations/us-central1/publishers/google/models/veo:go",
        ),
    ],
)
def test_model_path(given_facts: Facts, path: str) -> None:
    assert model_path(given_facts, "go") == path


@given(st.text())
def test_no_model_id_leaves_its_segment(model: str) -> None:
    path = model_path(facts("gemini", model), "go")
    name = path.removeprefix("/v1/models/").removesuffix(":go")
    assert path == f"/v1/models/{name}:go"
    assert not set("/?#:\\ \n") & set(name)


@pytest.mark.parametrize(
    ("platform", "name", "model"),
    [
        ("gemini", "models/veo-3.1/operations/abc", ""),
        ("gemini", "operations/abc", ""),
        ("vertex", VERTEX_NAME, VERTEX_NAME.partition("/operations")[0]),
        ("vertex", "publishers/google/models/m/operations/1", "publishers/google/models/m"),
        ("gemini", VERTEX_NAME, None),
        ("vertex", "models/m/operations/abc", None),
        ("gemini", "models/../operations/abc", None),
        ("gemini", "models/m/operations/..", None),
        ("gemini", "models/m/operations/a/b", None),
        ("gemini", "models/m/operations/a?alt=media", None),
        ("gemini", "models/m/operations/a:cancel", None),
        ("gemini", "models/m/operations/a\n", None),
        ("gemini", "https://example.com/operations/a", None),
        ("vertex", VERTEX_NAME.replace("projects/p", "projects/p/../q"), None),
    ],
)
def test_operation_model(platform: str, name: str, model: str | None) -> None:
    assert operation_model(platform, name) == model


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("gs://b/a/1.mp4", "/storage/v1/b/b/o/a%2F1.mp4?alt=media"),
        ("gs://b/a b?c#d.mp4", "/storage/v1/b/b/o/a%20b%3Fc%23d.mp4?alt=media"),
        ("gs://b", None),
        ("gs:///a", None),
        ("gs://b/", None),
    ],
)
def test_object_path(uri: str, path: str | None) -> None:
    assert object_path(uri) == path


def test_vertex_only_names_the_platform_that_takes_it() -> None:
    error = vertex_only("fps", "fps")
    assert error.param == "fps"
    assert "Vertex AI" in error.message
