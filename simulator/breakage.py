"""Broken answers: connections that drop, hang or end half-way, and bodies that are not what they should
be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from simulator.errors import (
    GoogleError,
    day_quota,
    error_info,
    internal,
    overloaded,
    rate_limited,
    token_error,
)
from simulator.faults import Fault

TRANSPORT = "simulator.transport"
_HTML = (
    "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Error {code} (Server Error)!!1</title>\n"
    "<p><b>{code}.</b> <ins>That’s an error.</ins>\n<p>The server encountered a temporary error and could "
    "not complete your request.<p>Please try again in 30 seconds. <ins>That’s all we know.</ins>\n"
)


class ConnectionDropped(Exception):
    """Raised in place of a dropped connection where no socket is there to drop (an in-memory transport)."""


async def drop(scope: Scope, receive: Receive, *, flush: bool) -> None:
    """Close the connection of this request under the caller, after what was written (`flush`) or at once.

    The server has to put its transport into the scope's extensions, as the simulator's own server does.
    """
    transport = scope.get("extensions", {}).get(TRANSPORT)
    if transport is None:
        raise ConnectionDropped
    if flush:
        transport.close()
    else:
        transport.abort()
    # Only once the server has noticed may the app return, or it would try to send a 500.
    while (await receive())["type"] != "http.disconnect":
        pass


class Dropped(Response):
    """Close the connection without any answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Drop at once."""
        await drop(scope, receive, flush=False)


class Hanging(Response):
    """Never answer: wait until the client goes away or the simulator stops."""

    def __init__(self, closing: asyncio.Event) -> None:
        super().__init__()
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for the end of either side."""

        async def gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        waits = [asyncio.ensure_future(gone()), asyncio.ensure_future(self._closing.wait())]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if waits[0] not in done:
            await drop(scope, receive, flush=False)


class Cut(Response):
    """Another answer, broken off half-way through its body, with the full length promised in its headers."""

    def __init__(self, inner: Response) -> None:
        super().__init__()
        self.status_code = inner.status_code
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the inner answer's headers and half of its body, then close."""
        whole = "content-length" in self._inner.headers
        chunks = 0

        async def halved(message: Message) -> None:
            nonlocal chunks
            if message["type"] != "http.response.body":
                await send(message)
                return
            chunks += 1
            body = message.get("body", b"")
            if not whole and chunks == 1 and message.get("more_body"):
                await send(message)
                return
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            raise _CutShort

        try:
            await self._inner(scope, receive, halved)
        except* _CutShort:
            await drop(scope, receive, flush=True)


class _CutShort(Exception):
    """Leaves the inner answer at the place where it is broken off."""


def google_answer(error: GoogleError) -> JSONResponse:
    """The answer of a GoogleError."""
    return JSONResponse(error.body(), error.code)


def _permission_denied() -> GoogleError:
    message = "Generative Language API has not been used in project 000000 before or it is disabled."
    return GoogleError(403, message, details=[error_info("SERVICE_DISABLED")])


def _gone() -> GoogleError:
    return GoogleError(404, "This model is no longer available. Please use a newer model.")


_ERRORS: dict[str, Callable[[], GoogleError]] = {
    "daily-quota": day_quota,
    "overloaded": overloaded,
    "internal": internal,
    "unauthenticated": token_error,
    "permission-denied": _permission_denied,
    "model-gone": _gone,
    "accept-500": internal,
    "accept-503": overloaded,
    "accept-429": rate_limited,
    "poll-429": rate_limited,
    "poll-500": internal,
    "poll-404": lambda: GoogleError(404, "Operation not found."),
    "download-404": lambda: GoogleError(404, "File not found or no longer available."),
}
_DROPS = frozenset({"drop-before", "accept-drop", "poll-drop"})
_HANGS = frozenset({"hang", "accept-hang"})


def broken(fault: Fault, request: Request, answer: Response | None = None) -> Response:
    """What the caller gets when that fault strikes; `answer` is the sound one, for faults that break it
    off."""
    if fault.name in _ERRORS:
        return google_answer(_ERRORS[fault.name]())
    if fault.name in _DROPS:
        request.app.state.world.journal.count("drops")
        return Dropped()
    if fault.name in _HANGS:
        return Hanging(request.app.state.world.closing)
    if fault.name == "rate-limit":
        return google_answer(rate_limited(fault.number("seconds", 12.3)))
    if fault.name == "html":
        code = int(fault.number("code", 502))
        return HTMLResponse(_HTML.format(code=code), code)
    if fault.name == "garbage":
        return Response(
            b'\x1f\x8b<<not json>> {"candidates": [', media_type="application/json; charset=UTF-8"
        )
    if fault.name == "token-error":
        return JSONResponse({"error": "internal_failure", "error_description": "Please retry."}, 500)
    return Cut(answer or Response())
