"""How an answer goes out: whole, piece by piece, or as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from proxy.blobs import Body, Source, dump, splice
from proxy.engine.tasks import Tasks
from translators.clients.base import Answer, ServerEvent

Headers = list[tuple[bytes, bytes]]

_WHITE_SPACE = b"\n"


class Client:
    """The connection a request came over, after its body was read."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self._receive = receive
        self._send = send
        self._watch: asyncio.Task[None] | None = None
        self._gone = False

    def watch(self, tasks: Tasks, tell: Callable[[], None]) -> None:
        """From now on see whether the client hangs up; then `tell` is called."""
        self._watch = tasks.spawn(self._until_gone(tell), "watch client")

    async def _until_gone(self, tell: Callable[[], None]) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        tell()

    def gone(self) -> bool:
        """Whether the client has hung up."""
        return self._gone

    def close(self) -> None:
        """Watch no longer."""
        if self._watch is not None:
            self._watch.cancel()

    async def answer(
        self, answer: Answer, sources: Sequence[Source] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        """Send the whole answer as JSON."""
        body = dump(answer.body, sources)
        await self.start(
            answer.status,
            {
                "content-type": "application/json",
                "content-length": str(body.length),
                **answer.headers,
                **(headers or {}),
            },
        )
        await self.finish(body)

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send status and headers."""
        pairs: Headers = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": pairs})

    async def finish(self, body: Body) -> None:
        """Send the body and end the answer."""
        if body.whole is None:
            async for piece in body:
                await self.write(piece)
        await self._send({"type": "http.response.body", "body": body.whole or b""})

    async def write(self, piece: bytes) -> None:
        """Send some of the body."""
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def keep_alive(self) -> None:
        """Send white space, which JSON allows before a value."""
        await self.write(_WHITE_SPACE)

    async def event(self, event: ServerEvent, sources: Sequence[Source]) -> None:
        """Send one server-sent event."""
        name = f"event: {event.name}\n".encode() if event.name else b""
        data = event.text.encode() if event.text else orjson.dumps(event.data)
        async for piece in splice(b"%sdata: %s\n\n" % (name, data), sources):
            await self.write(piece)

    async def end(self) -> None:
        """End an answer that was written piece by piece."""
        await self._send({"type": "http.response.body", "body": b""})


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of this lower-case name."""
    pairs: list[tuple[bytes, Any]] = scope["headers"]
    return next((value.decode("latin-1") for key, value in pairs if key == name), None)
