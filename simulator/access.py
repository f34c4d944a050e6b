"""Who may call: API keys and bearer tokens, refused in the way Google refuses them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from simulator.errors import GoogleError, error_info, key_error, token_error

if TYPE_CHECKING:
    from starlette.requests import Request

_NO_IDENTITY = (
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or "
    "other form of API consumer identity to call this API."
)
_TWO_IDENTITIES = (
    "Multiple authentication credentials received. Please pass only one of: API key, OAuth 2 access token."
)


def gemini_account(request: Request) -> str:
    """The account behind a Gemini API request, as a digest; the refusals are those of Google's front end.

    Keys that begin with `bad` or contain `invalid`, `expired` or `revoked` are refused; any other is good.
    """
    key, token = _credentials(request)
    if key:
        _check_key(key)
        return _digest(key)
    if token:
        _check_token(request, token)
        # Tokens of one account change with every refresh, so they cannot tell accounts apart.
        return "bearer"
    raise GoogleError(403, _NO_IDENTITY)


def vertex_account(request: Request) -> str:
    """The account behind a Vertex AI request: a bearer token, or an API key (express mode)."""
    key, token = _credentials(request)
    if token:
        _check_token(request, token)
        return "bearer"
    if key:
        _check_key(key)
        return _digest(key)
    raise token_error("CREDENTIALS_MISSING")


def _credentials(request: Request) -> tuple[str, str]:
    key = request.headers.get("x-goog-api-key") or request.query_params.get("key") or ""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme and scheme.lower() != "bearer":
        raise token_error()
    if key and token:
        raise GoogleError(400, _TWO_IDENTITIES)
    return key.strip(), token.strip()


def _check_key(key: str) -> None:
    if "revoked" in key:
        message = "Your API key was reported as leaked. Please use another API key."
        raise GoogleError(403, message, details=[error_info("CONSUMER_SUSPENDED")])
    if "expired" in key:
        raise key_error("API_KEY_EXPIRED")
    if key.startswith("bad") or "invalid" in key:
        raise key_error("API_KEY_INVALID")


def _check_token(request: Request, token: str) -> None:
    if "expired" in token or "revoked" in token or request.app.state.world.tokens.expired(token):
        raise token_error()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:16]
