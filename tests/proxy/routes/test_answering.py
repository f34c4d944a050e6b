"""Answers go out whole, in pieces, and as events."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from proxy.blobs import Blobs
from proxy.engine.tasks import Tasks
from proxy.routes.answering import Client, header
from translators.clients.base import Answer, ServerEvent

Message = MutableMapping[str, Any]


class Wire:
    """Both ends of a connection: what was sent, and what is still to be received."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.coming: asyncio.Queue[Message] = asyncio.Queue()

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    def client(self) -> Client:
        return Client({"type": "http", "headers": []}, self.coming.get, self.send)


async def test_whole_answer() -> None:
    wire = Wire()
    answer = Answer(status=201, body={"a": 1}, headers={"x-of": "answer"})
    await wire.client().answer(answer, (), {"x-of-job": "job"})
    start, body = wire.sent
    assert start["status"] == 201
    assert dict(start["headers"]) == {
        b"content-type": b"application/json",
        b"content-length": b"7",
        b"x-of": b"answer",
        b"x-of-job": b"job",
    }
    assert body == {"type": "http.response.body", "body": b'{"a":1}'}


async def test_markers_are_replaced_on_the_way_out() -> None:
    wire, blobs = Wire(), Blobs()
    marker = blobs.add([b"QUJD", b"REVG"])
    await wire.client().answer(Answer(status=200, body={"url": f"data:x;base64,{marker}"}), (blobs,))
    assert wire.body == b'{"url":"data:x;base64,QUJDREVG"}'
    length = dict(wire.sent[0]["headers"])[b"content-length"]
    assert int(length) == len(wire.body)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (ServerEvent(data={"a": "b\nc"}), b'data: {"a":"b\\nc"}\n\n'),
        (ServerEvent(text="[DONE]"), b"data: [DONE]\n\n"),
        (ServerEvent(name="error", data={}), b"event: error\ndata: {}\n\n"),
    ],
)
async def test_events(event: ServerEvent, text: bytes) -> None:
    wire = Wire()
    await wire.client().event(event, ())
    assert wire.body == text
    assert all(message["more_body"] for message in wire.sent)


async def test_white_space_keeps_alive() -> None:
    wire = Wire()
    await wire.client().keep_alive()
    assert wire.body.isspace()


async def test_hanging_up_is_seen_once_watched() -> None:
    wire, tasks = Wire(), Tasks()
    client = wire.client()
    told = asyncio.Event()
    client.watch(tasks, told.set)
    assert not client.gone()
    wire.coming.put_nowait({"type": "http.request"})
    wire.coming.put_nowait({"type": "http.disconnect"})
    await asyncio.wait_for(told.wait(), 5)
    assert client.gone()
    client.close()
    await tasks.cancel()


def test_first_header_of_a_name() -> None:
    scope = {"headers": [(b"range", b"bytes=0-1"), (b"range", b"bytes=2-3")]}
    assert header(scope, b"range") == "bytes=0-1"
    assert header(scope, b"host") is None
