"""Upstreams: platform defaults, hosts by location, credentials, and what the environment adds."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from proxy.config import PLATFORMS, ConfigError, Upstream, load

KEY = "{api_key: some-key}"


def upstream(folder: Path, text: str, **environ: str) -> Upstream:
    file = folder / "config.yaml"
    file.write_text(f"upstreams:\n  it: {{{text}}}\n", encoding="utf-8")
    return load(file, environ).upstreams["it"]


def error(folder: Path, text: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as raised:
        upstream(folder, text, **environ)
    return str(raised.value).removeprefix(f"{folder / 'config.yaml'}:2: upstreams.it")


@pytest.mark.parametrize(
    ("text", "base_url", "api_version", "location"),
    [
        ("platform: gemini", "https://generativelanguage.googleapis.com", "v1beta", None),
        (
            "platform: vertex, project: p",
            "https://us-central1-aiplatform.googleapis.com",
            "v1beta1",
            "us-central1",
        ),
        ("platform: code-assist", "https://cloudcode-pa.googleapis.com", "v1internal", None),
        ("platform: openai", "https://api.openai.com", "v1", None),
        ("platform: gemini-web", "https://gemini.google.com", "", None),
        ("platform: sora-web", "https://sora.chatgpt.com", "", None),
        ("platform: simulator", "http://127.0.0.1:8318", "v1beta", "us-central1"),
    ],
)
def test_platform_defaults(
    tmp_path: Path, text: str, base_url: str, api_version: str, location: str | None
) -> None:
    it = upstream(tmp_path, text)
    assert (it.base_url, it.api_version, it.location) == (base_url, api_version, location)
    assert (it.credentials, it.models, it.token_url) == ((), None, None)
    assert it.storage_url == "https://storage.googleapis.com"


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("europe-west4", "europe-west4-aiplatform.googleapis.com"),
        ("global", "aiplatform.googleapis.com"),
        ("us", "aiplatform.us.rep.googleapis.com"),
        ("eu", "aiplatform.eu.rep.googleapis.com"),
    ],
)
def test_the_location_picks_the_host(tmp_path: Path, location: str, host: str) -> None:
    assert (
        upstream(tmp_path, f"platform: vertex, project: p, location: {location}").base_url
        == f"https://{host}"
    )
    given = upstream(tmp_path, f"platform: vertex, project: p, location: {location}, base_url: 'http://h:1/'")
    assert given.base_url == "http://h:1"


def test_express_mode(tmp_path: Path) -> None:
    it = upstream(tmp_path, f"platform: vertex, credentials: [{KEY}]", GOOGLE_CLOUD_PROJECT="p")
    assert (it.express, it.project, it.location) == (True, None, "global")
    assert it.base_url == "https://aiplatform.googleapis.com"
    full = upstream(tmp_path, f"platform: vertex, project: p, credentials: [{KEY}]")
    assert (full.express, full.project, full.location) == (False, "p", "us-central1")


@pytest.mark.parametrize("rest", ["", f", credentials: [{KEY}, {{adc: true}}]", ", credentials: []"])
def test_vertex_needs_a_project(tmp_path: Path, rest: str) -> None:
    text = f"platform: vertex{rest}"
    assert (
        error(tmp_path, text)
        == ".project: required by platform vertex, unless api_key is its only credential"
    )
    it = upstream(tmp_path, text, GOOGLE_CLOUD_PROJECT="p", GOOGLE_CLOUD_LOCATION="global")
    assert (it.project, it.location) == ("p", "global")


def test_the_file_beats_the_environment(tmp_path: Path) -> None:
    environ = {
        "GOOGLE_CLOUD_PROJECT": "p",
        "GOOGLE_CLOUD_LOCATION": "eu",
        "STORAGE_EMULATOR_HOST": "localhost:4443",
    }
    it = upstream(tmp_path, "platform: vertex, project: q, location: us, storage_url: 'http://h'", **environ)
    assert (it.project, it.location, it.storage_url) == ("q", "us", "http://h")
    other = upstream(tmp_path, "platform: gemini", **environ)
    assert (other.project, other.location, other.storage_url) == (None, None, "http://localhost:4443")


@pytest.mark.parametrize(
    ("given", "base_url", "api_version"),
    [
        ("http://h:1", "http://h:1", "v1"),
        ("http://h:1/v1", "http://h:1", "v1"),
        ("http://h:1/api/v4/", "http://h:1/api", "v4"),
        ("http://h:1/v1beta/openai", "http://h:1/v1beta/openai", ""),
        ("http://v1/x", "http://v1/x", "v1"),
        ("http://v1", "http://v1", "v1"),
    ],
)
def test_a_version_in_the_base_url(tmp_path: Path, given: str, base_url: str, api_version: str) -> None:
    it = upstream(tmp_path, f"platform: openai, base_url: '{given}'")
    assert (it.base_url, it.api_version) == (base_url, api_version)


def test_a_given_version_stays(tmp_path: Path) -> None:
    it = upstream(tmp_path, "platform: openai, base_url: 'http://h/v1/x', api_version: v2")
    assert (it.base_url, it.api_version) == ("http://h/v1/x", "v2")
    assert upstream(tmp_path, "platform: openai, base_url: 'http://h', api_version: ''").api_version == ""


def test_credentials_of_every_kind(tmp_path: Path) -> None:
    for name in ("sa.json", "oauth.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    entries = (
        (
            "{api_key: ' k1\n '}, {access_token: ya29.x}, {service_account: ~/sa.json}, {adc: true},"
            " {oauth_file: ~/oauth.json}"
        )
        .replace("\n", "\\n")
        .replace("'", '"')
    )
    it = upstream(tmp_path, f"platform: gemini, credentials: [{entries}]", HOME=str(tmp_path))
    assert [entry.kind for entry in it.credentials] == [
        "api_key",
        "access_token",
        "service_account",
        "adc",
        "oauth_file",
    ]
    assert [entry.value for entry in it.credentials] == ["k1", "ya29.x", "~/sa.json", "", "~/oauth.json"]
    key, token, account, adc, oauth = it.credentials
    assert key.api_key
    assert key.api_key.get_secret_value() == "k1"
    assert token.access_token
    assert token.access_token.get_secret_value() == "ya29.x"
    assert (account.service_account, adc.adc, oauth.oauth_file) == ("~/sa.json", True, "~/oauth.json")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("location: us", ".platform: required"),
        ("platform: openai, location: eu", ".location: only platform vertex has a location"),
        ("platform: vertex, project: p, location: Mars", ".location: must be global, us, eu or a region"),
        ("platform: vertex, project: P Q", ".project: must be a project id or number"),
        (
            "platform: vertex, project: p, location: evil.example/x",
            ".location: must be global, us, eu or a region",
        ),
        ("platform: gemini, api_version: a/b", ".api_version: must be a version such as v1beta, or empty"),
        ("platform: gemini, models: veo", ".models: must be a list"),
        ("platform: gemini, modles: [veo]", '.modles: unknown key; did you mean "models"?'),
        ("platform: gemini, credentials: {api_key: x}", ".credentials: must be a list"),
        ("platform: gemini, credentials: [adc]", ".credentials[0]: must be a mapping of keys to values"),
        ("platform: gemini, credentials: [{}]", ".credentials[0]: needs exactly one of api_key"),
        ("platform: gemini, credentials: [adc: ]", ".credentials[0]: needs exactly one of api_key"),
        ("platform: gemini, credentials: [adc: false]", ".credentials[0].adc: can only be true"),
        ("platform: gemini, credentials: [adc: maybe]", ".credentials[0].adc: must be true or false"),
        (
            "platform: gemini, credentials: [{api_key: a, adc: true}]",
            ".credentials[0]: needs exactly one of api_key",
        ),
        (
            "platform: gemini, credentials: [key: a]",
            '.credentials[0].key: unknown key; did you mean "api_key"?',
        ),
        (
            "platform: gemini, credentials: [service_account: /gone.json]",
            ".credentials[0].service_account: no such file",
        ),
        ("platform: gemini, credentials: [oauth_file: /]", ".credentials[0].oauth_file: no such file"),
        ("platform: gemini, credentials: [api_key: '']", ".credentials[0].api_key: is empty; set it"),
        (
            "platform: gemini, credentials: [api_key: schlüssel]",
            ".credentials[0].api_key: must be printable ASCII",
        ),
        (
            "platform: openai, credentials: [adc: true]",
            ".credentials[0]: platform openai does not take adc; it takes",
        ),
        (
            f"platform: sora-web, credentials: [{KEY}]",
            ".credentials[0]: platform sora-web does not take api_key",
        ),
        (
            f"platform: code-assist, credentials: [{KEY}]",
            ".credentials[0]: platform code-assist does not take api_key",
        ),
    ],
)
def test_a_bad_upstream(tmp_path: Path, text: str, expected: str) -> None:
    assert error(tmp_path, text).startswith(expected)


def test_an_unset_key_is_the_only_error_of_its_upstream(tmp_path: Path) -> None:
    found = error(tmp_path, "platform: vertex, credentials: [api_key: '${NOPE}']")
    assert found == (
        ".credentials[0].api_key: the environment variable NOPE is not set; set it, or take this entry out"
    )


def test_upstreams_keep_their_order(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(
        "upstreams: {z: {platform: gemini}, a: {platform: openai}, m: {platform: gemini}}", "utf-8"
    )
    assert list(load(file, {}).upstreams) == ["z", "a", "m"]


def test_other_parts_can_build_one() -> None:
    it = Upstream.model_validate({"platform": "gemini", "credentials": [{"api_key": "some-key"}]})
    assert it.base_url == PLATFORMS["gemini"].base_url
    assert "some-key" not in repr(it)
    missing = Upstream.model_validate({"platform": "gemini", "credentials": [{"oauth_file": "~/later.json"}]})
    assert missing.credentials[0].kind == "oauth_file"
    with pytest.raises(ValidationError) as raised:
        Upstream.model_validate({"platform": "openai", "credentials": [{"api_key": "some key"}]})
    assert "some key" not in str(raised.value)
