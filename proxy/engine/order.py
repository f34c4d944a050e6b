"""What the routes hand to the engine: a parsed request and who asks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import orjson

from proxy.blobs import Blobs
from translators.canonical import MediaInput, MediaRequest, request_to_json, with_inputs
from translators.clients.base import Wants


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One request for media.

    `blobs` hold the media data that the request's markers stand for. `retry` says that the client's SDK
    repeats a request whose answer it did not get.
    """

    request: MediaRequest
    wants: Wants
    owner: str
    dialect: str
    blobs: Blobs
    idempotency_key: str | None = None
    retry: bool = False

    @property
    def digest(self) -> str:
        """A hash over what is asked, by whom and how, media included: the same for a repeated request.

        It takes some milliseconds a megabyte of pictures: ask for it in a thread where there are any.
        """
        words = request_to_json(without_media(self.request))
        whole = hashlib.sha256(orjson.dumps([self.owner, self.dialect, words], option=orjson.OPT_SORT_KEYS))
        for item in self.request.inputs:
            whole.update(hashlib.sha256(item.uri.encode()).digest())
            picture = hashlib.sha256()
            for chunk in self._chunks(item):
                picture.update(chunk)
            whole.update(picture.digest())
        return whole.hexdigest()

    def _chunks(self, item: MediaInput) -> list[bytes]:
        if self.blobs.is_marker(item.data):
            return list(self.blobs.get(item.data).chunks())
        return [item.data.encode()]


def without_media(request: MediaRequest) -> MediaRequest:
    """The request with its media data left out, fit for a row or a digest."""
    return with_inputs(request, {item: replace(item, data="") for item in request.inputs})
