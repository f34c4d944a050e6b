"""What the failures of a token service mean for the operator."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx2
import pytest

from auth.credential_error import CredentialError
from auth.google_token import LIFETIME_SECONDS, WAIT_ADVICE, fetch_token
from auth.google_transport import HttpxRequest
from auth.service_account import load_service_account
from auth.token_refresh import Outcome, Token

ADVICE = "Do this."


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """google-auth waits 1 and 2 s between its three tries."""
    monkeypatch.setattr("google.auth._exponential_backoff.time", SimpleNamespace(sleep=lambda seconds: None))


@pytest.fixture
def fetch(service_account_info: dict[str, Any], token_server: Any, clock: Any) -> Any:
    def load(request: HttpxRequest) -> Any:
        return load_service_account(service_account_info, ["scope"])

    def run(url: str = token_server.url) -> Outcome:
        return fetch_token(load, account="me@x", advice=ADVICE, token_url=url, clock=clock)

    return run


def test_gives_a_token_with_its_end_on_our_clock(fetch: Any, token_server: Any, clock: Any) -> None:
    clock.now = 5_000.0
    token = fetch()
    assert token.value == "token-1"
    assert token.expires_at == pytest.approx(5_000 + 3600, abs=5)
    assert token_server.requests[0]["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"


def test_a_token_without_a_stated_end_lives_an_hour(fetch: Any, token_server: Any, clock: Any) -> None:
    token_server.answer = (200, {"access_token": "endless"})
    token = fetch()
    assert isinstance(token, Token)
    assert token.expires_at == clock.now + LIFETIME_SECONDS


@pytest.mark.parametrize(
    ("status", "answer", "reason", "words", "advice"),
    [
        (
            400,
            {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
            "refused",
            "invalid_grant",
            ADVICE,
        ),
        (
            400,
            {"error": "invalid_grant", "error_description": "Invalid JWT Signature."},
            "refused",
            "deleted",
            ADVICE,
        ),
        (
            400,
            {
                "error": "invalid_grant",
                "error_description": "Invalid JWT: Token must be a short-lived token (60 minutes) and in a"
                " reasonable timeframe. Check your iat and exp values",
            },
            "refused",
            "clock",
            "Set the clock of this machine, then try again.",
        ),
        (401, {"error": "invalid_client"}, "refused", "invalid_client", ADVICE),
        (403, {"error": {"code": 403, "message": "canary"}}, "refused", "it answered 403", ADVICE),
        (400, {"error": "canary_code", "error_description": "canary"}, "refused", "it answered 400", ADVICE),
        (400, {"error": "invalid_grant", "error_subtype": "invalid_rapt"}, "refused", "new login", ADVICE),
        (404, "<html>canary</html>", "refused", "it answered 404", ADVICE),
        (429, {"error": "rate"}, "unavailable", "it answered 429", WAIT_ADVICE),
        (503, "<html>canary</html>", "unavailable", "it answered 503", WAIT_ADVICE),
        (500, {"error": "server_error"}, "unavailable", "it answered 500", WAIT_ADVICE),
        (400, {"error": "temporarily_unavailable"}, "unavailable", "it answered 400", WAIT_ADVICE),
        (302, "", "unavailable", "it answered 302", WAIT_ADVICE),
        (200, "<html>captive portal canary</html>", "unavailable", "it answered 200 without", WAIT_ADVICE),
        (200, {"token": "canary"}, "unavailable", "it answered 200 without", WAIT_ADVICE),
        (200, {"access_token": ["canary"]}, "unavailable", "it answered 200 without", WAIT_ADVICE),
        (200, {"access_token": "x", "expires_in": "soon"}, "unavailable", "it answered 200", WAIT_ADVICE),
    ],
)
def test_every_answer_has_a_meaning(
    fetch: Any, token_server: Any, status: int, answer: object, reason: str, words: str, advice: str
) -> None:
    token_server.answer = (status, answer)
    error = fetch()
    assert isinstance(error, CredentialError)
    assert (error.reason, error.advice, error.account) == (reason, advice, "me@x")
    assert words in str(error)
    assert "me@x" in str(error)
    assert "canary" not in str(error)


def test_an_absent_service_is_unavailable(fetch: Any) -> None:
    error = fetch("http://127.0.0.1:1/token")
    assert error.reason == "unavailable"
    assert "cannot be reached" in str(error)


def test_a_broken_private_key_is_unreadable(
    fetch: Any, service_account_info: dict[str, Any], token_server: Any
) -> None:
    service_account_info["private_key"] = "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n"
    error = fetch()
    assert error.reason == "unreadable"
    assert "canary" not in str(error)
    assert token_server.requests == []


def test_a_credential_without_a_token_endpoint_refuses_another_one() -> None:
    error = fetch_token(lambda request: object(), account="a", advice=ADVICE, token_url="http://x")  # type: ignore[arg-type,return-value]
    assert isinstance(error, CredentialError)
    assert "token_url does not go with" in str(error)


def test_unreadable_certificates_are_told(fetch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(httpx2, "create_ssl_context", missing)
    error = fetch()
    assert error.reason == "unavailable"
    assert "SSL_CERT_FILE" in str(error)
