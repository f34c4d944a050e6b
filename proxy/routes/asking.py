"""What a request brings: who asks, and a JSON body read while it arrives."""

from __future__ import annotations

import orjson
from starlette.types import Receive, Scope

from auth.client_keys import ClientKeys, KeyRefused
from proxy.blobs import Blobs, BodyTooLarge, Cutter
from proxy.routes.answering import header
from translators.canonical import JSON
from translators.errors import Fault, MediaError


class ClientGone(Exception):
    """The client hung up before its request was whole."""


def identify(scope: Scope, keys: ClientKeys) -> str:
    """The owner whose key came along. Raises MediaError."""
    query: bytes = scope.get("query_string", b"")
    if any(part.split(b"=", 1)[0] in _KEYS_IN_QUERY for part in query.split(b"&")):
        raise MediaError(
            Fault.KEY_REFUSED,
            "A key in the query of a URL ends up in logs, and is not accepted.",
            advice="Send it in the header: Authorization: Bearer <key>.",
        )
    peer = scope.get("client")
    try:
        return keys.identify(scope["headers"], peer[0] if peer else None).owner
    except KeyRefused as refused:
        raise MediaError(Fault.KEY_REFUSED, refused.message, advice=refused.advice) from refused


_MOST_DIGITS = 18
_KEYS_IN_QUERY = frozenset({b"key", b"api_key", b"apikey", b"api-key", b"access_token", b"token"})


async def read_json(scope: Scope, receive: Receive, blobs: Blobs, limit: int) -> JSON:
    """The request's body as JSON, with its long base64 strings in `blobs`.

    Raises MediaError for a body that is too large or no JSON, ClientGone when it never came whole.
    """
    announced = header(scope, b"content-length")
    # More digits than any limit has are not even read as a number.
    if announced is not None and (len(announced) > _MOST_DIGITS or int(announced) > limit):
        raise _too_large(limit)
    content_type = (header(scope, b"content-type") or "").split(";", 1)[0].strip().lower()
    if content_type == "multipart/form-data":
        raise MediaError(
            Fault.INVALID_REQUEST,
            f"The body is {content_type}, and this endpoint reads JSON.",
            advice="Send it as application/json.",
            code="unsupported_content_type",
        )
    cutter = Cutter(blobs, limit=limit)
    more = True
    try:
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            cutter.feed(message.get("body", b""))
            more = message.get("more_body", False)
        return cutter.finish()
    except BodyTooLarge as error:
        raise _too_large(limit) from error
    except orjson.JSONDecodeError as error:
        raise MediaError(
            Fault.INVALID_REQUEST,
            f"The body is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno}).",
            advice="Send one JSON object.",
            code="invalid_json",
        ) from error


def _shown(size: int) -> str:
    return f"{size / 2**20:.4g} MiB" if size >= 2**20 else f"{size} bytes"


def _too_large(limit: int) -> MediaError:
    return MediaError(
        Fault.BODY_TOO_LARGE,
        f"The request's body is larger than {_shown(limit)}.",
        advice="Send smaller pictures, or raise server.max_body_bytes.",
        code="request_too_large",
    )
