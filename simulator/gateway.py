"""The outermost layer: takes in each request whole, writes it in the journal, and notes how it was
answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse

from simulator.control import PREFIX

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from simulator.world import World

_TOO_LARGE = (
    "<!DOCTYPE html>\n<html lang=en>\n<title>Error 413 (Request Entity Too Large)!!1</title>\n"
    "<p><b>413.</b> <ins>That’s an error.</ins>\n<p>Your client issued a request that was too large.\n"
)


class Gateway:
    """An ASGI layer around the routes; the simulator's own routes and its greeting are not journalled."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app = app
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] == "/" or scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        body = await _read(receive, self._world.settings.body_bytes)
        if body is None:
            await HTMLResponse(_TOO_LARGE, 413, {"connection": "close"})(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        entry = self._world.journal.record(scope["method"], scope["path"], query, dict(headers), body)
        given = False

        async def replay() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry["status"] = message["status"]
            await send(message)

        await self._app(scope, replay, noted)


async def _read(receive: Receive, limit: int) -> bytes | None:
    """The whole body, or None when it is longer than `limit` bytes or the client went away."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            return None
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)
