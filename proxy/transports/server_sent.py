"""Reading server-sent events whose data are JSON, however long a line may be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
import orjson

from proxy.blobs import Blobs, BodyTooLarge, Cutter
from proxy.transports.transport import Lost
from translators.canonical import JSON
from translators.steps import Reply

MOST_REPLY_BYTES = 1 << 29
"""A reply or event larger than this is broken off: the largest films in JSON are a few hundred megabytes."""


class Parser:
    """Server-sent events out of pieces of bytes, as the HTML standard frames them.

    Only `data` fields are looked at. A picture comes as one line of several megabytes: what stands in it goes
    straight to a Cutter, so that it is never joined.
    """

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._head = bytearray()
        self._data: Cutter | None = None
        self._in_data = False
        self._after_return = False

    def feed(self, piece: bytes) -> list[JSON]:
        """The events that are whole now. Raises orjson.JSONDecodeError for data that are not JSON."""
        events: list[JSON] = []
        if not piece:
            return events
        start = 0
        if self._after_return and piece[:1] == b"\n":
            start = 1
        self._after_return = False
        while start < len(piece):
            end, behind = _line_end(piece, start)
            if end < 0:
                self._take(piece[start:])
                break
            self._take(piece[start:end])
            events += self._end_of_line()
            self._after_return = behind == end + 1 == len(piece) and piece.endswith(b"\r")
            start = behind
        return events

    def finish(self) -> list[JSON]:
        """The event that the stream ended with before its blank line: it may hold what was paid for."""
        events = self._end_of_line()
        data, self._data = self._data, None
        return events if data is None else [*events, data.finish()]

    def _take(self, content: bytes) -> None:
        if self._in_data and self._data is not None:
            self._data.feed(content)
            return
        self._head += content
        if self._head.startswith(b"data:") and len(self._head) > len(b"data:"):
            value = bytes(self._head[5:])
            self._head.clear()
            self._in_data = True
            self._data = self._data or Cutter(self._blobs, limit=MOST_REPLY_BYTES)
            self._data.feed(value.removeprefix(b" "))

    def _end_of_line(self) -> list[JSON]:
        empty = not self._in_data and not self._head
        if self._in_data and self._data is not None:
            # Several data lines make one value with line ends between them, which JSON takes as white space.
            self._data.feed(b"\n")
        self._in_data = False
        self._head.clear()
        if not empty or self._data is None:
            return []
        data, self._data = self._data, None
        return [data.finish()]


def _line_end(piece: bytes, start: int) -> tuple[int, int]:
    """Where the line that begins at `start` ends and where the next one begins, or -1 for both."""
    feed = piece.find(b"\n", start)
    back = piece.find(b"\r", start, feed if feed >= 0 else len(piece))
    if back >= 0:
        return back, back + (2 if piece[back + 1 : back + 2] == b"\n" else 1)
    return feed, feed + 1 if feed >= 0 else -1


class Events:
    """An EventStream over one open response."""

    def __init__(
        self,
        reply: Reply,
        pieces: AsyncIterator[bytes] | None,
        blobs: Blobs,
        exchange: AbstractAsyncContextManager[Any],
    ) -> None:
        self._reply = reply
        self._pieces = pieces
        self._parser = Parser(blobs)
        self._exchange = exchange

    @property
    def reply(self) -> Reply:
        return self._reply

    async def __aiter__(self) -> AsyncIterator[JSON]:
        if self._pieces is None:
            return
        try:
            async for piece in self._pieces:
                for event in self._parser.feed(piece):
                    yield event
            for event in self._parser.finish():
                yield event
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Lost("the stream broke off") from error
        except orjson.JSONDecodeError as error:
            raise Lost("the stream held something that is not JSON, or was cut off") from error
        except BodyTooLarge as error:
            raise Lost("the stream held an event too large to take") from error

    async def aclose(self) -> None:
        await self._exchange.__aexit__(None, None, None)
