"""No secret in any text that a credential, an error or a log line makes."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from auth.credential import Credential, CredentialError, build

pytestmark = pytest.mark.anyio

CANARY = "s3cr3t-canary-value"


def shown(thing: object) -> str:
    """Everything a debugger, a log or a traceback would print of it."""
    inside = [repr(value) for value in vars(thing).values()] if hasattr(thing, "__dict__") else []
    return " ".join([repr(thing), str(thing), f"{thing}", *inside])


def spilt(error: CredentialError) -> str:
    lines = "".join(traceback.format_exception(error))
    return " ".join([lines, shown(error), error.advice, error.account])


async def test_credentials_show_nothing(
    caplog: pytest.LogCaptureFixture,
    token_server: Any,
    user_info: dict[str, Any],
    service_account_info: dict[str, Any],
) -> None:
    caplog.set_level(logging.DEBUG)
    token_server.answer = (200, {"access_token": CANARY, "expires_in": 3600})
    key_line = service_account_info["private_key"].splitlines()[1]
    values = {
        "api_key": CANARY,
        "access_token": CANARY,
        "service_account": json.dumps(service_account_info),
        "adc": json.dumps(user_info),
    }
    for kind, value in values.items():
        credential: Credential = build(kind, value, token_url=token_server.url)
        assert CANARY in next(iter((await credential.headers()).values()))
        await credential.rejected()
        await credential.headers()
        text = shown(credential) + shown(getattr(credential, "_tokens", None))
        assert CANARY not in text
        assert key_line not in text
    assert CANARY not in caplog.text
    assert key_line not in caplog.text


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (400, {"error": "invalid_grant", "error_description": CANARY}),
        (400, {"error": CANARY, "error_subtype": CANARY}),
        (403, CANARY),
        (503, {"error": CANARY}),
        (200, CANARY),
        (200, {"refresh_token": CANARY}),
    ],
)
async def test_errors_repeat_nothing_of_the_answer(
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    token_server: Any,
    user_info: dict[str, Any],
    service_account_info: dict[str, Any],
    status: int,
    answer: object,
) -> None:
    monkeypatch.setattr("google.auth._exponential_backoff.time", SimpleNamespace(sleep=lambda seconds: None))
    caplog.set_level(logging.DEBUG)
    token_server.answer = (status, answer)
    for kind, info in (("adc", user_info), ("service_account", service_account_info)):
        with pytest.raises(CredentialError) as caught:
            await build(kind, info, token_url=token_server.url).headers()
        assert CANARY not in spilt(caught.value)
        assert caught.value.__context__ is None
        assert caught.value.__cause__ is None
    assert CANARY not in caplog.text


async def test_errors_repeat_nothing_of_a_broken_file(
    user_info: dict[str, Any], service_account_info: dict[str, Any], write_json: Callable[..., Path]
) -> None:
    broken_key = {**service_account_info, "private_key": CANARY}
    for kind, value in (("service_account", broken_key), ("adc", {**user_info, "type": CANARY})):
        with pytest.raises(CredentialError) as caught:
            await build(kind, str(write_json(value))).headers()
        assert CANARY not in spilt(caught.value)
    for kind in ("api_key", "access_token", "service_account"):
        with pytest.raises(CredentialError) as caught:
            build(kind, f"{{ {CANARY}")
        assert CANARY not in str(caught.value)


async def test_an_unreachable_service_repeats_nothing(
    caplog: pytest.LogCaptureFixture, user_info: dict[str, Any]
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(CredentialError) as caught:
        await build("adc", user_info, token_url="http://127.0.0.1:1/").headers()
    assert CANARY not in spilt(caught.value) + caplog.text
