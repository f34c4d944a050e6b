"""A whole engine on a real database and asset store, with an upstream and a transport that obey tests."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, cast

import av
import pybase64
from PIL import Image

from auth.credential_error import CredentialError
from proxy.assets.fetch import Fetcher
from proxy.assets.inputs import Inputs
from proxy.assets.local import LocalAssets
from proxy.blobs import Blobs, dump
from proxy.clock import Clock
from proxy.engine.driver import Driver, Limits
from proxy.engine.engine import Engine
from proxy.engine.live import LiveJob
from proxy.engine.order import Order
from proxy.engine.tasks import Tasks
from proxy.jobs.job import Job
from proxy.jobs.sql import SqlJobs
from proxy.routing.choose import Route
from proxy.routing.router import PinnedRoute, Router
from proxy.transports.transport import Destination, Exchange, Kept, Sink
from translators.canonical import (
    JSON,
    Asset,
    MediaInput,
    MediaRequest,
    MediaResult,
    Modality,
    Part,
    Role,
    Turn,
)
from translators.clients.base import Wants
from translators.errors import Billed, Fault, MediaError
from translators.facts import Facts, ModelFacts
from translators.progress import AssetReady, Event, TextDelta
from translators.steps import Call, Done, Fail, Reply, Send, State, Step, Wait
from translators.upstreams.base import Upstream

Answer = Reply | Exception | Callable[[], Awaitable[Reply]]


def png(shade: int = 90) -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (8, 6), (shade, 10, 10)).save(out, "PNG")
    return out.getvalue()


def base64_of(data: bytes) -> str:
    return pybase64.b64encode(data).decode()


def mp4(folder: Path) -> bytes:
    """A film of four frames."""
    path = folder / "made.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in range(4):
            frame = av.VideoFrame(64, 48, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([shade * 40]) * plane.buffer_size)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path.read_bytes()


def refused(status: int) -> MediaError:
    return MediaError(Fault.UPSTREAM_FAILED, f"The provider answered {status}.", billed=Billed.NO)


def unknown() -> MediaError:
    return MediaError(Fault.UNCERTAIN, "Nobody knows.", billed=Billed.UNKNOWN)


def _start(request: MediaRequest, facts: Facts) -> Step:
    pictures = [item.data for item in request.inputs]
    body = {"prompt": request.prompt, "count": request.count, "pictures": pictures}
    return Send(call=Call(method="POST", path="/paid", body=body), state={"phase": "paid"}, paid=True)


def _stream_start(request: MediaRequest, facts: Facts) -> Step:
    call = Call(method="POST", path="/stream", body={"prompt": request.prompt})
    return Send(call=call, state={"phase": "stream", "seen": []}, paid=True, stream=True)


def _advance_shot(state: State, reply: Reply | None) -> Step:
    if reply is not None and reply.status != 200:
        return Fail(error=refused(reply.status))
    data = list(state.get("seen", ())) + ([] if reply is None else _images(reply.body))
    if not data:
        return Fail(error=unknown())
    return Done(result=MediaResult(assets=tuple(Asset(mime_type="image/png", data=item) for item in data)))


def _images(body: JSON) -> list[str]:
    return list(body.get("images", ())) if isinstance(body, dict) else []


def _decode(state: State, event: JSON) -> tuple[State, list[Event]]:
    seen = list(state["seen"])
    told: list[Event] = []
    if "image" in event:
        seen.append(event["image"])
        told.append(AssetReady(asset=Asset(mime_type="image/png", data=event["image"]), index=0))
    if "text" in event:
        told.append(TextDelta(text=event["text"]))
    return {**state, "seen": seen}, told


def _advance_film(state: State, reply: Reply | None) -> Step:
    match state["phase"], reply:
        case "paid", None:
            return Fail(error=unknown())
        case "paid", Reply(status=200):
            name = reply.body["name"]
            return Wait(state={"phase": "poll", "operation": name}, seconds=10.0)
        case "poll", None:
            return Send(call=Call(method="GET", path=f"/poll/{state['operation']}"), state=state)
        case "poll", Reply(status=200) if reply.body.get("done"):
            return _fetch(state)
        case "poll", Reply(status=200):
            return Wait(state=state, seconds=10.0)
        case "fetch", None:
            return _fetch(state)
        case "fetch", Reply(status=200):
            assert reply.asset is not None
            return Done(result=MediaResult(assets=(reply.asset,)))
        case _, Reply():
            return Fail(error=refused(reply.status))
    raise ValueError("unknown phase")


def _fetch(state: State) -> Step:
    operation = state["operation"]
    call = Call(method="GET", path=f"/film/{operation}", keep=True, mime_type="video/mp4")
    return Send(call=call, state={"phase": "fetch", "operation": operation})


SHOT = Upstream(name="shot", start=_start, advance=_advance_shot, stream_start=_stream_start, decode=_decode)
FILM = Upstream(name="film", start=_start, advance=_advance_film)


class FakeStream:
    """Events by script; an exception among them breaks the stream off."""

    def __init__(self, reply: Reply, events: list[JSON | Exception]) -> None:
        self.reply = reply
        self.closed = False
        self._events = events

    async def __aiter__(self) -> AsyncIterator[JSON]:
        for event in self._events:
            if isinstance(event, Exception):
                raise event
            yield event

    async def aclose(self) -> None:
        self.closed = True


class FakeTransport:
    """Answers the calls to each path by a script, of which the last answer stays; keeps what was sent."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.bodies: list[bytes] = []
        self.headers: list[Mapping[str, str]] = []
        self.fresh: list[bool] = []
        self.timeouts: list[float] = []
        self.scripts: dict[str, deque[Any]] = {}
        self.streams: deque[FakeStream] = deque()

    def script(self, path: str, *answers: Any) -> None:
        """What the calls to paths that begin so are answered."""
        self.scripts[path] = deque(answers)

    def count(self, path: str) -> int:
        return sum(call.startswith(path) for call in self.calls)

    async def send(self, exchange: Exchange, *, fresh: bool) -> Reply:
        self.bodies.append(await dump(exchange.call.body, (exchange.blobs,)).read())
        self.fresh.append(fresh)
        self.timeouts.append(exchange.timeout)
        answer = await self._answer(exchange.call, exchange.headers)
        assert isinstance(answer, Reply)
        return answer

    async def stream(self, exchange: Exchange) -> FakeStream:
        self.calls.append(exchange.call.path)
        self.headers.append(exchange.headers)
        return self.streams.popleft()

    async def keep(
        self, call: Call, destination: Destination, headers: Mapping[str, str], sink: Sink
    ) -> Kept | Reply:
        answer = await self._answer(call, headers)
        if isinstance(answer, Reply):
            return answer
        await sink.write(answer)
        return Kept(reply=Reply(status=200), length=len(answer))

    async def close(self) -> None:
        self.scripts.clear()

    async def _answer(self, call: Call, headers: Mapping[str, str]) -> Any:
        self.calls.append(call.path)
        self.headers.append(headers)
        path = max((path for path in self.scripts if call.path.startswith(path)), key=len)
        script = self.scripts[path]
        answer = script.popleft() if len(script) > 1 else script[0]
        if isinstance(answer, Exception):
            raise answer
        return await answer() if callable(answer) else answer


class FakeCredential:
    """A token that `rejected` renews as often as it may."""

    kind = "fake"
    account = "key-test"
    project: str | None = None

    def __init__(self) -> None:
        self.renewals = 0
        self.serial = 0
        self.trouble: CredentialError | None = None

    async def headers(self) -> Mapping[str, str]:
        if self.trouble is not None:
            raise self.trouble
        return {"x-key": f"token-{self.serial}"}

    async def rejected(self, sent: Mapping[str, str] | None = None) -> bool:
        if self.renewals <= 0:
            return False
        self.renewals -= 1
        self.serial += 1
        return True


class FakeRouting:
    """One way to each model, on one account."""

    def __init__(self, credential: FakeCredential) -> None:
        self.credential = credential
        self.there = True

    def choose(self, request: MediaRequest) -> PinnedRoute:
        return self._route(request.model)

    def reopen(self, *, model: str, **_place: str) -> PinnedRoute | None:
        return self._route(model) if self.there else None

    def _route(self, model: str) -> PinnedRoute:
        modality = Modality.VIDEO if model.startswith("film") else Modality.IMAGE
        facts = ModelFacts(
            id=model,
            wire=modality.value,
            modality=modality,
            platform="simulator",
            input_types=("image/png",),
            max_inputs=3,
            max_count=2,
            typical_seconds=40.0,
            parameters=frozenset({"first_frame", "negative_prompt"}),
        )
        route = Route(
            upstream="studio",
            platform="simulator",
            base_url="http://upstream.invalid",
            storage_url="http://storage.invalid",
            facts=Facts(model=facts, api_version="v1"),
            served_model=model,
        )
        return PinnedRoute(route=route, credential=self.credential)


class Bench:
    """One process's worth of Filmgate without its HTTP side; `again` is the next process on the same disk."""

    def __init__(self, folder: Path, *, job_seconds: float = 60.0) -> None:
        self.folder = folder
        self.job_seconds = job_seconds
        self.clock = Clock()
        self.transport = FakeTransport()
        self.credential = FakeCredential()
        self.routing = FakeRouting(self.credential)
        self.upstreams = {"image": SHOT, "video": FILM}

    async def open(self) -> Bench:
        (self.folder / "assets").mkdir(exist_ok=True)
        self.tasks = Tasks()
        self.store = SqlJobs.open(f"sqlite:///{self.folder / 'jobs.db'}")
        self.assets = LocalAssets(self.folder / "assets", self.clock.now, min_free_bytes=0)
        await self.assets.start()
        self.driver = Driver(
            store=self.store,
            assets=self.assets,
            transport=self.transport,
            upstreams=self.upstreams,
            limits=Limits(submit=5.0, job=self.job_seconds),
            tasks=self.tasks,
            clock=self.clock,
        )
        self.engine = Engine(
            store=self.store,
            inputs=Inputs(assets=self.assets, fetcher=cast(Fetcher, None), job_asset=_no_job),
            routing=cast(Router, self.routing),
            driver=self.driver,
            tasks=self.tasks,
            clock=self.clock,
        )
        await self.engine.start()
        return self

    async def crash(self) -> None:
        """End as by kill -9: nothing more is decided or sent. What the writer had is on disk."""
        self.driver.stop()
        await self.tasks.cancel()
        await self.store.close()

    async def close(self) -> None:
        await self.engine.stop()
        await self.store.close()

    async def again(self) -> Bench:
        """The next process."""
        await self.crash()
        return await self.open()

    async def finished(self, live: LiveJob) -> Job:
        assert await live.wait(5.0, lambda: False), f"still {live.job.status}: {live.message}"
        assert live.ended
        return live.job

    async def until(self, condition: Callable[[], bool]) -> None:
        for _ in range(2000):
            if condition():
                return
            await self.clock.sleep(0.002)
        raise AssertionError("it did not come to that")


async def _no_job(_owner: str, _job: str) -> str | None:
    return None


def order(
    model: str = "film-1",
    prompt: str = "a boat",
    *,
    owner: str = "ann",
    wants: Wants = Wants.RESULT,
    count: int = 1,
    key: str | None = None,
    retry: bool = False,
    picture: bytes | None = None,
    dialect: str = "test",
) -> Order:
    """An order; a `picture` becomes the first frame of a film, or a part of the message."""
    blobs = Blobs()
    item = None
    if picture is not None:
        item = MediaInput(mime_type="image/png", data=blobs.add([base64_of(picture).encode()]), param="image")
    film = model.startswith("film")
    modality = Modality.VIDEO if film else Modality.IMAGE
    parts = (Part(text=prompt), *((Part(media=item),) if item and not film else ()))
    request = MediaRequest(
        modality=modality,
        model=model,
        turns=(Turn(role=Role.CLIENT, parts=parts),),
        modalities=(modality.value,),
        count=count,
        first_frame=item if film else None,
    )
    return Order(
        request=request,
        wants=wants,
        owner=owner,
        dialect=dialect,
        blobs=blobs,
        idempotency_key=key,
        retry=retry,
    )
