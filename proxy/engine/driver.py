"""Carries out the steps of a job's takes until each has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from auth.credential import CredentialError
from proxy.assets.store import Assets, AssetStorageError, UnreadableMediaError
from proxy.clock import Clock
from proxy.engine.collector import UNTOLD, Collector
from proxy.engine.estimate import Durations, next_poll
from proxy.engine.faults import (
    credential_fault,
    defect,
    lost_answer,
    never_sent,
    storage_unavailable,
    too_late,
    unreachable,
    unreadable,
)
from proxy.engine.live import LiveJob
from proxy.engine.recorder import Recorder
from proxy.engine.retry import pause, transient, until_daily_reset
from proxy.engine.tasks import Tasks
from proxy.jobs.job import Take
from proxy.jobs.store import JobStore, StoreUnavailable
from proxy.observe.log import get
from proxy.transports.transport import Destination, EventStream, Exchange, Lost, NotSent, Transport
from translators.canonical import Modality, Status
from translators.errors import Fault, MediaError
from translators.progress import Finished
from translators.steps import Done, Fail, Reply, Send, State, Step, Wait
from translators.upstreams.base import Upstream

log = get(__name__)

POLL_SECONDS = 30.0
"""How long a poll may take. Each failed one gives the next twice the time: its answer may hold the film."""

_LONGEST_POLL_SECONDS = 600.0
_STORAGE_SECONDS = 5.0
"""How long to wait before storing is tried again where there was no room."""

IMAGE_SUBMITS = 2.5
"""A call whose answer is the picture itself may take so many times as long as one answered by a receipt."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a paid call and a whole job may take, in seconds."""

    submit: float
    job: float


class Driver:
    """Knows how each step is done, and nothing of how jobs come to be."""

    def __init__(
        self,
        *,
        store: JobStore,
        assets: Assets,
        transport: Transport,
        upstreams: Mapping[str, Upstream],
        limits: Limits,
        tasks: Tasks,
        clock: Clock,
    ) -> None:
        self._recorder = Recorder(store, tasks, clock)
        self.collector = Collector(assets, clock)
        self._transport = transport
        self._upstreams = upstreams
        self._limits = limits
        self._tasks = tasks
        self._clock = clock
        self._stopped = False
        self.durations = Durations({})
        self.on_end: Callable[[LiveJob], None] = lambda live: None

    def begin(self, live: LiveJob) -> None:
        """Set every unfinished take going, from where it stands."""
        live.deadline = self._clock.monotonic() + self._limits.job
        going = False
        for take in live.job.takes:
            if not take.status.ended:
                going = True
                self._go_on(live, take)
        if not going:
            self._tasks.spawn(self._end(live), f"end {live.job.id}")

    def stop(self) -> None:
        """Begin nothing more; what is under way goes on."""
        self._stopped = True

    def speaks(self, wire: str) -> bool:
        """Whether this version knows the wire."""
        return wire in self._upstreams

    async def record_rest(self, lives: Iterable[LiveJob]) -> None:
        """Write down what could not be written so far, if it can be now."""
        await self._recorder.last(lives)

    def _go_on(self, live: LiveJob, take: Take) -> None:
        if not self._stopped:
            self._tasks.spawn(self._run(live, take), f"run {live.job.id}")

    def _later(self, live: LiveJob, take: Take, seconds: float) -> None:
        # A waiting job is a timer and nothing else: thousands of them cost little.
        asyncio.get_running_loop().call_later(seconds, self._go_on, live, take)

    async def _run(self, live: LiveJob, take: Take) -> None:
        """Carry out steps until the take has ended, or has to wait."""
        try:
            step: Step | None = self._next(live, take, None)
            while step is not None:
                step = await self._carry_out(live, take, step)
        except Exception:
            # A defect of ours must not leave a job without an end; what was paid for is said to be uncertain.
            log.exception("job failed by a defect", job=live.job.id)
            await self._finish(live, take, Fail(error=defect(submitted=live.job.submitted_at is not None)))
            raise

    def _next(self, live: LiveJob, take: Take, reply: Reply | None) -> Step:
        upstream = self._upstreams[live.job.wire]
        if take.state is not None:
            return upstream.advance(take.state, reply)
        request = replace(live.request, count=take.count)
        if live.streamed and upstream.stream_start is not None:
            return upstream.stream_start(request, live.route.facts)
        return upstream.start(request, live.route.facts)

    async def _carry_out(self, live: LiveJob, take: Take, step: Step) -> Step | None:
        """Do it, and give the next step; None when the take has ended or has to wait."""
        if isinstance(step, Wait):
            return await self._wait(live, take, step)
        if not isinstance(step, Send):
            await self._finish(live, take, step)
            return None
        return await (self._pay if step.paid else self._ask)(live, take, step)

    async def _wait(self, live: LiveJob, take: Take, step: Wait) -> Step | None:
        await self._reach(live, take, Status.WAITING, step.state)
        if self._too_late(live):
            return Fail(error=too_late(self._limits.job))
        if all(take.status is Status.WAITING or take.status.ended for take in live.job.takes):
            # The request's media have been sent for every take; from here on the state alone is enough.
            live.forget_media()
        age = self._clock.now() - (live.job.submitted_at or live.job.created_at)
        live.say(f"{live.job.model} is at work")
        law = self.durations.law(live.job.model, live.typical_seconds)
        self._later(live, take, next_poll(age, law, step.seconds))
        return None

    async def _reach(self, live: LiveJob, take: Take, status: Status, state: State) -> None:
        """Write down where the take stands, if that is new: the many polls of one wait are not written."""
        new = take.paying or take.status is not status or take.state != state
        take.status, take.paying, take.state = status, False, state
        if new and live.job.submitted_at is not None:
            await self._recorder.after(live)

    def _too_late(self, live: LiveJob) -> bool:
        # Looked at behind a poll, never before: what was finished while nobody asked must not be given up.
        return self._clock.monotonic() > live.deadline

    async def _pay(self, live: LiveJob, take: Take, step: Send) -> Step | None:
        """Make the paid call, once."""
        try:
            headers = await live.route.credential.headers()
        except CredentialError as error:
            return Fail(error=credential_fault(error, live.job.upstream))
        if self._stopped:
            # A film stays queued for the next start; the client of a picture is not there any more by then.
            return None if live.durable else Fail(error=never_sent())
        before = take.status, take.state, live.job.submitted_at
        take.status, take.paying, take.state = Status.RUNNING, True, step.state
        live.job.submitted_at = live.job.submitted_at or self._clock.now()
        try:
            await self._recorder.before(live)
        except StoreUnavailable as error:
            # Its record says that it is still to be sent, so a refusal now would be taken back by a restart.
            take.paying = False
            take.status, take.state, live.job.submitted_at = before
            return self._queue(live, take, error)
        live.say(f"sent to {live.job.model}")
        try:
            return await self._exchange(live, step, headers)
        except NotSent as error:
            return Fail(error=unreachable(live.job.upstream, error))
        except CredentialError as error:
            return Fail(error=credential_fault(error, live.job.upstream))
        except Lost as error:
            return Fail(error=lost_answer(f"The answer of {live.job.upstream} did not arrive: {error}."))

    def _queue(self, live: LiveJob, take: Take, error: StoreUnavailable) -> Step | None:
        """Try again when the database may be back; give up, unsent, at the deadline."""
        if self._too_late(live):
            return Fail(error=storage_unavailable(error))
        live.say("waiting, because the job cannot be recorded before it is sent")
        log.warning("paid call put off", job=live.job.id, reason=error.reason)
        self._later(live, take, _STORAGE_SECONDS)
        return None

    async def _exchange(self, live: LiveJob, step: Send, headers: Mapping[str, str]) -> Step:
        if step.stream:
            return await self._stream(live, step, headers)
        reply = await self._send(live, step, headers)
        if reply.status == 401 and await live.route.credential.rejected(headers):
            # Refused for its token before anything was accepted: with a new one it is the same, first try.
            reply = await self._send(live, step, await live.route.credential.headers())
        return self._upstreams[live.job.wire].advance(step.state, reply)

    async def _send(
        self, live: LiveJob, step: Send, headers: Mapping[str, str], poll_seconds: float = POLL_SECONDS
    ) -> Reply:
        submit = self._limits.submit * (IMAGE_SUBMITS if live.job.modality is Modality.IMAGE else 1)
        exchange = _exchange(live, step, headers, submit if step.paid else poll_seconds)
        return await self._transport.send(exchange, fresh=step.paid and live.durable)

    async def _stream(self, live: LiveJob, step: Send, headers: Mapping[str, str]) -> Step:
        events = await self._open(live, step, headers)
        if events.reply.status == 401 and await live.route.credential.rejected(headers):
            await events.aclose()
            events = await self._open(live, step, await live.route.credential.headers())
        try:
            return await self._follow(live, step.state, events)
        finally:
            await events.aclose()

    async def _open(self, live: LiveJob, step: Send, headers: Mapping[str, str]) -> EventStream:
        return await self._transport.stream(
            _exchange(live, step, headers, self._limits.submit * IMAGE_SUBMITS)
        )

    async def _follow(self, live: LiveJob, state: State, events: EventStream) -> Step:
        upstream = self._upstreams[live.job.wire]
        if upstream.decode is None:
            raise TypeError(f"{upstream.name} streams without decode")
        try:
            async for event in events:
                state, told = upstream.decode(state, event)
                for item in told:
                    await self.collector.pass_on(live, item)
        except Lost:
            # What came before the break is paid for, and is given.
            step = upstream.advance(state, None)
            if isinstance(step, Done):
                return step
            raise
        return upstream.advance(state, events.reply)

    async def _ask(self, live: LiveJob, take: Take, step: Send) -> Step | None:
        """Make a call that costs nothing; what fails for a while is made again later."""
        await self._reach(live, take, take.status, step.state)
        key = _place(live, take)
        retry_after, patient = None, False
        try:
            reply = await self._asked(live, step, live.failures.get(key, 0))
            if not transient(reply.status):
                live.failures.pop(key, None)
                return self._upstreams[live.job.wire].advance(step.state, reply)
            problem = f"{live.job.upstream} answered {reply.status}"
            retry_after = reply.headers.get("retry-after")
        except (NotSent, Lost) as error:
            problem = f"{live.job.upstream} cannot be reached: {error}"
        except AssetStorageError as error:
            # The film is made and paid for: it waits for room here as long as the provider keeps it.
            problem, patient = f"the film cannot be stored: {error}", True
        except CredentialError as error:
            problem = str(error)
        failures = live.failures[key] = live.failures.get(key, 0) + 1
        if self._too_late(live) and not patient:
            return Fail(error=too_late(self._limits.job))
        live.say(f"waiting, because {problem}")
        log.warning("call failed, will be made again", job=live.job.id, failures=failures, problem=problem)
        self._later(live, take, pause(failures, retry_after, self._clock))
        return None

    async def _asked(self, live: LiveJob, step: Send, failures: int) -> Reply:
        """The reply, with a new token where the old one was refused."""
        seconds = min(POLL_SECONDS * 2.0**failures, _LONGEST_POLL_SECONDS)

        async def ask(headers: Mapping[str, str]) -> Reply:
            if step.call.keep:
                return await self._keep(live, step, headers)
            return await self._send(live, step, headers, seconds)

        headers = await live.route.credential.headers()
        reply = await ask(headers)
        if reply.status == 401 and await live.route.credential.rejected(headers):
            reply = await ask(await live.route.credential.headers())
        return reply

    async def _keep(self, live: LiveJob, step: Send, headers: Mapping[str, str]) -> Reply:
        """Fetch media into the store."""
        live.say("fetching the film")
        writer = await self.collector.writer(live, step.call.mime_type)
        try:
            kept = await self._transport.keep(step.call, _destination(live), headers, writer)
            if isinstance(kept, Reply):
                return kept
            told = kept.reply.headers.get("content-type", UNTOLD)
            return replace(kept.reply, asset=await self.collector.verified(live, writer, told))
        finally:
            await writer.abort()

    async def _finish(self, live: LiveJob, take: Take, step: Done | Fail) -> None:
        """Store what came, tell all who wait, and write it down."""
        if isinstance(step, Fail):
            self._fail(take, step.error)
        else:
            try:
                take.result = await self.collector.collected(live, step.result)
                take.status = Status.SUCCEEDED
            except UnreadableMediaError as error:
                self._fail(take, unreadable(error))
        take.paying, take.state = False, None
        if live.job.status.ended:
            await self._end(live)
        else:
            await self._recorder.after(live)

    def _fail(self, take: Take, error: MediaError) -> None:
        take.status = _ENDED_AS.get(error.fault, Status.FAILED)
        if error.daily and error.retry_after is None:
            error = replace(error, retry_after=until_daily_reset(self._clock.now()))
        take.error = error

    async def _end(self, live: LiveJob) -> None:
        job = live.job
        job.completed_at = self._clock.now()
        if job.result is not None:
            ends = [asset.expires_at for asset in job.result.assets if asset.expires_at is not None]
            job.expires_at = min(ends, default=None)
        if job.status is Status.SUCCEEDED and job.submitted_at is not None:
            self.durations.add(job.model, job.completed_at - job.submitted_at)
        log.info("job ended", job=job.id, status=job.status, model=job.model, upstream=job.upstream)
        try:
            await self._recorder.after(live)
        finally:
            # Whatever became of the record, nobody may wait for ever.
            live.publish(Finished())
            self.on_end(live)


_ENDED_AS = {
    Fault.UNCERTAIN: Status.UNCERTAIN,
    Fault.DEADLINE: Status.EXPIRED,
    Fault.CANCELLED: Status.CANCELLED,
}


def _place(live: LiveJob, take: Take) -> int:
    """Which of the job's takes this is; equal ones are told apart."""
    return next(place for place, other in enumerate(live.job.takes) if other is take)


def _exchange(live: LiveJob, step: Send, headers: Mapping[str, str], seconds: float) -> Exchange:
    return Exchange(
        call=step.call,
        destination=_destination(live),
        headers=headers,
        blobs=live.blobs,
        timeout=seconds,
    )


def _destination(live: LiveJob) -> Destination:
    route = live.route.route
    return Destination(base_url=route.base_url, storage_url=route.storage_url)
