"""Accepts orders, keeps the jobs at work, and lets clients find and follow them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from proxy.assets.inputs import Inputs
from proxy.assets.store import AssetStorageError
from proxy.blobs import Blobs
from proxy.clock import Clock
from proxy.engine.driver import Driver
from proxy.engine.estimate import Durations, Law
from proxy.engine.faults import (
    key_reused,
    lost_answer,
    never_sent,
    stopping,
    storage_unavailable,
    waits_for_upstream,
)
from proxy.engine.live import LiveJob
from proxy.engine.order import Order, without_media
from proxy.engine.register import KEPT_SECONDS, MEDIA_KEPT_SECONDS, Register
from proxy.engine.tasks import Tasks
from proxy.jobs.job import Job, Take
from proxy.jobs.store import JobStore, StoreUnavailable
from proxy.observe.log import get
from proxy.routing.router import PinnedRoute, Router
from translators.canonical import (
    MediaInput,
    MediaRequest,
    Modality,
    Status,
    request_from_json,
    request_to_json,
    with_inputs,
    with_modality,
)
from translators.clients.base import Wants
from translators.errors import Billed, Fault, MediaError
from translators.progress import Accepted, AssetReady, Finished
from translators.validate import validate

log = get(__name__)

IDEMPOTENT_SECONDS = 24 * 3600.0
"""For how long an Idempotency-Key stands for its job."""

_DURATIONS_READ = 2000
_STORAGE_SECONDS = 5.0


class Engine:
    """All jobs of this process."""

    def __init__(
        self, *, store: JobStore, inputs: Inputs, routing: Router, driver: Driver, tasks: Tasks, clock: Clock
    ) -> None:
        self._store = store
        self._inputs = inputs
        self._routing = routing
        self._driver = driver
        self._tasks = tasks
        self._clock = clock
        self._register = Register(clock)
        self._draining = False
        self._drained = asyncio.Event()
        driver.on_end = self._ended

    async def start(self) -> None:
        """Take up the jobs that an earlier process left. Raises StoreUnavailable."""
        self._driver.durations = Durations(await self._store.durations(_DURATIONS_READ))
        for job in await self._store.ended_since(self._clock.now() - KEPT_SECONDS):
            # A client that was cut off by the restart asks again for what was made, and paid, just before.
            self._keep_settled(job)
        for job in await self._store.unfinished():
            try:
                await self._take_up(job)
            except (ValueError, TypeError, LookupError):
                # One job that cannot be taken up must not keep the others, and new ones, from their service.
                log.exception("job cannot be taken up", job=job.id)

    async def accept(self, order: Order) -> LiveJob:
        """Make the order a job, or find the job that it repeats; it is recorded when this returns.

        Raises MediaError when it can be no job: then nothing was sent to any upstream.
        """
        if self._draining:
            raise stopping()
        route = self._routing.choose(order.request)
        request = order.request
        if not request.modalities:
            request = with_modality(request, route.facts.model.modality)
        order = replace(order, request=validate(request, route.facts.model))
        digest = await asyncio.to_thread(lambda: order.digest) if request.inputs else order.digest
        live = await self._recorded_under_key(order) or self._known(order, digest)
        if live is not None and live.job.digest != digest:
            raise key_reused()
        if live is None:
            if self._draining:
                raise stopping()
            live = self._new(order, route, digest)
            self._tasks.spawn(self._prepare(live), f"prepare {live.job.id}")
        await asyncio.shield(live.ready)
        return live

    async def find(self, owner: str, job_id: str) -> LiveJob | Job | None:
        """The owner's job of this id: live if it is at work here. Raises StoreUnavailable."""
        live = self._register.get(job_id)
        if live is not None:
            return live if live.job.owner == owner and live.ready.done() else None
        job = await self._store.get(job_id)
        return job if job is not None and job.owner == owner else None

    def current(self, job: Job) -> LiveJob | Job:
        """The job as it stands in memory if it is at work here, else as it was recorded."""
        return self._register.get(job.id) or job

    def law(self, model: str, prior: float) -> Law:
        """What is known of the durations of this model's jobs."""
        return self._driver.durations.law(model, prior)

    async def drain(self, seconds: float) -> None:
        """Take no new work, wait for the answers of paid calls at most so long, and let all who wait go."""
        self._draining = True
        self._driver.stop()
        deadline = self._clock.monotonic() + seconds
        for live in self._register:
            if live.ready.done() and not live.paying:
                live.interrupt()
        while self._clock.monotonic() < deadline and any(
            live.paying or not live.ready.done() for live in self._register
        ):
            await self._clock.sleep(0.05)
        for live in self._register:
            live.interrupt()
        self._drained.set()

    async def stop(self) -> None:
        """Stop all work here, behind a drain that is under way; unfinished jobs stay for the next start."""
        if self._draining:
            await self._drained.wait()
        self._driver.stop()
        await self._tasks.cancel()
        await self._driver.record_rest(self._register)

    def _known(self, order: Order, digest: str) -> LiveJob | None:
        if order.idempotency_key is not None:
            return self._register.under_key(order.owner, order.idempotency_key)
        return self._register.repeated(order, digest)

    async def _recorded_under_key(self, order: Order) -> LiveJob | None:
        """The recorded job of this Idempotency-Key, when it is no longer in memory."""
        key = order.idempotency_key
        if key is None or self._register.under_key(order.owner, key) is not None:
            return None
        since = self._clock.now() - IDEMPOTENT_SECONDS
        try:
            job = await self._store.by_idempotency_key(order.owner, key, since)
        except StoreUnavailable as error:
            raise storage_unavailable(error) from error
        if job is None or self._register.get(job.id) is not None:
            return None
        if not job.status.ended:
            raise waits_for_upstream(job.id, job.upstream)
        return _settled(job)

    def _new(self, order: Order, route: PinnedRoute, digest: str) -> LiveJob:
        request, facts = order.request, route.facts
        per_call = max(facts.model.max_count, 1)
        counts = [min(per_call, request.count - done) for done in range(0, request.count, per_call)]
        job = Job(
            id=self._clock.new_id(f"{request.modality.value}_"),
            owner=order.owner,
            dialect=order.dialect,
            modality=request.modality,
            asked_model=request.model,
            model=facts.model.id,
            wire=facts.model.wire,
            upstream=route.route.upstream,
            platform=facts.platform,
            account=route.account,
            project=facts.project,
            location=facts.location,
            digest=digest,
            idempotency_key=order.idempotency_key,
            request=request_to_json(without_media(request)),
            takes=[Take(count=count) for count in counts],
            notes=route.route.notes,
            created_at=self._clock.now(),
        )
        live = LiveJob(job, request, route, order.blobs)
        live.streamed = order.wants is Wants.STREAM
        # Whoever only wants a receipt comes for the film later, and is not cut off meanwhile.
        live.delivered = order.wants is Wants.RECEIPT
        self._register.add(live)
        return live

    async def _prepare(self, live: LiveJob) -> None:
        """Fetch what the request points to, record the job, and set it going."""
        try:
            await self._resolve(live)
            if self._draining:
                raise stopping()
            if live.durable:
                live.job.request = request_to_json(await self._with_stored_inputs(live))
                await self._store.save(live.job)
            else:
                self._store.save_soon(live.job)
        except (MediaError, StoreUnavailable) as error:
            self._register.remove(live)
            live.refuse(error if isinstance(error, MediaError) else storage_unavailable(error))
            return
        except asyncio.CancelledError:
            self._register.remove(live)
            live.refuse(stopping())
            raise
        except Exception:
            self._register.remove(live)
            live.refuse(MediaError(Fault.INTERNAL, "The request could not be prepared."))
            raise
        live.ready.set_result(None)
        live.publish(Accepted())
        self._driver.begin(live)

    async def _resolve(self, live: LiveJob) -> None:
        resolved = await self._inputs.resolve(
            live.request, owner=live.job.owner, platform=live.job.platform, blobs=live.blobs
        )
        live.request = validate(resolved, live.route.facts.model)

    async def _with_stored_inputs(self, live: LiveJob) -> MediaRequest:
        """The request with its media as assets: a job that waits for its turn over a restart needs them."""
        changed = {
            item: MediaInput(reference=await self._driver.collector.input(live, item), param=item.param)
            for item in live.request.inputs
            if item.data
        }
        return with_inputs(live.request, changed)

    async def _take_up(self, job: Job) -> None:
        """Go on with a job of an earlier process; a paid call without an answer makes its take uncertain."""
        changed = _settle(job, self._clock.now())
        if job.status.ended:
            job.completed_at = self._clock.now()
            await self._store.save(job)
            self._keep_settled(job)
            return
        route = self._routing.reopen(
            upstream=job.upstream,
            account=job.account,
            model=job.model,
            platform=job.platform,
            project=job.project,
            location=job.location,
        )
        if route is None or not self._driver.speaks(job.wire):
            log.warning("job waits for its upstream", job=job.id, upstream=job.upstream, account=job.account)
            return
        live = LiveJob(job, request_from_json(job.request), route, Blobs())
        if changed:
            await self._store.save(job)
        self._register.add(live)
        live.ready.set_result(None)
        live.publish(Accepted())
        self._tasks.spawn(self._go_on(live), f"take up {job.id}")

    async def _go_on(self, live: LiveJob) -> None:
        queued = [take for take in live.job.takes if take.status is Status.QUEUED]
        try:
            while queued and not await self._resolved_again(live):
                await self._clock.sleep(_STORAGE_SECONDS)
        except Exception as error:
            for take in queued:
                take.status, take.error = Status.FAILED, _unprepared(error)
            if not isinstance(error, MediaError):
                self._driver.begin(live)
                raise
        self._driver.begin(live)

    async def _resolved_again(self, live: LiveJob) -> bool:
        """Read the stored inputs of a job that still waits to be sent; False while the store is away."""
        try:
            await self._resolve(live)
        except AssetStorageError as error:
            live.say(f"waiting, because its pictures cannot be read: {error.message}")
            return False
        return True

    def _keep_settled(self, job: Job) -> None:
        live = _settled(job)
        self._register.add(live)
        self._ended(live)

    def _ended(self, live: LiveJob) -> None:
        """An ended job stays in memory for a while, and its media for a moment."""
        loop = asyncio.get_running_loop()
        loop.call_later(MEDIA_KEPT_SECONDS, live.release)
        loop.call_later(KEPT_SECONDS, self._forget, live)

    def _forget(self, live: LiveJob) -> None:
        if live.unsaved:
            # Memory is the only place that knows how it ended.
            asyncio.get_running_loop().call_later(KEPT_SECONDS, self._forget, live)
            return
        self._register.remove(live)


def _settle(job: Job, now: float) -> bool:
    """End the takes of an earlier process's job that cannot go on; tells whether there were any."""
    changed = False
    stale = job.modality is not Modality.VIDEO or job.created_at < now - IDEMPOTENT_SECONDS
    for take in job.takes:
        if take.paying:
            take.paying = False
            take.status = Status.UNCERTAIN
            take.error = lost_answer("Filmgate was stopped while it awaited the answer of the paid call.")
            changed = True
        elif take.status is Status.QUEUED and stale:
            take.status = Status.FAILED
            take.error = never_sent()
            changed = True
    return changed


def _unprepared(error: Exception) -> MediaError:
    if isinstance(error, MediaError):
        return replace(error, billed=Billed.NO)
    return MediaError(Fault.INTERNAL, "The request could not be prepared.", billed=Billed.NO)


def _settled(job: Job) -> LiveJob:
    """A recorded job as one that can be followed; it must have ended."""
    live = LiveJob(job, request_from_json(job.request), None, Blobs())
    live.ready.set_result(None)
    live.publish(Accepted())
    for index, asset in enumerate(job.result.assets if job.result else ()):
        live.publish(AssetReady(asset=asset, index=index))
    live.publish(Finished())
    return live
