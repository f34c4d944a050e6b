"""What an upstream wants done next, and what it is told: Send, Wait, Done or Fail; Call and Reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from translators.canonical import JSON, Asset, MediaResult
from translators.errors import MediaError

State: TypeAlias = Mapping[str, JSON]
"""All an upstream needs to go on, as plain JSON. It is saved before each step is carried out."""


class Service(StrEnum):
    """Which of an upstream's configured hosts a call goes to."""

    API = "api"
    STORAGE = "storage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP request to an upstream.

    `path` begins with a slash and is put behind the service's base URL, or is an absolute link that the
    upstream itself gave; credentials go along only where the transport finds the host to be the upstream's
    own. With `keep` the reply's body is media: it is stored as an asset, following redirects, and not read.
    """

    method: str
    path: str
    body: JSON = None
    service: Service = Service.API
    keep: bool = False
    mime_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a Call.

    `headers` have lower-case names. `body` is the parsed JSON, with long base64 strings replaced by markers,
    or None when it was not JSON; then `text` is its beginning. `asset` is set when a kept body was stored.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: JSON = None
    text: str = ""
    asset: Asset | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Make this call, then `advance(state, reply)`.

    `paid` marks the call whose lost reply must never be repeated blindly. `stream` asks for server-sent
    events: each is handed to `decode(state, event)`, and the end of the stream to `advance(state, reply)`.
    """

    call: Call
    state: State
    paid: bool = False
    stream: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nothing to do for about this many seconds, then `advance(state, None)`."""

    state: State
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The media are there."""

    result: MediaResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """It will not come to anything."""

    error: MediaError


Step: TypeAlias = Send | Wait | Done | Fail
