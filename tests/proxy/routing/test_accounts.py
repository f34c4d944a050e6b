"""The credentials of each upstream: those of the config, else those that lie about, else a clear error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proxy.config import ConfigError, load
from proxy.routing.accounts import Accounts

LOGIN = {
    "type": "authorized_user",
    "client_id": "client",
    "client_secret": "secret-canary",
    "refresh_token": "token-canary",
    "quota_project_id": "quota-project",
}
SERVICE_ACCOUNT = {
    "type": "service_account",
    "project_id": "own-project",
    "private_key_id": "0123",
    "private_key": "key-canary",
    "client_email": "media@own-project.iam.gserviceaccount.com",
    "token_uri": "https://oauth2.googleapis.com/token",
}
FILE, KEY = "GOOGLE_APPLICATION_CREDENTIALS", "GEMINI_API_KEY"
PROJECT, LOCATION = "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"


def accounts(folder: Path, text: str = "", **environ: str) -> Accounts:
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    environ = {"HOME": str(folder), **environ}
    return Accounts(load(file, environ), environ, folder)


def error(folder: Path, text: str = "", **environ: str) -> str:
    with pytest.raises(ConfigError) as raised:
        accounts(folder, text, **environ)
    assert "canary" not in str(raised.value)
    return str(raised.value).replace(f"{folder}/", "")


def written(folder: Path, info: object, name: str = "key.json") -> str:
    path = folder / name
    path.write_text(info if isinstance(info, str) else json.dumps(info), encoding="utf-8")
    return str(path)


def labels(found: Accounts) -> dict[str, list[tuple[str, str]]]:
    return {
        name: [(item.kind, item.account) for item in credentials]
        for name, credentials in found.credentials.items()
    }


async def test_the_config_s_own_come_in_its_order_and_beat_the_environment(tmp_path: Path) -> None:
    written(tmp_path, SERVICE_ACCOUNT)
    text = """
upstreams:
  second: {platform: gemini, credentials: [{api_key: key-one}, {access_token: token-two}]}
  first: {platform: vertex, project: p, credentials: [{service_account: ~/key.json}]}
"""
    found = accounts(tmp_path, text, GEMINI_API_KEY="another-key")
    assert [upstream.name for upstream in found.upstreams] == ["second", "first"]
    key, token = found.credentials["second"]
    assert await key.headers() == {"x-goog-api-key": "key-one"}
    assert await token.headers() == {"authorization": "Bearer token-two"}
    assert labels(found)["first"] == [("service_account", SERVICE_ACCOUNT["client_email"])]
    assert found.sources == {}


def test_a_login_is_looked_for_where_the_config_says_adc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "upstreams: {v: {platform: vertex, project: p, credentials: [{adc: true}]}}"
    monkeypatch.setenv(FILE, written(tmp_path, SERVICE_ACCOUNT))
    found = accounts(tmp_path, text)
    assert labels(found) == {"v": [("adc", SERVICE_ACCOUNT["client_email"])]}
    assert found.upstreams[0].lacks == ""


def test_an_upstream_without_credentials_takes_what_lies_about(tmp_path: Path) -> None:
    text = """
upstreams:
  keys: {platform: gemini, credentials: [{api_key: key-one}]}
  bare: {platform: gemini}
  films: {platform: vertex, project: p}
  other: {platform: openai}
  demo: {platform: simulator}
"""
    key_file = written(tmp_path, SERVICE_ACCOUNT)
    found = accounts(tmp_path, text, GEMINI_API_KEY="key-two", GOOGLE_APPLICATION_CREDENTIALS=key_file)
    assert found.sources == {"bare": f"environment {KEY}", "films": f"environment {FILE}"}
    assert [len(found.credentials[name]) for name in ("keys", "bare", "films", "other", "demo")] == [
        1,
        1,
        1,
        0,
        0,
    ]
    assert [upstream.lacks for upstream in found.upstreams] == ["", "", "", "credentials", ""]


def test_with_no_upstream_the_environment_makes_them(tmp_path: Path) -> None:
    key_file = written(tmp_path, SERVICE_ACCOUNT)
    found = accounts(
        tmp_path, GEMINI_API_KEY="key-one", GOOGLE_APPLICATION_CREDENTIALS=key_file,
        GOOGLE_CLOUD_LOCATION="europe-west4", STORAGE_EMULATOR_HOST="localhost:4443",
    )  # fmt: skip
    gemini, vertex = found.upstreams
    assert (gemini.name, gemini.platform, gemini.project, gemini.location) == ("gemini", "gemini", "", "")
    assert (vertex.project, vertex.location) == ("own-project", "europe-west4")
    assert vertex.storage_url == gemini.storage_url == "http://localhost:4443"
    assert set(found.sources) == {"gemini", "vertex"}


def test_the_first_of_two_keys_is_taken(tmp_path: Path) -> None:
    found = accounts(tmp_path, GEMINI_API_KEY="key-one", GOOGLE_API_KEY="key-two")
    assert [len(credentials) for credentials in found.credentials.values()] == [1]
    assert found.sources == {"gemini": f"environment {KEY}"}


def test_a_login_of_gcloud_is_found(tmp_path: Path) -> None:
    (tmp_path / ".config" / "gcloud").mkdir(parents=True)
    written(tmp_path, LOGIN, ".config/gcloud/application_default_credentials.json")
    found = accounts(tmp_path)
    assert (found.upstreams[0].platform, found.upstreams[0].project) == ("vertex", "quota-project")
    assert found.sources == {"vertex": "gcloud's application default credentials"}


def test_nothing_anywhere_is_no_upstream(tmp_path: Path) -> None:
    found = accounts(tmp_path, GEMINI_API_KEY=" ")
    assert (found.upstreams, found.credentials, found.sources) == ([], {}, {})


def test_a_login_without_a_project_makes_no_upstream(tmp_path: Path) -> None:
    login = {name: value for name, value in LOGIN.items() if name != "quota_project_id"}
    key_file = written(tmp_path, login)
    assert accounts(tmp_path, GOOGLE_APPLICATION_CREDENTIALS=key_file).upstreams == []


@pytest.mark.parametrize(
    "content", ["{", "[]", "secret-canary", LOGIN, {**SERVICE_ACCOUNT, "client_email": ""}]
)
def test_a_broken_credential_file_is_named_with_its_line(tmp_path: Path, content: object) -> None:
    written(tmp_path, content)
    text = """
upstreams:
  films:
    platform: vertex
    project: p
    credentials:
      - service_account: ~/key.json
"""
    found = error(tmp_path, text)
    assert found.startswith("config.yaml:7: upstreams.films.credentials[0].service_account: ")
    assert "key.json" in found


def test_an_oauth_file_is_refused_with_its_line(tmp_path: Path) -> None:
    written(tmp_path, LOGIN)
    text = """
upstreams:
  web:
    platform: code-assist
    credentials:
      - access_token: token-one
      - oauth_file: ~/key.json
"""
    assert error(tmp_path, text) == (
        "config.yaml:7: upstreams.web.credentials[1].oauth_file: "
        "credentials of the kind oauth_file are not supported by this version"
    )


def test_a_broken_file_of_the_environment_is_named_with_its_variable(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.json")
    text = "upstreams:\n  films: {platform: vertex, project: p}"
    expected = f"upstreams.films: environment {FILE}: gone.json cannot be read: "
    assert error(tmp_path, text, GOOGLE_APPLICATION_CREDENTIALS=gone).startswith(f"config.yaml:2: {expected}")
    unasked = error(tmp_path, GOOGLE_APPLICATION_CREDENTIALS=gone, GOOGLE_CLOUD_PROJECT="p")
    assert expected.replace("films", "vertex") in unasked
    assert f"environment {KEY}: The API key" in error(tmp_path, GEMINI_API_KEY="key canary")


@pytest.mark.parametrize(
    ("variable", "key"), [(PROJECT, "project: must be a project id"), (LOCATION, "location: must be global")]
)
def test_a_place_of_the_environment_that_cannot_be_is_told(tmp_path: Path, variable: str, key: str) -> None:
    environ = {FILE: written(tmp_path, LOGIN), variable: "Not a place"}
    assert error(tmp_path, **environ).startswith(f"environment: {key}")
