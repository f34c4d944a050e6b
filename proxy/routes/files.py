"""Media files by their id: with the owner's key, or by a signed link. Ranges and HEAD are served."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from auth.client_keys import ClientKeys
from auth.signed_link import SignedLinks
from proxy.assets.store import Assets, StoredAsset
from proxy.clock import Clock
from proxy.routes.answering import Client, header
from proxy.routes.asking import identify
from translators.errors import Fault, MediaError

_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))")
_ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
}


class Files:
    """Opens stored assets to those who may see them."""

    def __init__(self, *, assets: Assets, keys: ClientKeys, links: SignedLinks, clock: Clock) -> None:
        self._assets = assets
        self._keys = keys
        self._links = links
        self._clock = clock

    async def serve(self, client: Client, scope: Scope) -> None:
        """`GET /files/{asset}`. Raises MediaError: a foreign and an unknown asset are the same."""
        query = Request(scope).query_params
        asset_id: str = scope["path_params"]["asset"]
        if "signature" in query:
            if not self._links.verify(f"/files/{asset_id}", query, self._clock.now()):
                raise MediaError(
                    Fault.KEY_REFUSED,
                    "This link has expired, or its signature is wrong.",
                    advice="Ask for the job again to get a new link, or send your key.",
                    code="link_refused",
                )
            owner = None
        else:
            owner = identify(scope, self._keys)
        await self.send(client, asset_id, {}, owner)

    async def send(
        self, client: Client, asset_id: str, headers: Mapping[str, str], owner: str | None = None
    ) -> None:
        """Send the file, or the range of it that was asked for."""
        stored = await self._assets.get(asset_id)
        if stored is None or owner not in (None, stored.owner):
            raise MediaError(Fault.NOT_FOUND, "There is no such file under your key.", code="not_found")
        wanted = header(client.scope, b"range")
        if wanted is not None and header(client.scope, b"if-range") not in (None, _tag(stored)):
            wanted = None
        span = _span(wanted, stored.size)
        common = {**_common(stored), **headers}
        if span is None:
            await client.start(
                416, {**common, "content-range": f"bytes */{stored.size}", "content-length": "0"}
            )
            await client.end()
            return
        start, end = span
        whole = wanted is None or not _RANGE.fullmatch(wanted)
        if not whole:
            common["content-range"] = f"bytes {start}-{end - 1}/{stored.size}"
        await client.start(200 if whole else 206, {**common, "content-length": str(end - start)})
        if client.scope["method"] != "HEAD":
            async for piece in self._assets.open_range(stored, start, end):
                await client.write(piece)
        await client.end()


class FileEndpoint:
    """`/files/{asset}` as an ASGI application; errors are in OpenAI's shape."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._files.serve(Client(scope, receive, send), scope)


def _common(stored: StoredAsset) -> dict[str, str]:
    name = f"{stored.id}.{_ENDINGS.get(stored.mime_type, 'bin')}"
    return {
        "content-type": stored.mime_type,
        "content-disposition": f'inline; filename="{name}"',
        "accept-ranges": "bytes",
        "etag": _tag(stored),
        "cache-control": "private, max-age=3600",
        "x-content-type-options": "nosniff",
    }


def _tag(stored: StoredAsset) -> str:
    return f'"{stored.sha256[:32]}"'


def _span(wanted: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one behind the last, or None for a range that the file does not have.

    Anything but one plain range is answered with the whole file, as HTTP allows.
    """
    found = _RANGE.fullmatch(wanted) if wanted else None
    if found is None:
        return 0, size
    first, last, tail = found.groups()
    if tail:
        length = min(int(tail), size)
        return (size - length, size) if length else None
    start = int(first)
    end = min(int(last) + 1, size) if last else size
    return (start, end) if start < end else None
