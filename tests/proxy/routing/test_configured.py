"""Where an upstream's hosts are, and whether it is ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from proxy.config_upstream import Upstream
from proxy.routing.configured import ConfiguredUpstream, describe


@dataclass(frozen=True)
class Proof:
    """A credential without secrets."""

    kind: str = "adc"
    account: str = "adc"
    project: str | None = None

    async def headers(self) -> Mapping[str, str]:
        return {}

    async def rejected(self, sent: Mapping[str, str] | None = None) -> bool:
        return False


KEY = Proof(kind="api_key")
HOSTS = [
    ({"platform": "gemini"}, "gemini", "https://generativelanguage.googleapis.com"),
    (
        {"platform": "vertex", "location": "europe-west4"},
        "vertex",
        "https://europe-west4-aiplatform.googleapis.com",
    ),
    ({"platform": "vertex", "location": "global"}, "vertex", "https://aiplatform.googleapis.com"),
    ({"platform": "vertex", "location": "us"}, "vertex", "https://aiplatform.us.rep.googleapis.com"),
    ({"platform": "vertex", "location": "eu"}, "vertex", "https://aiplatform.eu.rep.googleapis.com"),
    ({"platform": "vertex"}, "vertex", "https://us-central1-aiplatform.googleapis.com"),
    (
        {"platform": "vertex", "location": "eu", "base_url": "http://127.0.0.1:9/"},
        "vertex",
        "http://127.0.0.1:9",
    ),
    ({"platform": "simulator"}, "vertex", "http://127.0.0.1:8318"),
    ({"platform": "simulator"}, "gemini", "http://127.0.0.1:8318"),
]


@pytest.mark.parametrize(("values", "platform", "host"), HOSTS)
def test_hosts(values: dict[str, Any], platform: str, host: str) -> None:
    upstream = ConfiguredUpstream(name="u", project="p", **values)
    location = upstream.place(platform, ())[1]
    assert upstream.host(platform, location) == host


def test_express_mode_has_no_project_in_its_paths() -> None:
    upstream = describe(
        "vertex", Upstream.model_validate({"platform": "vertex", "credentials": [{"api_key": "k"}]}), [KEY]
    )
    assert upstream.express
    assert not upstream.lacks
    assert upstream.place("vertex", ()) == ("", "")
    assert upstream.host("vertex", "") == "https://aiplatform.googleapis.com"


def test_a_key_with_a_project_is_no_express_mode() -> None:
    upstream = describe("vertex", Upstream(platform="vertex", project="p"), [KEY])
    assert not upstream.express
    assert upstream.place("vertex", ()) == ("p", "us-central1")


LACKING = [
    ({"platform": "gemini"}, "credentials"),
    ({"platform": "gemini", "has_credential": True}, ""),
    ({"platform": "vertex", "project": "p"}, "credentials"),
    ({"platform": "vertex", "has_credential": True}, "project"),
    ({"platform": "vertex", "has_credential": True, "project": "p"}, ""),
    ({"platform": "simulator"}, ""),
]


@pytest.mark.parametrize(("values", "lacks"), LACKING)
def test_what_it_lacks(values: dict[str, Any], lacks: str) -> None:
    assert ConfiguredUpstream(name="u", **values).lacks == lacks


def test_the_config_s_own_values_are_told_from_its_defaults() -> None:
    plain = describe("v", Upstream(platform="vertex", project="p"), [Proof()])
    assert (plain.base_url, plain.api_version, plain.version("vertex")) == ("", None, "v1beta1")
    own = Upstream(
        platform="vertex", project="p", base_url="http://127.0.0.1:9", api_version="v1", models=("a",)
    )
    given = describe("v", own, [Proof()])
    assert (given.base_url, given.version("vertex"), given.models) == ("http://127.0.0.1:9", "v1", ("a",))


def test_each_platform_that_the_simulator_plays_has_its_own_version() -> None:
    simulator = describe("s", Upstream(platform="simulator"), [])
    assert [simulator.version(platform) for platform in simulator.platforms] == ["v1beta", "v1beta1"]
    assert simulator.place("vertex", ()) == ("simulator", "us-central1")
    assert simulator.place("gemini", ()) == ("", "")


def test_a_model_may_need_a_location() -> None:
    upstream = ConfiguredUpstream(name="v", platform="vertex", project="p", location="us-central1")
    assert upstream.place("vertex", ("global",)) == ("p", "global")
    assert upstream.place("vertex", ("global", "us-central1")) == ("p", "us-central1")


def test_the_project_of_the_credential_counts_when_the_config_has_none() -> None:
    config = Upstream.model_construct(platform="vertex", project=None, credentials=(), location=None)
    assert describe("v", config, [Proof(project=None), Proof(project="q")]).project == "q"
