"""What makes a client dialect: its endpoints, and the four functions behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from translators.canonical import JSON, MediaRequest, MediaResult, Modality, Status
from translators.errors import MediaError
from translators.progress import Event


class Kind(StrEnum):
    """What an endpoint does; the routes have one way to serve each."""

    GENERATE = "generate"
    RETRIEVE = "retrieve"
    LIST = "list"
    CONTENT = "content"


class Wants(StrEnum):
    """How the client wants its answer."""

    RESULT = "result"
    STREAM = "stream"
    RECEIPT = "receipt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A parsed request: what is wanted, and how the answer is to be given.

    `wants` is the finished result, a stream of events, or at once a receipt with the job's id. `delivery` is
    `data` or `url`, or empty for the dialect's own habit; `include_usage` asks for a last chunk with the
    usage.
    """

    request: MediaRequest
    wants: Wants
    delivery: str = ""
    include_usage: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a client may see of a job. Times are epoch seconds.

    `progress` is a whole percentage, below 100 until the job has succeeded; it and `eta_seconds` are
    estimates from past durations. `upstream` is `name/account`. `served_model` differs from `request.model`
    when an alias was resolved. The assets of `result` have a link and a data marker, both good for this
    client.
    """

    id: str
    status: Status
    request: MediaRequest
    served_model: str
    upstream: str
    created_at: float
    progress: int = 0
    eta_seconds: float | None = None
    completed_at: float | None = None
    expires_at: float | None = None
    result: MediaResult | None = None
    error: MediaError | None = None
    notes: tuple[str, ...] = ()
    about: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def modality(self) -> Modality:
        """What kind of thing the job makes."""
        return self.request.modality


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer in the making. Markers inside `body` are replaced on the way out."""

    status: int
    body: JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerEvent:
    """One server-sent event: JSON, or literal text such as `[DONE]`."""

    data: JSON = None
    text: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list of jobs."""

    views: tuple[View, ...]
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """An API shape that clients speak to us.

    `parse(body)` raises MediaError. `render(ask, view)` answers for a job that has ended, or for a receipt;
    `render_event(ask, view, event)` gives the server-sent events for one event of a stream, none for one that
    the dialect does not show. `render_error(error)` answers for a request that never became a job.
    `render_view` and `render_page` serve RETRIEVE and LIST, where the dialect has them; `lists` is the
    modality that its list shows.
    """

    name: str
    parse: Callable[[JSON], Ask]
    render: Callable[[Ask, View], Answer]
    render_event: Callable[[Ask, View, Event], Sequence[ServerEvent]]
    render_error: Callable[[MediaError], Answer]
    render_view: Callable[[View], Answer] | None = None
    render_page: Callable[[Page], Answer] | None = None
    lists: Modality | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One route of a dialect. `{id}` in the path stands for a job's id."""

    method: str
    path: str
    kind: Kind
    dialect: Dialect
