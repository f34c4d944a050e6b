"""Fetching clients' links: what hostile links, servers and redirects come to."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import suppress
from ipaddress import ip_network

import pytest

from proxy.assets.fetch import Fetcher
from tests.proxy.assets.conftest import Picture
from translators.errors import Fault, MediaError

pytestmark = pytest.mark.anyio

HERE = (ip_network("127.0.0.1/32"),)


class Server:
    """Answers each path with bytes set for it, and counts and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.endless: dict[str, bytes] = {}
        self.stalling: set[str] = set()
        self.requests: list[bytes] = []
        self.connections = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(request)
            path = request.split()[1].decode()
            writer.write(self.answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
            while path in self.endless:
                writer.write(self.endless[path])
                await writer.drain()
            if path in self.stalling:
                await reader.read()
        writer.close()

    def give(self, path: str, body: bytes, *headers: str, status: str = "200 OK") -> str:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        return self.raw(path, "\r\n".join(lines).encode() + body)

    def raw(self, path: str, answer: bytes) -> str:
        self.answers[path] = answer
        return f"http://127.0.0.1:{self.port}{path}"

    def redirect(self, path: str, target: str, status: str = "302 Found") -> str:
        return self.give(path, b"", f"Location: {target}", status=status)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    yield server
    listening.close()


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    fetcher = Fetcher(HERE, total=3.0, connect=1.0, stall=0.3)
    yield fetcher
    await fetcher.close()


async def refused(fetcher: Fetcher, link: str) -> MediaError:
    with pytest.raises(MediaError) as raised:
        await fetcher.fetch(link, "image")
    assert (raised.value.fault, raised.value.param) == (Fault.INVALID_REQUEST, "image")
    assert raised.value.advice
    return raised.value


async def test_a_picture(fetcher: Fetcher, server: Server, picture: Picture) -> None:
    data = picture("PNG", 500, 400)
    blob = await fetcher.fetch(server.give("/a.png?x=1", data, "Content-Type: text/plain"), "image")
    assert b"".join(blob.decoded()) == data
    request = server.requests[0].lower()
    assert b"accept-encoding: identity" in request
    assert not any(name in request for name in (b"cookie", b"referer", b"authorization"))


async def test_a_small_picture_and_one_sent_in_chunks(
    fetcher: Fetcher, server: Server, picture: Picture
) -> None:
    data = picture("GIF", 1, 1)
    assert b"".join((await fetcher.fetch(server.give("/a", data))).decoded()) == data
    chunks = b"".join(
        b"%x\r\n%s\r\n" % (len(data[at : at + 7]), data[at : at + 7]) for at in range(0, len(data), 7)
    )
    link = server.raw("/b", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
    assert b"".join((await fetcher.fetch(link)).decoded()) == data


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "localhost",
        "0x7f000001",
        "2130706433",
        "127.1",
        "0",
        "0.0.0.0",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "169.254.169.254",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "[fd00::1]",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::a00:1]",
        "[2002:7f00:1::]",
        "224.0.0.1",
        "[ff02::1]",
        "255.255.255.255",
        "240.0.0.1",
        "[::ffff:169.254.169.254]",
        "localhost.",
    ],
)
async def test_private_addresses_are_never_connected_to(server: Server, host: str) -> None:
    fetcher = Fetcher(total=2.0)
    error = await refused(fetcher, f"http://{host}:{server.port}/a.png")
    assert error.code in {"invalid_image_url", "failed_to_download_image"}
    assert server.connections == 0
    await fetcher.close()


async def test_the_message_says_that_the_address_is_private(server: Server) -> None:
    fetcher = Fetcher()
    for host in ("127.0.0.1", "localhost", "169.254.169.254"):
        error = await refused(fetcher, f"http://{host}:{server.port}/a.png")
        assert error.code == "invalid_image_url"
        assert "not on the public internet" in error.message
    await fetcher.close()


@pytest.mark.parametrize(
    "link",
    [
        "file:///etc/passwd",
        "ftp://example.com/a.png",
        "gopher://example.com/",
        "//example.com/a.png",
        "a.png",
        "",
        "http://",
        "http:///a.png",
        "http://user:pass@example.com/a.png",
        "http://user@example.com/",
        "http://example.com:22/",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://[::1",
        "javascript:alert(1)",
        "http://example.com/" + "a" * 9000,
    ],
)
async def test_other_links_are_refused_unasked(fetcher: Fetcher, link: str) -> None:
    assert (await refused(fetcher, link)).code == "invalid_image_url"


async def test_redirects_are_followed(fetcher: Fetcher, server: Server, picture: Picture) -> None:
    server.give("/c.png", picture())
    server.redirect("/b", "c.png", "307 Temporary Redirect")
    assert (await fetcher.fetch(server.redirect("/a", "/b"))).size
    assert server.connections == 3
    assert not any(b"referer" in request.lower() for request in server.requests)


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("http://127.0.0.2/a.png", "invalid_image_url"),
        ("http://169.254.169.254/latest/meta-data/", "invalid_image_url"),
        ("file:///etc/passwd", "invalid_image_url"),
        ("http://me:secret@127.0.0.1/", "invalid_image_url"),
        ("http://[::1", "invalid_image_url"),
    ],
)
async def test_redirects_are_checked_like_links(
    fetcher: Fetcher, server: Server, target: str, code: str
) -> None:
    error = await refused(fetcher, server.redirect("/a", target))
    assert error.code == code
    assert "secret" not in str(error)
    assert server.connections == 1


async def test_redirects_come_to_an_end(fetcher: Fetcher, server: Server) -> None:
    assert "redirected" in (await refused(fetcher, server.redirect("/a", "/a"))).message
    assert server.connections == 4


@pytest.mark.parametrize(
    "body", [b"<!DOCTYPE html><title>hi</title>", b"hello", b"", b"<svg/>", b'{"secret":1}' * 20]
)
async def test_what_is_no_media_is_refused_unshown(fetcher: Fetcher, server: Server, body: bytes) -> None:
    error = await refused(fetcher, server.give("/a", body, "Content-Type: image/png"))
    assert error.code == "unsupported_image_media_type"
    assert "secret" not in str(error)


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "500 Oops", "206 Partial Content"])
async def test_other_statuses_are_told(
    fetcher: Fetcher, server: Server, picture: Picture, status: str
) -> None:
    error = await refused(fetcher, server.give("/a", picture(), status=status))
    assert error.code == "failed_to_download_image"
    assert status[:3] in error.message


async def test_too_large_by_its_length(fetcher: Fetcher, server: Server, picture: Picture) -> None:
    link = server.raw("/a", b"HTTP/1.1 200 OK\r\nContent-Length: 30000000\r\n\r\n" + picture())
    server.stalling.add("/a")
    assert (await refused(fetcher, link)).code == "image_too_large"


async def test_an_endless_body_is_given_up(fetcher: Fetcher, server: Server, picture: Picture) -> None:
    link = server.raw("/a", b"HTTP/1.1 200 OK\r\n\r\n" + picture())
    server.endless["/a"] = bytes(1 << 16)
    assert (await refused(fetcher, link)).code == "image_too_large"


async def test_compressed_answers_are_refused(fetcher: Fetcher, server: Server) -> None:
    bomb = gzip.compress(bytes(1 << 20))
    error = await refused(fetcher, server.give("/a", bomb, "Content-Encoding: gzip"))
    assert error.code == "failed_to_download_image"


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n\x89PNG\r\n\x1a\n"])
async def test_a_stalling_server_is_given_up(fetcher: Fetcher, server: Server, start: bytes) -> None:
    link = server.raw("/a", start)
    server.stalling.add("/a")
    assert "too slow" in (await refused(fetcher, link)).message


async def test_the_whole_time_is_limited(server: Server, picture: Picture) -> None:
    fetcher = Fetcher(HERE, total=0.2)
    link = server.raw("/a", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n\x89PNG\r\n\x1a\n")
    server.stalling.add("/a")
    assert "too slow" in (await refused(fetcher, link)).message
    await fetcher.close()


@pytest.mark.parametrize(
    "answer",
    [b"", b"220 smtp ready\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n\x89PNG\r\n\x1a\n"],
)
async def test_broken_answers(fetcher: Fetcher, server: Server, answer: bytes) -> None:
    assert (await refused(fetcher, server.raw("/a", answer))).code == "failed_to_download_image"


async def test_a_closed_port(fetcher: Fetcher, server: Server) -> None:
    closed = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = closed.sockets[0].getsockname()[1]
    closed.close()
    await closed.wait_closed()
    assert (await refused(fetcher, f"http://127.0.0.1:{port}/")).code == "failed_to_download_image"
