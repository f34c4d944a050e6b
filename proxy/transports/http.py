"""The HTTP transport, on aiohttp."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
import orjson
from yarl import URL

from proxy.blobs import Blobs, Body, BodyTooLarge, Cutter, Source, dump
from proxy.config_values import is_loopback
from proxy.transports.server_sent import MOST_REPLY_BYTES, Events
from proxy.transports.transport import Destination, Exchange, Kept, Lost, NotSent, Sink
from translators.canonical import JSON
from translators.steps import Call, Reply, Service

_ALWAYS = {"user-agent": "filmgate", "accept": "*/*", "accept-encoding": "identity"}
_MOST_TEXT = 2000
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEP_ALIVE_SECONDS = 30
_CONNECT_SECONDS = 10
_RESOLVE_AND_CONNECT_SECONDS = 25
_SILENCE_SECONDS = 60
_BEFORE_SENDING = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)


class HttpTransport:
    """A Transport over HTTP/1.1."""

    def __init__(self) -> None:
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()

    def _session(self, *, fresh: bool) -> aiohttp.ClientSession:
        """The session with connections kept open, or the one with a new connection for each call.

        A kept-open connection may die just as a call is written to it, and then nobody knows whether the call
        arrived: one that costs dollars gets a connection of its own.
        """
        if fresh not in self._sessions:
            connector = (
                aiohttp.TCPConnector(limit=0, force_close=True)
                if fresh
                else aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_SECONDS)
            )
            self._sessions[fresh] = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), headers=_ALWAYS
            )
        return self._sessions[fresh]

    async def send(self, exchange: Exchange, *, fresh: bool) -> Reply:
        async with self._opened(exchange, fresh=fresh) as response:
            return await _read(response, exchange.blobs)

    async def stream(self, exchange: Exchange) -> Events:
        opened = self._opened(exchange, fresh=False)
        response = await opened.__aenter__()
        try:
            is_stream = response.status == 200 and response.content_type == "text/event-stream"
            reply = (
                Reply(status=response.status, headers=_lower(response))
                if is_stream
                else await _read(response, exchange.blobs)
            )
        except BaseException:
            await opened.__aexit__(None, None, None)
            raise
        return Events(reply, response.content.iter_any() if is_stream else None, exchange.blobs, opened)

    def _opened(
        self, exchange: Exchange, *, fresh: bool
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        url = _url(exchange.call, exchange.destination)
        credentials = _credentials(url, exchange.destination, exchange.headers)
        limits = _limits(total=exchange.timeout)
        return _response(
            self._session(fresh=fresh), exchange.call, url, credentials, (exchange.blobs,), limits
        )

    async def keep(
        self, call: Call, destination: Destination, headers: Mapping[str, str], sink: Sink
    ) -> Kept | Reply:
        limits = _limits(sock_read=_SILENCE_SECONDS)
        url = _url(call, destination)
        session = self._session(fresh=False)
        for _ in range(_MOST_REDIRECTS + 1):
            credentials = _credentials(url, destination, headers)
            async with _response(session, call, url, credentials, (), limits) as response:
                if response.status in _REDIRECTS and "location" in response.headers:
                    url = _behind(url, response.headers["location"])
                    continue
                if response.status != 200:
                    return await _read(response, Blobs())
                length = 0
                async for piece in response.content.iter_any():
                    length += len(piece)
                    await sink.write(piece)
                return Kept(reply=Reply(status=200, headers=_lower(response)), length=length)
        raise Lost(f"the upstream redirected more than {_MOST_REDIRECTS} times")


@asynccontextmanager
async def _response(
    session: aiohttp.ClientSession,
    call: Call,
    url: URL,
    headers: Mapping[str, str],
    sources: tuple[Source, ...],
    limits: aiohttp.ClientTimeout,
) -> AsyncIterator[aiohttp.ClientResponse]:
    """The response of one exchange, with every failure as NotSent or Lost."""
    body, sent = _body(call, sources)
    try:
        async with session.request(
            call.method,
            url,
            data=body,
            headers={**headers, **sent},
            timeout=limits,
            allow_redirects=False,
            proxy=_proxy(url),
        ) as response:
            yield response
    except _BEFORE_SENDING as error:
        raise NotSent(_reason(error)) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Lost(_reason(error)) from error
    except BodyTooLarge as error:
        raise Lost("the answer is too large to take") from error


def _limits(*, total: float | None = None, sock_read: float | None = None) -> aiohttp.ClientTimeout:
    # Without `connect` a slow name server would use up `total`, and the call would pass for lost.
    return aiohttp.ClientTimeout(
        total=total,
        connect=_RESOLVE_AND_CONNECT_SECONDS,
        sock_connect=_CONNECT_SECONDS,
        sock_read=sock_read,
    )


def _body(call: Call, sources: tuple[Source, ...]) -> tuple[Any, dict[str, str]]:
    if call.body is None:
        return None, {}
    body: Body = dump(call.body, sources)
    return body.whole or aiter(body), {"content-type": "application/json", "content-length": str(body.length)}


def _url(call: Call, destination: Destination) -> URL:
    if not call.path.startswith("/"):
        return _link(call.path)
    base = destination.storage_url if call.service is Service.STORAGE else destination.base_url
    return _link(base.rstrip("/") + call.path)


def _link(text: str) -> URL:
    """The link as a URL. Raises NotSent for anything but http and https."""
    try:
        url = URL(text, encoded=True)
        port = url.port
    except ValueError:
        raise NotSent("the upstream gave a link that cannot be read") from None
    if url.scheme not in ("http", "https") or not url.host or not port:
        raise NotSent("the upstream gave a link that is not http or https")
    return url


def _behind(url: URL, location: str) -> URL:
    """Where a redirect leads."""
    try:
        target = url.join(URL(location, encoded=True))
    except ValueError:
        raise Lost("the upstream redirected to a link that cannot be read") from None
    return _link(str(target))


def _proxy(url: URL) -> str | None:
    """The web proxy that the environment names for this URL; none for this machine itself."""
    host = url.host or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    return getproxies().get(url.scheme)


def _credentials(url: URL, destination: Destination, headers: Mapping[str, str]) -> Mapping[str, str]:
    """The credential's headers, if the URL is on one of the upstream's own hosts."""
    own = {URL(base).origin() for base in (destination.base_url, destination.storage_url) if base}
    return headers if url.origin() in own else {}


async def _read(response: aiohttp.ClientResponse, blobs: Blobs) -> Reply:
    headers = _lower(response)
    cutter = Cutter(blobs, limit=MOST_REPLY_BYTES)
    beginning = bytearray()
    async for piece in response.content.iter_any():
        if len(beginning) < _MOST_TEXT:
            beginning += piece[:_MOST_TEXT]
        cutter.feed(piece)
    try:
        document: JSON = cutter.finish()
    except orjson.JSONDecodeError:
        text = bytes(beginning[:_MOST_TEXT]).decode("utf-8", "replace")
        return Reply(status=response.status, headers=headers, text=text)
    return Reply(status=response.status, headers=headers, body=document)


def _lower(response: aiohttp.ClientResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _reason(error: Exception) -> str:
    """What happened, in words for a person; the library's own hold addresses and types."""
    return next((words for kind, words in _REASONS if isinstance(error, kind)), type(error).__name__)


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ConnectionTimeoutError, "it could not be connected to in time"),
    (TimeoutError, "no answer came in time"),
    (aiohttp.ServerDisconnectedError, "it closed the connection without an answer"),
    (aiohttp.ClientPayloadError, "its answer was cut off"),
    (aiohttp.ClientConnectorDNSError, "its name cannot be resolved"),
    (aiohttp.ClientConnectorCertificateError, "its TLS certificate cannot be verified"),
    (aiohttp.ClientSSLError, "TLS with it failed"),
    (aiohttp.ClientConnectorError, "it refused the connection"),
    (aiohttp.ClientHttpProxyError, "the web proxy on the way to it refused"),
    (aiohttp.InvalidURL, "its link is not valid"),
    (aiohttp.ClientResponseError, "its answer was no valid HTTP"),
    (OSError, "the connection broke off"),
)
"""The first that fits holds: the special ones come before those that they are a kind of."""
