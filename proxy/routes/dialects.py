"""Serves every endpoint of every client dialect, by its kind."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from auth.client_keys import ClientKeys
from proxy.blobs import Blobs, Source, dump
from proxy.engine.engine import Engine
from proxy.engine.faults import interrupted
from proxy.engine.live import LiveJob
from proxy.engine.order import Order
from proxy.engine.tasks import Tasks
from proxy.jobs.job import Job
from proxy.jobs.store import JobStore, StoreUnavailable
from proxy.routes.answering import Client, header
from proxy.routes.asking import ClientGone, identify, read_json
from proxy.routes.files import Files
from proxy.routes.views import Views, job_headers
from translators.canonical import Status
from translators.clients.base import Answer, Ask, Endpoint, Kind, Page, View, Wants
from translators.errors import Fault, MediaError
from translators.progress import AssetReady, Event, Finished, Progress

_EVENT_STREAM = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
}
_NUMBER = re.compile(r"[0-9]{1,9}")
_MOST_LISTED = 100
_LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Sizes and times of HTTP answers, in bytes and seconds; see the configuration's `server` section."""

    max_body_bytes: int
    keepalive_after: float
    progress_every: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the endpoints need."""

    engine: Engine
    store: JobStore
    keys: ClientKeys
    views: Views
    files: Files
    habits: Habits
    tasks: Tasks


class DialectEndpoint:
    """One endpoint as an ASGI application."""

    def __init__(self, endpoint: Endpoint, parts: Parts) -> None:
        self._dialect = endpoint.dialect
        self._parts = parts
        serve: Mapping[Kind, Callable[[Client, Scope, Receive, str], Awaitable[None]]] = {
            Kind.GENERATE: self._generate,
            Kind.RETRIEVE: self._retrieve,
            Kind.LIST: self._list,
            Kind.CONTENT: self._content,
        }
        self._serve = serve[endpoint.kind]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = Client(scope, receive, send)
        try:
            owner = identify(scope, self._parts.keys)
            await self._serve(client, scope, receive, owner)
        except MediaError as error:
            await client.answer(self._dialect.render_error(error))
        except StoreUnavailable as error:
            await client.answer(self._dialect.render_error(_storage(error)))
        except ClientGone:
            return
        finally:
            client.close()

    async def _generate(self, client: Client, scope: Scope, receive: Receive, owner: str) -> None:
        ask, live = await self._accepted(scope, receive, owner)
        base_url = own_url(scope)
        answer = {
            Wants.RESULT: self._result,
            Wants.STREAM: self._stream,
            Wants.RECEIPT: self._receipt,
        }[ask.wants]
        await answer(client, ask, live, base_url)

    async def _accepted(self, scope: Scope, receive: Receive, owner: str) -> tuple[Ask, LiveJob]:
        blobs = Blobs()
        document = await read_json(scope, receive, blobs, self._parts.habits.max_body_bytes)
        ask = self._dialect.parse(document)
        live = await self._parts.engine.accept(
            Order(
                request=ask.request,
                wants=ask.wants,
                owner=owner,
                dialect=self._dialect.name,
                blobs=blobs,
                idempotency_key=header(scope, b"idempotency-key") or None,
                retry=(header(scope, b"x-stainless-retry-count") or "0") != "0",
            )
        )
        return replace(ask, request=live.request), live

    async def _receipt(self, client: Client, ask: Ask, live: LiveJob, base_url: str) -> None:
        view = self._parts.views.of(live, base_url)
        sources = self._parts.views.sources(live)
        await client.answer(self._dialect.render(ask, view), sources, job_headers(live.job))

    async def _result(self, client: Client, ask: Ask, live: LiveJob, base_url: str) -> None:
        """Block until the job has ended. From some time on white space keeps the connection alive."""
        habits = self._parts.habits
        client.watch(self._parts.tasks, live.ring)
        if await live.wait(habits.keepalive_after, client.gone):
            await client.answer(*self._rendered(ask, live, base_url), job_headers(live.job))
        elif not client.gone():
            await client.start(200, {"content-type": "application/json", **job_headers(live.job)})
            await client.keep_alive()
            while not await live.wait(habits.progress_every, client.gone):
                if client.gone():
                    return
                await client.keep_alive()
            answer, sources = self._rendered(ask, live, base_url)
            await client.finish(dump(answer.body, sources))
        live.delivered = live.delivered or not client.gone()

    def _rendered(self, ask: Ask, live: LiveJob, base_url: str) -> tuple[Answer, tuple[Source, ...]]:
        view = self._final(live, base_url)
        return self._dialect.render(ask, view), self._parts.views.sources(live)

    async def _stream(self, client: Client, ask: Ask, live: LiveJob, base_url: str) -> None:
        client.watch(self._parts.tasks, live.ring)
        await client.start(200, {**_EVENT_STREAM, **job_headers(live.job)})
        async for event in live.follow(self._parts.habits.progress_every):
            if client.gone():
                return
            await self._tell(client, ask, live, base_url, event or Progress(message=live.message))
        if not live.ended:
            await self._tell(client, ask, live, base_url, Finished())
        await client.end()
        live.delivered = True

    async def _tell(self, client: Client, ask: Ask, live: LiveJob, base_url: str, event: Event) -> None:
        views = self._parts.views
        view = self._final(live, base_url) if isinstance(event, Finished) else views.of(live, base_url)
        if isinstance(event, AssetReady):
            event = replace(event, asset=views.asset(event.asset, live, base_url))
        for rendered in self._dialect.render_event(ask, view, event):
            await client.event(rendered, views.sources(live))

    def _final(self, live: LiveJob, base_url: str) -> View:
        """The view of a job that has ended, or that goes on without us since this process is stopping."""
        view = self._parts.views.of(live, base_url)
        if live.ended:
            return view
        return replace(view, status=Status.FAILED, error=interrupted(live.job.id))

    async def _retrieve(self, client: Client, scope: Scope, receive: Receive, owner: str) -> None:
        found = await self._found(scope, owner)
        if self._dialect.render_view is None:
            raise _no_such_job()
        view = self._parts.views.of(found, own_url(scope))
        job = found.job if isinstance(found, LiveJob) else found
        await client.answer(self._dialect.render_view(view), (), job_headers(job))

    async def _list(self, client: Client, scope: Scope, receive: Receive, owner: str) -> None:
        if self._dialect.render_page is None or self._dialect.lists is None:
            raise _no_such_job()
        query = Request(scope).query_params
        listing = await self._parts.store.listing(
            owner,
            self._dialect.lists,
            limit=_limit(query.get("limit")),
            after=query.get("after") or None,
            newest_first=_newest_first(query.get("order")),
        )
        base_url = own_url(scope)
        current = [self._parts.engine.current(job) for job in listing.jobs]
        views = tuple(self._parts.views.of(found, base_url) for found in current)
        await client.answer(self._dialect.render_page(Page(views=views, has_more=listing.has_more)))

    async def _content(self, client: Client, scope: Scope, receive: Receive, owner: str) -> None:
        found = await self._found(scope, owner)
        job = found.job if isinstance(found, LiveJob) else found
        query = Request(scope).query_params
        variant = query.get("variant", "video")
        if variant != "video":
            raise MediaError(
                Fault.INVALID_REQUEST,
                f"The variant {variant[:40]!r} is not made by this version.",
                advice="Ask for variant=video.",
                param="variant",
                code="invalid_value",
            )
        await self._parts.files.send(client, _asset_of(job, query.get("index", "0")), job_headers(job))

    async def _found(self, scope: Scope, owner: str) -> LiveJob | Job:
        job_id: str = scope["path_params"]["id"]
        found = await self._parts.engine.find(owner, job_id)
        if found is None:
            raise _no_such_job()
        job = found.job if isinstance(found, LiveJob) else found
        if self._dialect.lists not in (None, job.modality):
            raise _no_such_job()
        return found


def own_url(scope: Scope) -> str:
    """Where the client reached us, without a slash at the end."""
    host = header(scope, b"host")
    if host is None:
        server = scope.get("server") or ("127.0.0.1", 0)
        host = f"{server[0]}:{server[1]}"
    return f"{scope['scheme']}://{host}"


def _asset_of(job: Job, index: str) -> str:
    result = job.result
    if not job.status.ended:
        raise MediaError(
            Fault.NOT_FOUND,
            "The video is not ready yet.",
            advice="Ask for the job's status until it is completed.",
            code="video_not_ready",
        )
    if result is None or not result.assets:
        raise MediaError(
            Fault.NOT_FOUND, f"The job ended as {job.status} and has no video.", code="video_not_available"
        )
    if not _NUMBER.fullmatch(index) or int(index) >= len(result.assets):
        raise MediaError(
            Fault.INVALID_REQUEST,
            f"The job has {len(result.assets)} video(s), counted from 0.",
            param="index",
            code="invalid_value",
        )
    return result.assets[int(index)].id


def _limit(text: str | None) -> int:
    if text is None:
        return _LISTED
    if not _NUMBER.fullmatch(text) or int(text) > _MOST_LISTED:
        raise MediaError(
            Fault.INVALID_REQUEST,
            f"limit is {text[:20]!r}, and must be a number from 0 to {_MOST_LISTED}.",
            param="limit",
            code="invalid_value",
        )
    return int(text)


def _newest_first(text: str | None) -> bool:
    if text not in (None, "asc", "desc"):
        raise MediaError(
            Fault.INVALID_REQUEST, "order must be asc or desc.", param="order", code="invalid_value"
        )
    return text != "asc"


def _no_such_job() -> MediaError:
    return MediaError(
        Fault.NOT_FOUND,
        "There is no such job under your key.",
        advice="Check the id and the key.",
        code="not_found",
    )


def _storage(error: StoreUnavailable) -> MediaError:
    return MediaError(
        Fault.STORAGE_UNAVAILABLE, error.reason, advice="Try again when Filmgate's /readyz answers 200."
    )
