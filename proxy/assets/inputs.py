"""Turns what a request points to into bytes that an upstream can be given."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import NoReturn

import pybase64

from proxy.assets.fetch import Fetcher
from proxy.assets.local import ASSET_ID
from proxy.assets.picture import HEAD, Finding, first_frame, inspect, refusal
from proxy.assets.store import Assets
from proxy.blobs import Blob, Blobs
from translators.canonical import MediaInput, MediaRequest, with_inputs
from translators.errors import MediaError

MOST_LINKS = 16
"""Links that one request may have fetched."""

_FETCHES_AT_ONCE = 4
_DECODES_AT_ONCE = 2
_BUCKET = re.compile(r"gs://[^/\s]+/\S+")
_GEMINI_FILE = re.compile(r"https://generativelanguage\.googleapis\.com/(v\w+/)?files/[\w-]+(\?\S*)?")

_OWN_LINKS = {
    "gemini": (_GEMINI_FILE,),
    "vertex": (_BUCKET,),
    "simulator": (_GEMINI_FILE, _BUCKET),
}
"""By platform, the links that it opens itself, with its own rights."""

_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "heic": "image/heic",
    "heif": "image/heif",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
}

JobAsset = Callable[[str, str], Awaitable[str | None]]
"""The id of the first asset of a finished job, by owner and job id; None for any other job."""


class Inputs:
    """Resolves the pictures and films of requests."""

    def __init__(self, *, assets: Assets, fetcher: Fetcher, job_asset: JobAsset) -> None:
        self._assets = assets
        self._fetcher = fetcher
        self._job_asset = job_asset
        self._decodes = asyncio.Semaphore(_DECODES_AT_ONCE)

    async def resolve(
        self, request: MediaRequest, *, owner: str, platform: str, blobs: Blobs
    ) -> MediaRequest:
        """The request with each input as a marker of `blobs`, with its true type.

        Links are fetched, except those that `platform` opens itself; assets and jobs of `owner` are read; a
        GIF becomes a PNG of its first frame. Raises MediaError, naming the input's `param`, for what cannot
        be used, and AssetStorageError when the store cannot be read now.
        """
        items = tuple(dict.fromkeys(request.inputs))
        if not items:
            return request
        if sum(bool(item.uri) for item in items) > MOST_LINKS:
            message = f"The request has more than {MOST_LINKS} links to fetch."
            raise refusal(message, "invalid_value", items[-1].param, "Send fewer, or send data URIs.")
        fetches = asyncio.Semaphore(_FETCHES_AT_ONCE)

        async def one(item: MediaInput) -> MediaInput:
            if _opens(platform, item.uri):
                return replace(item, mime_type=item.mime_type or _type_by_name(item.uri))
            async with fetches:
                blob = await self._blob(item, owner, blobs)
            return await self._checked(item, blob, blobs)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(item)) for item in items]
        except BaseExceptionGroup as errors:
            _raise_first(errors)
        return with_inputs(request, dict(zip(items, (task.result() for task in tasks), strict=True)))

    async def _blob(self, item: MediaInput, owner: str, blobs: Blobs) -> Blob:
        if item.data:
            return blobs.get(item.data) if blobs.is_marker(item.data) else await _from_text(item)
        if item.uri.startswith("gs://"):
            raise refusal(
                "A gs:// link can be opened by Vertex AI only, and this model is served elsewhere.",
                "invalid_image_url",
                item.param,
                "Configure an upstream with platform: vertex, or send the file as a data URI.",
            )
        if item.uri:
            return await self._fetcher.fetch(item.uri, item.param)
        if item.reference:
            return await self._stored(item, owner)
        raise refusal("The picture is empty.", "empty_image_file", item.param, "Send a data URI or a link.")

    async def _stored(self, item: MediaInput, owner: str) -> Blob:
        asset_id: str | None = item.reference
        if not ASSET_ID.match(item.reference):
            asset_id = await self._job_asset(owner, item.reference)
        asset = await self._assets.get(asset_id) if asset_id else None
        piece = self._assets.find(self._assets.marker(asset.id)) if asset and asset.owner == owner else None
        if piece is None:
            # A foreign id and an unknown one answer alike.
            raise refusal(
                f"There is no asset and no finished job of yours with the id {item.reference[:80]!r}.",
                "image_file_not_found",
                item.param,
                "Check the id, and that its job has succeeded and its file has not expired.",
            )
        return Blob([chunk async for chunk in piece.chunks()])

    async def _checked(self, item: MediaInput, blob: Blob, blobs: Blobs) -> MediaInput:
        """The input as a marker of `blobs`, with its true type."""
        found = await _inspected(item, blob)
        if found.mime_type == "image/gif":
            async with self._decodes:
                blob = await asyncio.to_thread(_still, blob, item.param)
            found = replace(found, mime_type="image/png")
        elif blobs.is_marker(item.data):
            return replace(item, mime_type=found.mime_type)
        return MediaInput(data=blobs.keep(blob), mime_type=found.mime_type, param=item.param)


async def _inspected(item: MediaInput, blob: Blob) -> Finding:
    size = blob.decoded_size
    found = inspect(_head(item, blob, HEAD), size, item.mime_type, item.param)
    if found is None:
        # A camera's metadata may be longer than the head.
        head = await asyncio.to_thread(_head, item, blob, size)
        found = inspect(head, size, item.mime_type, item.param)
    assert found is not None
    return found


def _head(item: MediaInput, blob: Blob, size: int) -> bytes:
    try:
        return blob.head(size)
    except ValueError as error:
        raise _not_base64(item.param) from error


async def _from_text(item: MediaInput) -> Blob:
    """Base64 text as a blob; URL-safe letters, missing padding and white space are put right."""
    if len(item.data) < HEAD:
        return _normal(item.data, item.param)
    return await asyncio.to_thread(_normal, item.data, item.param)


def _normal(data: str, param: str) -> Blob:
    try:
        text = data.encode("ascii")
        try:
            pybase64.b64decode(text, validate=True)
        except ValueError:
            text = b"".join(text.split()).translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
            text += b"=" * (-len(text) % 4)
            pybase64.b64decode(text, validate=True)
    except ValueError as error:
        raise _not_base64(param) from error
    return Blob([text])


def _still(blob: Blob, param: str) -> Blob:
    return Blob([pybase64.b64encode(first_frame(b"".join(blob.decoded()), param))])


def _not_base64(param: str) -> MediaError:
    advice = "Send data:<type>;base64,<the file in base64>."
    return refusal("The picture is not valid base64.", "invalid_base64_image", param, advice)


def _opens(platform: str, uri: str) -> bool:
    return any(pattern.fullmatch(uri) for pattern in _OWN_LINKS.get(platform, ()))


def _type_by_name(uri: str) -> str:
    return _TYPES.get(uri.partition("?")[0].rpartition(".")[2].lower(), "")


def _raise_first(errors: BaseExceptionGroup[BaseException]) -> NoReturn:
    """Raises the first error of a group as it is, for one who expects a MediaError."""
    raise errors.exceptions[0] from None
