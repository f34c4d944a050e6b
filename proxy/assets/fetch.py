"""Fetches the picture or film that a client's link leads to, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiohttp
import pybase64
from yarl import URL

from proxy.assets.addresses import REFUSED, Network, guarded_socket
from proxy.assets.picture import check_size, refusal
from proxy.assets.signature import HEAD, media_type
from proxy.blobs import Blob
from translators.errors import MediaError

TOTAL_SECONDS = 60.0
CONNECT_SECONDS = 5.0
STALL_SECONDS = 15.0

_MOST_REDIRECTS = 3
_MOST_URL = 8000
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WELL_KNOWN = frozenset({80, 443})
_LOWEST_FREE_PORT = 1024
_PIECE = 3 << 16
_HEADERS = {
    "user-agent": "filmgate",
    "accept": "image/*, video/*",
    # A compressed answer could be a thousand times larger than what was counted on the wire.
    "accept-encoding": "identity",
}


class Fetcher:
    """Fetches clients' links over a session of its own, without proxies, cookies or credentials.

    `allow` are networks that may be reached although they are not public. The times are in seconds.
    """

    def __init__(
        self,
        allow: Sequence[Network] = (),
        *,
        total: float = TOTAL_SECONDS,
        connect: float = CONNECT_SECONDS,
        stall: float = STALL_SECONDS,
    ) -> None:
        self._allow = allow
        self._total = total
        self._limits = aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=stall)
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, link: str, param: str = "") -> Blob:
        """The bytes behind a link as base64 text. Raises MediaError, naming `param`."""
        try:
            async with asyncio.timeout(self._total):
                return await self._follow(_checked(link, param), param)
        except TimeoutError as error:
            raise _failed("its server was too slow.", param) from error
        except aiohttp.ClientConnectorError as error:
            raise _not_connected(error, param) from error
        except (aiohttp.InvalidURL, ValueError) as error:
            raise _invalid("it is not a valid link.", param) from error
        except (aiohttp.ClientError, OSError) as error:
            raise _failed("the connection broke off, or the answer was no valid HTTP.", param) from error

    async def close(self) -> None:
        """Lets go of the connections."""
        if self._session is not None:
            await self._session.close()

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=32, force_close=True, socket_factory=guarded_socket(self._allow)
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                headers=_HEADERS,
                timeout=self._limits,
            )
        return self._session

    async def _follow(self, url: URL, param: str) -> Blob:
        for _ in range(_MOST_REDIRECTS + 1):
            async with self._connected().get(url, allow_redirects=False) as response:
                if response.status in _REDIRECTS:
                    target = response.headers.get("location", "")
                    url = _checked(str(url.join(URL(target))), param)
                    continue
                return await _read(response, param)
        raise _failed(f"it was redirected more than {_MOST_REDIRECTS} times.", param)


async def _read(response: aiohttp.ClientResponse, param: str) -> Blob:
    """The body in base64, given up as soon as it is known not to be wanted."""
    if response.status != 200:
        raise _failed(f"its server answered {response.status}.", param)
    if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise _failed("its server sent it compressed.", param)
    chunks: list[bytes] = []
    left, size, kind = b"", 0, ""
    async for piece in response.content.iter_any():
        size += len(piece)
        left += piece
        if not kind and (len(left) >= HEAD or response.content.at_eof()):
            kind = _kind(left, param)
            check_size(response.content_length or 0, kind, param)
        if kind:
            check_size(size, kind, param)
        if kind and len(left) >= _PIECE:
            whole = len(left) // 3 * 3
            chunks.append(pybase64.b64encode(left[:whole]))
            left = left[whole:]
    if not kind:
        _kind(left, param)
    return Blob([*chunks, pybase64.b64encode(left)])


def _kind(head: bytes, param: str) -> str:
    found = media_type(head)
    if found is None:
        raise refusal(
            "The link does not lead to a picture or film of a known kind.",
            "unsupported_image_media_type",
            param,
            "Give the link of the file itself, not of a page that shows it.",
        )
    return found.partition("/")[0]


def _checked(link: str, param: str) -> URL:
    """The link as a URL that may be asked for; where its address lies is seen when it is connected to."""
    if len(link) > _MOST_URL:
        raise _invalid("it is too long.", param)
    try:
        url = URL(link)
        port = url.port
    except ValueError as error:
        raise _invalid("it is not a valid link.", param) from error
    if url.scheme not in ("http", "https") or not url.host:
        raise _invalid("it is not an http or https link.", param)
    if url.user is not None or url.password is not None:
        raise _invalid("it holds a user name or password.", param)
    if port not in _WELL_KNOWN and (port or 0) < _LOWEST_FREE_PORT:
        raise _invalid("its port is not one of the web.", param)
    return url.with_fragment(None)


def _not_connected(error: aiohttp.ClientConnectorError, param: str) -> MediaError:
    if REFUSED in str(error.os_error):
        return refusal(
            "The link leads to an address that is not on the public internet.",
            "invalid_image_url",
            param,
            "Send the picture as a data URI, or have its network added to server.fetch_allow.",
        )
    return _failed("its server cannot be reached.", param)


def _invalid(what: str, param: str) -> MediaError:
    advice = "Give a plain http or https link, or send the picture as a data URI."
    return refusal(f"The link cannot be used: {what}", "invalid_image_url", param, advice)


def _failed(what: str, param: str) -> MediaError:
    advice = "Check that the link opens without signing in, or send the picture as a data URI."
    return refusal(f"The link could not be fetched: {what}", "failed_to_download_image", param, advice)
