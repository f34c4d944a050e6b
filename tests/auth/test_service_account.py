"""Service account keys against a token service on loopback."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auth.credential_error import CredentialError
from auth.service_account import CLOUD_PLATFORM, ServiceAccount

pytestmark = pytest.mark.anyio

EMAIL = "media@my-project.iam.gserviceaccount.com"


def claims(assertion: str) -> dict[str, Any]:
    payload = assertion.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return decoded


async def test_signs_an_assertion_and_sends_the_token(
    token_server: Any, service_account_info: dict[str, Any], write_json: Callable[..., Path]
) -> None:
    credential = ServiceAccount(str(write_json(service_account_info)), token_url=token_server.url)
    assert await credential.headers() == {"authorization": "Bearer token-1"}
    assert (credential.account, credential.project, credential.location) == (EMAIL, "my-project", None)
    signed = claims(token_server.requests[0]["assertion"])
    assert (signed["iss"], signed["scope"]) == (EMAIL, CLOUD_PLATFORM)


async def test_the_files_own_endpoint_is_the_default(
    token_server: Any, service_account_info: dict[str, Any]
) -> None:
    credential = ServiceAccount(json.dumps({**service_account_info, "token_uri": token_server.url}))
    assert (await credential.headers())["authorization"] == "Bearer token-1"


async def test_fifty_calls_at_once_ask_once(token_server: Any, service_account_info: dict[str, Any]) -> None:
    token_server.pause = 0.1
    credential = ServiceAccount(service_account_info, token_url=token_server.url)
    answers = await asyncio.gather(*(credential.headers() for _ in range(50)))
    assert all(answer == {"authorization": "Bearer token-1"} for answer in answers)
    assert len(token_server.requests) == 1


async def test_a_rejected_token_is_replaced(token_server: Any, service_account_info: dict[str, Any]) -> None:
    credential = ServiceAccount(service_account_info, token_url=token_server.url)
    first = await credential.headers()
    assert await credential.rejected() is True
    second = await credential.headers()
    assert await credential.rejected(first) is True, "a newer token may be there already"
    assert [second, await credential.headers()] == [{"authorization": "Bearer token-2"}] * 2


async def test_a_revoked_key_is_refused_with_advice(
    token_server: Any, service_account_info: dict[str, Any]
) -> None:
    token_server.answer = (400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
    with pytest.raises(CredentialError, match=f"refused the credential of {EMAIL}") as caught:
        await ServiceAccount(service_account_info, token_url=token_server.url).headers()
    assert caught.value.reason == "refused"
    assert "new key" in caught.value.advice
    assert caught.value.__context__ is None


async def test_a_silent_token_service_is_unavailable(service_account_info: dict[str, Any]) -> None:
    with pytest.raises(CredentialError) as caught:
        await ServiceAccount(service_account_info, token_url="http://127.0.0.1:1/token").headers()
    assert caught.value.reason == "unavailable"


async def test_understands_the_vertex_wrapper(
    token_server: Any, service_account_info: dict[str, Any], write_json: Callable[..., Path]
) -> None:
    wrapper = {
        "type": "vertex",
        "service_account": service_account_info,
        "project_id": "other-project",
        "location": "us-central1",
    }
    credential = ServiceAccount(str(write_json(wrapper)), token_url=token_server.url)
    assert (credential.account, credential.project, credential.location) == (
        EMAIL,
        "other-project",
        "us-central1",
    )
    assert (await credential.headers())["authorization"] == "Bearer token-1"


async def test_a_rotated_key_is_read_but_another_account_is_not(
    token_server: Any, service_account_info: dict[str, Any], write_json: Callable[..., Path]
) -> None:
    broken = {**service_account_info, "private_key": "not a key"}
    credential = ServiceAccount(str(write_json(broken)), token_url=token_server.url)
    with pytest.raises(CredentialError, match="private key"):
        await credential.headers()
    write_json(service_account_info)
    await credential.rejected()
    assert (await credential.headers())["authorization"] == "Bearer token-1"
    write_json({**service_account_info, "client_email": "other@x"})
    await credential.rejected()
    with pytest.raises(CredentialError, match="names another account"):
        await credential.headers()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "authorized_user"}, "is not a service account's key file"),
        ({"type": "vertex", "service_account": None}, "is not a service account's key file"),
        ({"private_key": ""}, "lacks private_key"),
        ({"client_email": None}, "lacks client_email"),
        ({"client_email": None, "private_key": 3}, "lacks client_email and private_key"),
    ],
)
def test_a_wrong_file_is_named_at_once(
    service_account_info: dict[str, Any], write_json: Callable[..., Path], change: dict[str, Any], words: str
) -> None:
    with pytest.raises(CredentialError, match=words) as caught:
        ServiceAccount(str(write_json({**service_account_info, **change})))
    assert caught.value.reason == "unreadable"
    assert "key.json" in str(caught.value)
