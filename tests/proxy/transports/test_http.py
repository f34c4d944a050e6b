from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from proxy.blobs import Blobs
from proxy.transports import http
from proxy.transports.http import HttpTransport
from proxy.transports.transport import Destination, Exchange, Kept, Lost, NotSent
from translators.canonical import JSON
from translators.steps import Call, Reply, Service

pytestmark = pytest.mark.anyio

KEY = {"x-goog-api-key": "secret"}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    made = HttpTransport()
    yield made
    await made.close()


class Sink:
    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    async def write(self, data: bytes) -> None:
        self.pieces.append(data)


class Upstream:
    """A server whose one handler is the test's; it keeps the requests with their bodies."""

    def __init__(self, handler: Handler) -> None:
        self.requests: list[web.Request] = []
        self.bodies: list[bytes] = []
        self._handler = handler
        self.url = ""

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_route("*", "/{tail:.*}", self._take)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self.url
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.read())
        self.requests.append(request)
        return await self._handler(request)


@asynccontextmanager
async def raw(talk: Talk) -> AsyncIterator[tuple[str, list[int]]]:
    """A server that speaks bytes; the list gets an entry with each connection."""
    connections: list[int] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", connections
    finally:
        server.close()
        await asyncio.sleep(0)


def saying(text: bytes, *, close: bool = True) -> Talk:
    """Reads a request with its body, then says this."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        await reader.readexactly(length)
        writer.write(text)
        await writer.drain()
        if not close:
            await asyncio.sleep(5)

    return talk


def to(url: str, storage: str = "") -> Destination:
    return Destination(base_url=url, storage_url=storage)


async def send(
    transport: HttpTransport,
    url: str,
    *,
    path: str = "/v1/thing",
    method: str = "POST",
    body: JSON = None,
    blobs: Blobs | None = None,
    headers: Mapping[str, str] = KEY,
    timeout: float = 5.0,
    fresh: bool = False,
    service: Service = Service.API,
    storage: str = "",
) -> Reply:
    blobs = blobs or Blobs()
    call = Call(method=method, path=path, body=body, service=service)
    exchange = Exchange(
        call=call, destination=to(url, storage), headers=headers, blobs=blobs, timeout=timeout
    )
    return await transport.send(exchange, fresh=fresh)


async def json_answer(_request: web.Request) -> web.StreamResponse:
    return web.json_response({"ok": True}, headers={"X-Thing": "1"})


async def test_a_reply_has_status_headers_and_json(transport: HttpTransport) -> None:
    upstream = Upstream(json_answer)
    async with upstream.serve() as url:
        reply = await send(transport, url, body={"a": 1})
    assert (reply.status, reply.body, reply.headers["x-thing"]) == (200, {"ok": True}, "1")
    request = upstream.requests[0]
    assert request.headers["content-type"] == "application/json"
    assert request.headers["content-length"] == str(len(upstream.bodies[0]))
    assert request.headers["x-goog-api-key"] == "secret"
    assert upstream.bodies == [b'{"a":1}']


async def test_markers_go_out_as_what_they_stand_for(transport: HttpTransport) -> None:
    blobs = Blobs()
    data = b"QUJD" * 100_000
    marker = blobs.add([data[:70_000], data[70_000:]])
    upstream = Upstream(json_answer)
    async with upstream.serve() as url:
        await send(transport, url, body={"image": marker}, blobs=blobs)
    assert upstream.bodies == [b'{"image":"' + data + b'"}']
    assert upstream.requests[0].headers["content-length"] == str(len(data) + 12)
    assert "transfer-encoding" not in upstream.requests[0].headers


async def test_long_base64_in_a_reply_becomes_a_blob(transport: HttpTransport) -> None:
    data = "QUJD" * 500_000

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response({"image": data})

    blobs = Blobs()
    async with Upstream(answer).serve() as url:
        reply = await send(transport, url, blobs=blobs)
    assert blobs.get(reply.body["image"]).text() == data


async def test_a_packed_reply_is_unpacked(transport: HttpTransport) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        packed = gzip.compress(b'{"ok":[1,2]}')
        return web.Response(body=packed, headers={"content-encoding": "gzip"})

    async with Upstream(answer).serve() as url:
        assert (await send(transport, url)).body == {"ok": [1, 2]}


async def test_what_is_not_json_is_given_as_the_beginning_of_its_text(transport: HttpTransport) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=502, text="<html>" + "x" * 5000)

    async with Upstream(answer).serve() as url:
        reply = await send(transport, url)
    assert (reply.status, reply.body, len(reply.text)) == (502, None, 2000)
    assert reply.text.startswith("<html>")


async def test_redirects_of_a_call_are_given_not_followed(transport: HttpTransport) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"location": "/elsewhere"})

    upstream = Upstream(answer)
    async with upstream.serve() as url:
        assert (await send(transport, url, body={})).status == 307
    assert len(upstream.requests) == 1


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("fresh", [True, False])
async def test_a_refused_connection_is_not_sent(transport: HttpTransport, fresh: bool) -> None:
    with pytest.raises(NotSent):
        await send(transport, f"http://127.0.0.1:{free_port()}", body={}, fresh=fresh)


async def test_an_unknown_host_is_not_sent(transport: HttpTransport) -> None:
    with pytest.raises(NotSent):
        await send(transport, "http://no-such-host.invalid", body={})


async def test_a_failed_handshake_is_not_sent(transport: HttpTransport) -> None:
    async def no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with raw(no_tls) as (url, _):
        with pytest.raises(NotSent):
            await send(transport, url.replace("http", "https"), body={})


@pytest.mark.parametrize(
    "path", ["file:///etc/passwd", "ftp://host/x", "gs://bucket/x", "http://[bad", "x:y"]
)
async def test_a_link_that_is_not_http_is_not_sent(transport: HttpTransport, path: str) -> None:
    with pytest.raises(NotSent):
        await send(transport, "http://127.0.0.1:9", path=path)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-le",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{",
        b"rubbish\r\n\r\n",
        b"\x15\x03\x01\x00\x02",
    ],
    ids=["nothing", "half a head", "half a body", "half a chunk", "no HTTP", "TLS"],
)
@pytest.mark.parametrize("fresh", [True, False])
async def test_what_went_out_without_a_whole_answer_is_lost(
    transport: HttpTransport, text: bytes, fresh: bool
) -> None:
    async with raw(saying(text)) as (url, connections):
        with pytest.raises(Lost):
            await send(transport, url, body={"pay": 1}, fresh=fresh)
        await asyncio.sleep(0.02)
        assert len(connections) == 1, "it must not be sent again by itself"


async def test_no_answer_in_time_is_lost(transport: HttpTransport) -> None:
    async with raw(saying(b"", close=False)) as (url, connections):
        with pytest.raises(Lost, match="in time"):
            await send(transport, url, body={}, timeout=0.1)
        assert len(connections) == 1


async def test_a_reply_too_large_is_lost(transport: HttpTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_REPLY_BYTES", 5)
    async with Upstream(json_answer).serve() as url:
        with pytest.raises(Lost, match="too large"):
            await send(transport, url, body={})


async def test_an_early_answer_to_a_large_body_is_an_answer(transport: HttpTransport) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\n{}")
        await writer.drain()
        await asyncio.sleep(1)

    blobs = Blobs()
    marker = blobs.add([b"QUJD" * 4_000_000])
    async with raw(refuse) as (url, _):
        async with asyncio.timeout(3):
            reply = await send(transport, url, body={"image": marker}, blobs=blobs)
    assert reply.status == 413


async def test_a_paid_call_is_not_repeated_on_a_kept_open_connection_that_died(
    transport: HttpTransport,
) -> None:
    requests: list[bytes] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # The first call is answered; the second arrives on the same connection and is cut.
        for _ in range(2):
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(2)
            requests.append(head.split(b" ")[1])
            if len(requests) == 1:
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
                await writer.drain()
            else:
                return

    async with raw(once) as (url, connections):
        assert (await send(transport, url, body={}, path="/first")).status == 200
        with pytest.raises(Lost):
            await send(transport, url, body={}, path="/second")
        await asyncio.sleep(0.05)
        assert requests == [b"/first", b"/second"]
        assert len(connections) == 1


async def test_a_fresh_call_has_a_connection_of_its_own(transport: HttpTransport) -> None:
    upstream = Upstream(json_answer)
    async with upstream.serve() as url:
        peers = []
        for fresh in (False, False, True, True):
            await send(transport, url, fresh=fresh)
            peers.append(upstream.requests[-1]._transport_peername)
    assert peers[0] == peers[1]
    assert len(set(peers)) == 3


async def test_credentials_go_to_the_upstreams_own_services_only(transport: HttpTransport) -> None:
    api, storage, foreign = (Upstream(json_answer) for _ in range(3))
    async with api.serve() as base, storage.serve() as store, foreign.serve() as elsewhere:
        await send(transport, base, storage=store)
        await send(transport, base, storage=store, service=Service.STORAGE)
        await send(transport, base, storage=store, path=f"{base}/v1/link?x=%2F", method="GET")
        await send(transport, base, storage=store, path=f"{elsewhere}/v1/link", method="GET")
    assert ["x-goog-api-key" in request.headers for request in api.requests] == [True, True]
    assert api.requests[1].raw_path == "/v1/link?x=%2F"
    assert ["x-goog-api-key" in request.headers for request in storage.requests] == [True]
    assert ["x-goog-api-key" in request.headers for request in foreign.requests] == [False]


async def keep(
    transport: HttpTransport, url: str, path: str = "/film", headers: Mapping[str, str] = KEY
) -> tuple[Kept | Reply, Sink]:
    sink = Sink()
    kept = await transport.keep(Call(method="GET", path=path, keep=True), to(url), headers, sink)
    return kept, sink


async def test_a_kept_body_streams_to_the_sink(transport: HttpTransport) -> None:
    film = bytes(range(256)) * 4000

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=film, content_type="video/mp4")

    async with Upstream(answer).serve() as url:
        kept, sink = await keep(transport, url)
    assert isinstance(kept, Kept)
    assert (kept.length, b"".join(sink.pieces)) == (len(film), film)
    assert kept.reply.headers["content-type"] == "video/mp4"
    assert len(sink.pieces) > 1


async def test_a_redirect_to_another_port_loses_the_credential(transport: HttpTransport) -> None:
    async def film(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"film")

    there = Upstream(film)
    async with there.serve() as target:

        async def answer(request: web.Request) -> web.StreamResponse:
            place = "/again" if request.path == "/film" else f"{target}/film"
            return web.Response(status=302, headers={"location": place})

        here = Upstream(answer)
        async with here.serve() as url:
            kept, sink = await keep(transport, url)
    assert isinstance(kept, Kept)
    assert sink.pieces == [b"film"]
    assert ["x-goog-api-key" in request.headers for request in here.requests] == [True, True]
    assert ["x-goog-api-key" in request.headers for request in there.requests] == [False]


@pytest.mark.parametrize(("hops", "follows"), [(5, True), (6, False)])
async def test_at_most_five_redirects_are_followed(
    transport: HttpTransport, hops: int, follows: bool
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        at = int(request.query.get("at", "0"))
        if at == hops:
            return web.Response(body=b"film")
        return web.Response(status=302, headers={"location": f"/film?at={at + 1}"})

    async with Upstream(answer).serve() as url:
        if follows:
            assert isinstance((await keep(transport, url))[0], Kept)
        else:
            with pytest.raises(Lost):
                await keep(transport, url)


@pytest.mark.parametrize("location", ["http://[bad", "ftp://host/x"])
async def test_a_redirect_to_nowhere_comes_to_nothing(transport: HttpTransport, location: str) -> None:
    async with raw(
        saying(b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: %s\r\n\r\n" % location.encode())
    ) as (url, _):
        with pytest.raises((Lost, NotSent)):
            await keep(transport, url)


async def test_a_film_that_is_not_there_is_a_reply(transport: HttpTransport) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response({"error": {"code": 404}}, status=404)

    async with Upstream(answer).serve() as url:
        kept, sink = await keep(transport, url)
    assert isinstance(kept, Reply)
    assert (kept.status, kept.body, sink.pieces) == (404, {"error": {"code": 404}}, [])


async def test_a_film_cut_off_is_lost(transport: HttpTransport) -> None:
    text = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"
    async with raw(saying(text)) as (url, _):
        with pytest.raises(Lost):
            await keep(transport, url)


async def test_proxies_of_the_environment_are_not_for_this_machine(
    transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    async with Upstream(json_answer).serve() as url:
        assert (await send(transport, url)).status == 200


async def test_proxies_of_the_environment_are_for_the_world(
    transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = Upstream(json_answer)
    async with upstream.serve() as url:
        monkeypatch.setenv("http_proxy", url)
        assert (await send(transport, "http://provider.invalid", body={})).status == 200
        assert upstream.requests[0].headers["host"] == "provider.invalid"


async def test_a_proxy_that_refuses_the_tunnel_means_not_sent(
    transport: HttpTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw(saying(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")) as (url, _):
        monkeypatch.setenv("https_proxy", url)
        with pytest.raises(NotSent):
            await send(transport, "https://provider.invalid", body={})


async def stream(transport: HttpTransport, url: str, timeout: float = 5.0) -> Any:
    blobs = Blobs()
    call = Call(method="POST", path="/stream", body={})
    return await transport.stream(
        Exchange(call=call, destination=to(url), headers=KEY, blobs=blobs, timeout=timeout)
    )


async def test_a_stream_gives_its_events(transport: HttpTransport) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        for number in range(3):
            await response.write(b'data: {"n": %d}\n\n' % number)
        return response

    async with Upstream(answer).serve() as url:
        events = await stream(transport, url)
        assert events.reply.status == 200
        assert [event["n"] async for event in events] == [0, 1, 2]
        await events.aclose()


async def test_an_answer_that_is_no_stream_is_read_whole(transport: HttpTransport) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response({"error": 1}, status=429)

    async with Upstream(answer).serve() as url:
        events = await stream(transport, url)
        assert (events.reply.status, events.reply.body) == (429, {"error": 1})
        assert [event async for event in events] == []
        await events.aclose()


async def test_a_stream_that_breaks_off_is_lost(transport: HttpTransport) -> None:
    text = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    async with raw(saying(text + b"9\r\ndata: 1\n\n\r\n")) as (url, _):
        events = await stream(transport, url)
        coming = aiter(events)
        assert await anext(coming) == 1
        with pytest.raises(Lost):
            await anext(coming)
        await events.aclose()


async def test_a_stream_that_was_abandoned_lets_its_connection_go(transport: HttpTransport) -> None:
    gone = asyncio.Event()
    text = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(2)
        writer.write(text + b"9\r\ndata: 1\n\n\r\n")
        assert await reader.read() == b""
        gone.set()

    async with raw(talk) as (url, _):
        events = await stream(transport, url)
        async for event in events:
            assert event == 1
            break
        await events.aclose()
        async with asyncio.timeout(2):
            await gone.wait()
