"""The OAuth token endpoint: service-account assertions and refresh tokens in, access tokens out."""

from __future__ import annotations

import base64
import binascii
import json
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, Response

from simulator.breakage import broken
from simulator.faults import BEFORE, TOKEN, Target

if TYPE_CHECKING:
    from starlette.requests import Request

    from simulator.world import World

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class TokenRefused(Exception):
    """A grant that is refused with that OAuth error code and description."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


async def token(request: Request) -> Response:
    """`POST /token`: the service-account JWT bearer, refresh_token and authorization_code grants."""
    world: World = request.app.state.world
    world.journal.count("tokens")
    for fault in world.faults.take(BEFORE, Target(TOKEN, request.method, request.url.path)):
        return broken(fault, request)
    form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
    try:
        _check(form)
    except TokenRefused as refusal:
        code = 401 if refusal.error == "invalid_client" else 400
        return JSONResponse({"error": refusal.error, "error_description": refusal.description}, code)
    answer = {
        "access_token": world.tokens.issue(),
        "expires_in": world.tokens.seconds,
        "scope": form.get("scope", "https://www.googleapis.com/auth/cloud-platform"),
        "token_type": "Bearer",
    }
    if form["grant_type"] == "authorization_code":
        answer["refresh_token"] = "1//simulated-refresh"  # noqa: S105 - not a secret
    return JSONResponse(answer)


def _check(form: dict[str, str]) -> None:
    grant = form.get("grant_type", "")
    if grant == JWT_BEARER:
        _check_assertion(form.get("assertion", ""))
    elif grant in {"refresh_token", "authorization_code"}:
        given = form.get("refresh_token" if grant == "refresh_token" else "code", "")
        if not given:
            raise TokenRefused("invalid_request", f"Missing required parameter: {grant}")
        if not form.get("client_id") or "invalid" in form["client_id"]:
            raise TokenRefused("invalid_client", "The OAuth client was not found.")
        if "revoked" in given or "expired" in given:
            raise TokenRefused("invalid_grant", "Token has been expired or revoked.")
    else:
        raise TokenRefused("unsupported_grant_type", f"Invalid grant_type: {grant}")


def _check_assertion(assertion: str) -> None:
    pieces = assertion.split(".")
    try:
        padded = pieces[1] + "=" * (-len(pieces[1]) % 4)
        claims = json.loads(base64.urlsafe_b64decode(padded))
        issuer, end = str(claims["iss"]), float(claims["exp"])
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        raise TokenRefused("invalid_grant", "Invalid JWT: failed to parse the assertion.") from None
    if "revoked" in issuer:
        raise TokenRefused("invalid_grant", "Invalid grant: account not found")
    if end < time.time():
        raise TokenRefused("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes).")
