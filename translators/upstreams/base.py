"""The two functions that make an upstream."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from translators.canonical import JSON, MediaRequest
from translators.facts import Facts
from translators.progress import Event
from translators.steps import Reply, State, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """One wire we speak to services.

    `start(request, facts)` gives the first step. The request asks for no more results than one call may
    (`facts.model.max_count`), and its inputs hold base64 text or a link that this platform takes.
    `advance(state, reply)` gives the next one; `reply` is None when a wait is over or after a restart, and
    then the state alone must be enough. `decode(state, event)` takes one server-sent event of a streamed
    call. `stream_start` is `start` for a client that wants to see the words as they come; None where the wire
    has no stream. Neither raises: what cannot be done is a Fail.
    """

    name: str
    start: Callable[[MediaRequest, Facts], Step]
    advance: Callable[[State, Reply | None], Step]
    stream_start: Callable[[MediaRequest, Facts], Step] | None = None
    decode: Callable[[State, JSON], tuple[State, list[Event]]] | None = None
