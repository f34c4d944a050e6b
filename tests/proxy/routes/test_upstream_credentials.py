"""Credentials that are missing, expired or revoked: whose fault it is, and what to set."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from simulator.server import SimulatorServer
from tests.demo import FILM_MODEL, IMAGE_MODEL, KEY, QUICK, Json, asking, error_of, serving


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorServer]:
    with SimulatorServer(QUICK) as server:
        yield server


def asked(
    folder: Path, upstreams: Json, model: str, environ: dict[str, str] | None = None
) -> httpx2.Response:
    with serving(folder, {"upstreams": upstreams}, environ) as url:
        return httpx2.post(
            f"{url}/v1/chat/completions",
            json=asking("a bridge", model),
            headers={"authorization": f"Bearer {KEY}"},
            trust_env=False,
            timeout=30,
        )


@pytest.mark.parametrize("key", ["bad-key", "AIza-expired-key", "AIza-revoked-key"])
@pytest.mark.parametrize("platform", ["gemini", "vertex"])
def test_refused_key(tmp_path: Path, simulator: SimulatorServer, platform: str, key: str) -> None:
    upstream = {"platform": platform, "base_url": simulator.base_url, "credentials": [{"api_key": key}]}
    answer = asked(tmp_path, {"mine": upstream}, IMAGE_MODEL)
    message = error_of(answer, 502, "upstream_credential_refused")
    assert answer.headers["x-should-retry"] == "false"
    assert answer.headers["x-filmgate-upstream"].startswith("mine/")
    assert key not in answer.text
    assert "not billed" in message


@pytest.mark.parametrize("model", [IMAGE_MODEL, FILM_MODEL])
@pytest.mark.parametrize("token", ["ya29.expired", "ya29.revoked"])
def test_refused_token(tmp_path: Path, simulator: SimulatorServer, token: str, model: str) -> None:
    upstream = {
        "platform": "vertex",
        "project": "bridges",
        "base_url": simulator.base_url,
        "credentials": [{"access_token": token}],
    }
    answer = asked(tmp_path, {"mine": upstream}, model)
    error_of(answer, 502, "upstream_credential_refused")
    assert answer.headers["x-should-retry"] == "false"
    assert token not in answer.text
    assert answer.json()["filmgate"]["billed"] == "no"


def test_platform_without_an_upstream(tmp_path: Path, simulator: SimulatorServer) -> None:
    upstream = {"platform": "gemini", "base_url": simulator.base_url, "credentials": [{"api_key": "AIza"}]}
    answer = asked(tmp_path, {"mine": upstream}, FILM_MODEL)
    message = error_of(answer, 503, "upstream_not_configured", "model")
    assert answer.headers["x-should-retry"] == "false"
    for word in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "platform: vertex", "credentials"):
        assert word in message


def test_upstream_without_a_credential(tmp_path: Path, simulator: SimulatorServer) -> None:
    upstream = {"platform": "gemini", "base_url": simulator.base_url}
    answer = asked(tmp_path, {"mine": upstream}, IMAGE_MODEL)
    message = error_of(answer, 503, "upstream_not_configured", "model")
    assert "upstreams.mine.credentials" in message
    assert "GEMINI_API_KEY" in message


def test_nothing_configured_at_all(tmp_path: Path) -> None:
    answer = asked(tmp_path, {}, IMAGE_MODEL)
    message = error_of(answer, 503, "upstream_not_configured", "model")
    assert "GEMINI_API_KEY" in message


def test_credential_of_the_environment(tmp_path: Path, simulator: SimulatorServer) -> None:
    upstream = {"platform": "gemini", "base_url": simulator.base_url}
    answer = asked(tmp_path, {"mine": upstream}, IMAGE_MODEL, {"GEMINI_API_KEY": "AIza-good"})
    assert answer.status_code == 200, answer.text


def test_upstream_that_is_not_there(tmp_path: Path) -> None:
    upstream = {
        "platform": "gemini",
        "base_url": "http://127.0.0.1:1",
        "credentials": [{"api_key": "AIza-good"}],
    }
    answer = asked(tmp_path, {"mine": upstream}, IMAGE_MODEL)
    message = error_of(answer, 502, "upstream_unreachable")
    assert "mine" in message
    assert "not billed" in message
