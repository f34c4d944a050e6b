"""What the engine needs of a transport, and the two ways a call can come to nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from proxy.blobs import Blobs
from translators.canonical import JSON
from translators.steps import Call, Reply


class NotSent(Exception):
    """Nothing of the call reached the upstream: it may be made again without harm."""


class Lost(Exception):
    """The call went out, and its answer did not come whole: what the upstream did with it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where an upstream's calls go: the base URLs of its services, without a slash at the end."""

    base_url: str
    storage_url: str


class Sink(Protocol):
    """What a kept body is written to."""

    async def write(self, data: bytes) -> None:
        """Take the next piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A kept body that was written to a sink whole: its status, headers and length in bytes."""

    reply: Reply
    length: int


class EventStream(Protocol):
    """An answer of server-sent events under way."""

    @property
    def reply(self) -> Reply:
        """Status and headers; with the body when the answer was not a stream of events."""

    def __aiter__(self) -> AsyncIterator[JSON]:
        """The data of each event, parsed. Raises Lost when the stream breaks off."""

    async def aclose(self) -> None:
        """Let go of the connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A Call on its way.

    `headers` are the credential's, and are sent only to the destination's own hosts. Markers inside the
    call's body are replaced by what `blobs` has for them, and blobs cut out of the reply are added there.
    `timeout` is for the whole exchange, in seconds.
    """

    call: Call
    destination: Destination
    headers: Mapping[str, str]
    blobs: Blobs
    timeout: float


class Transport(Protocol):
    """Carries Calls. Every method raises NotSent or Lost."""

    async def send(self, exchange: Exchange, *, fresh: bool) -> Reply:
        """Make the call and read the reply. `fresh` asks for a connection that no other call has used."""

    async def stream(self, exchange: Exchange) -> EventStream:
        """Make the call and give its events as they come."""

    async def keep(
        self, call: Call, destination: Destination, headers: Mapping[str, str], sink: Sink
    ) -> Kept | Reply:
        """Make the call and write the body to the sink, however long it takes while something comes.

        Gives a Reply when the answer was not a success.
        """

    async def close(self) -> None:
        """Let go of all connections."""
