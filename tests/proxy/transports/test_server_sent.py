from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.blobs import Blobs
from proxy.transports.server_sent import Events, Parser
from proxy.transports.transport import Lost
from translators.canonical import JSON
from translators.steps import Reply

pytestmark = pytest.mark.anyio


def parsed(pieces: Iterable[bytes], *, finish: bool = True) -> list[JSON]:
    parser = Parser(Blobs())
    events = [event for piece in pieces for event in parser.feed(piece)]
    return [*events, *parser.finish()] if finish else events


def bytewise(text: bytes) -> list[bytes]:
    return [text[at : at + 1] for at in range(len(text))]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize(
    ("lines", "events"),
    [
        ([b'data: {"a":1}', b""], [{"a": 1}]),
        ([b'data:{"a":1}', b""], [{"a": 1}]),
        ([b'data: {"a":', b"data: 1}", b""], [{"a": 1}]),
        ([b": a comment", b'data: {"a":1}', b": another", b"", b": the last"], [{"a": 1}]),
        ([b"event: chunk", b"id: 7", b"retry: 3", b"data: 1", b"", b"data: 2", b""], [1, 2]),
        ([b"data", b"data:", b"", b"", b"data: 1", b""], [1]),
        ([b"database: 5", b"", b"data: 1", b""], [1]),
        ([b"data: 1", b"", b"", b"", b"data: 2", b""], [1, 2]),
        ([b"data: 1"], [1]),
        ([b"data: 1", b"", b"data: 2"], [1, 2]),
        ([], []),
    ],
)
def test_lines(lines: list[bytes], events: list[JSON], end: bytes) -> None:
    text = b"".join(line + end for line in lines)
    assert parsed([text]) == events
    assert parsed(bytewise(text)) == events


def test_the_end_without_a_line_end_is_an_event_too() -> None:
    assert parsed([b'data: {"a"', b":1}"]) == [{"a": 1}]


def test_an_event_comes_when_it_is_whole_and_not_before() -> None:
    parser = Parser(Blobs())
    assert parser.feed(b"data: 1\n") == []
    assert parser.feed(b"\n") == [1]
    assert parser.feed(b"data: 2\r\n\r") == [2]
    assert parser.feed(b"\ndata: 3\n\n") == [3]


def test_line_ends_may_be_mixed() -> None:
    assert parsed([b"data: 1\r\n", b"\ndata: 2\r", b"\r\ndata: 3\n\r\n"], finish=False) == [1, 2, 3]


def test_an_empty_piece_changes_nothing() -> None:
    assert parsed([b"data: 1\r", b"", b"\n", b"", b"\r\n"], finish=False) == [1]


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(JSONS, max_size=5),
    st.lists(st.integers(1, 9), max_size=30),
    st.sampled_from(["\n", "\r", "\r\n"]),
)
def test_any_cutting_gives_the_same_events(values: list[JSON], sizes: list[int], end: str) -> None:
    stop = end.encode()
    text = b"".join(b"data: " + orjson.dumps(value) + stop + b": note" + stop + stop for value in values)
    pieces, at = [], 0
    for size in sizes:
        pieces.append(text[at : at + size])
        at += size
    assert parsed([*pieces, text[at:]]) == values


def test_a_picture_of_several_megabytes_becomes_a_blob() -> None:
    data = b"QUJD" * 1_000_000
    text = b'data: {"image":"' + data + b'"}\n\n'
    blobs = Blobs()
    parser = Parser(blobs)
    events = [event for at in range(0, len(text), 65536) for event in parser.feed(text[at : at + 65536])]
    assert len(events) == 1
    assert blobs.get(events[0]["image"]).text() == data.decode()


class Exchange:
    """Counts how often it is let go."""

    closed = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        yield
        self.closed += 1


async def events_of(pieces: list[bytes], reply: Reply | None = None) -> list[JSON]:
    async def come() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    exchange = Exchange().open()
    await exchange.__aenter__()
    events = Events(reply or Reply(status=200), come(), Blobs(), exchange)
    try:
        return [event async for event in events]
    finally:
        await events.aclose()


@pytest.mark.parametrize("text", [b"data: {\n\n", b"data: [DONE]\n\n", b'data: {"a": "cut o'])
async def test_what_is_not_json_is_lost(text: bytes) -> None:
    with pytest.raises(Lost):
        await events_of([b"data: 1\n\n", text])


async def test_an_event_too_large_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.transports.server_sent.MOST_REPLY_BYTES", 100)
    with pytest.raises(Lost):
        await events_of([b"data: " + b"1" * 200])


async def test_a_reply_that_is_no_stream_has_no_events() -> None:
    exchange = Exchange()
    opened = exchange.open()
    await opened.__aenter__()
    events = Events(Reply(status=400, text="no"), None, Blobs(), opened)
    assert [event async for event in events] == []
    assert events.reply.text == "no"
    await events.aclose()
    assert exchange.closed == 1
