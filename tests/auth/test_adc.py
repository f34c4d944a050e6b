"""Application default credentials: a login, a key file, the machine's own account."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auth.adc import Adc, gcloud_file, named_account
from auth.credential_error import CredentialError

pytestmark = pytest.mark.anyio


async def test_a_login_is_refreshed_and_bills_its_quota_project(
    token_server: Any, user_info: dict[str, Any], write_json: Callable[..., Path]
) -> None:
    credential = Adc(str(write_json(user_info)), token_url=token_server.url)
    assert (credential.kind, credential.account, credential.project) == ("adc", "adc", "quota-project")
    assert await credential.headers() == {
        "authorization": "Bearer token-1",
        "x-goog-user-project": "quota-project",
    }
    sent = token_server.requests[0]
    assert sent["grant_type"] == "refresh_token"
    assert sent["refresh_token"] == user_info["refresh_token"]
    assert "scope" not in sent


async def test_an_expired_login_is_refused_with_the_command_to_run(
    token_server: Any, user_info: dict[str, Any], write_json: Callable[..., Path]
) -> None:
    token_server.answer = (
        400,
        {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
    )
    credential = Adc(str(write_json(user_info)), token_url=token_server.url)
    with pytest.raises(CredentialError, match="expired or revoked") as caught:
        await credential.headers()
    assert caught.value.reason == "refused"
    assert "gcloud auth application-default login" in caught.value.advice


async def test_a_new_login_needs_no_restart(
    token_server: Any, user_info: dict[str, Any], write_json: Callable[..., Path]
) -> None:
    path = write_json({**user_info, "account": "me@example.com"})
    credential = Adc(str(path), token_url=token_server.url)
    await credential.headers()
    write_json({**user_info, "account": "me@example.com", "refresh_token": "newer"})
    assert await credential.rejected() is True
    await credential.headers()
    assert token_server.requests[1]["refresh_token"] == "newer"
    write_json({**user_info, "account": "you@example.com"})
    await credential.rejected()
    with pytest.raises(CredentialError, match="names another account"):
        await credential.headers()


async def test_a_service_account_file_works_too(
    token_server: Any, service_account_info: dict[str, Any], write_json: Callable[..., Path]
) -> None:
    credential = Adc(str(write_json(service_account_info)), token_url=token_server.url)
    assert credential.account == service_account_info["client_email"]
    assert credential.project == "my-project"
    assert await credential.headers() == {"authorization": "Bearer token-1"}


async def test_workload_identity_is_exchanged(
    token_server: Any, write_json: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "subject").write_text("subject-token", "utf-8")
    info = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"file": str(tmp_path / "subject")},
    }
    credential = Adc(str(write_json(info)), token_url=token_server.url)
    assert (await credential.headers())["authorization"] == "Bearer token-1"
    assert token_server.requests[0]["subject_token"] == "subject-token"


async def test_an_unknown_type_is_unreadable(write_json: Callable[..., Path]) -> None:
    with pytest.raises(CredentialError, match="not those of a Google credential file") as caught:
        await Adc(str(write_json({"type": "canary", "refresh_token": "canary"}))).headers()
    assert caught.value.reason == "unreadable"
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("field", ["refresh_token", "client_secret"])
async def test_a_login_with_a_field_missing_is_unreadable(
    user_info: dict[str, Any], write_json: Callable[..., Path], field: str
) -> None:
    del user_info[field]
    with pytest.raises(CredentialError) as caught:
        await Adc(str(write_json(user_info))).headers()
    assert caught.value.reason == "unreadable"


def test_true_takes_the_variables_file_then_gclouds(
    user_info: dict[str, Any], write_json: Callable[..., Path], tmp_path: Path
) -> None:
    named = write_json({**user_info, "account": "variable@x"}, "named.json")
    path = gcloud_file({}, tmp_path)
    path.parent.mkdir(parents=True)
    write_json({**user_info, "account": "gcloud@x"}, str(path.relative_to(tmp_path)))
    environ = {"GOOGLE_APPLICATION_CREDENTIALS": str(named)}
    assert Adc(True, environ=environ, home=tmp_path).account == "variable@x"
    assert Adc(True, environ={}, home=tmp_path).account == "gcloud@x"
    assert gcloud_file({"CLOUDSDK_CONFIG": "/else"}, tmp_path) == Path("/else", path.name)


def test_a_missing_file_in_the_variable_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match=r"gone\.json cannot be read"):
        Adc(True, environ={"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "gone.json")}, home=tmp_path)


async def test_without_a_file_the_metadata_server_is_asked(
    token_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("requests", reason="google-auth asks the metadata server only when requests is there")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.setenv("GCE_METADATA_IP", token_server.host)
    monkeypatch.setattr("google.auth.compute_engine._metadata._GCE_METADATA_HOST", token_server.host)
    token_server.answer = (
        200,
        {"email": "vm@x", "scopes": [], "access_token": "from-machine", "expires_in": 200, "aliases": []},
    )
    credential = Adc(True, environ={}, home=tmp_path)
    assert (credential.account, credential.project) == ("adc", None)
    assert (await credential.headers())["authorization"] == "Bearer from-machine"
    assert any("/service-accounts/" in path and "/token" in path for path in token_server.paths)


async def test_nothing_anywhere_says_how_to_log_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.setattr("google.auth._default._get_gce_credentials", lambda *a, **k: (None, None))
    with pytest.raises(CredentialError, match="No application default credentials") as caught:
        await Adc(True, environ={}, home=tmp_path).headers()
    assert caught.value.reason == "unreadable"
    assert "gcloud auth application-default login" in caught.value.advice


def test_names_the_impersonated_account() -> None:
    url = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b.iam:generateAccessToken"
    assert named_account({"service_account_impersonation_url": url}) == "a@b.iam"
    assert named_account({"account": "me@example.com"}) == "me@example.com"
    assert named_account({"account": ""}) is None
