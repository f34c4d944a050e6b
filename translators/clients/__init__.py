"""The client dialects and their endpoints, as tables."""

from __future__ import annotations

from typing import Final

from translators.clients import openai_chat, openai_images, openai_videos
from translators.clients.base import Dialect, Endpoint, Kind

_CHAT, _IMAGES, _VIDEOS = openai_chat.DIALECT, openai_images.DIALECT, openai_videos.DIALECT

DIALECTS: Final[dict[str, Dialect]] = {dialect.name: dialect for dialect in (_CHAT, _IMAGES, _VIDEOS)}
"""Every dialect by its name."""

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    Endpoint(method="POST", path="/v1/chat/completions", kind=Kind.GENERATE, dialect=_CHAT),
    Endpoint(method="POST", path="/v1/images/generations", kind=Kind.GENERATE, dialect=_IMAGES),
    Endpoint(method="POST", path="/v1/videos", kind=Kind.GENERATE, dialect=_VIDEOS),
    Endpoint(method="GET", path="/v1/videos", kind=Kind.LIST, dialect=_VIDEOS),
    Endpoint(method="GET", path="/v1/videos/{id}", kind=Kind.RETRIEVE, dialect=_VIDEOS),
    Endpoint(method="GET", path="/v1/videos/{id}/content", kind=Kind.CONTENT, dialect=_VIDEOS),
)
"""Every route of every dialect."""
