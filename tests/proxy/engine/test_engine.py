from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from proxy.assets.store import AssetStorageError, Trouble
from proxy.engine.live import LiveJob
from proxy.engine.order import Order
from proxy.jobs.job import Job, Take
from proxy.jobs.store import StoreUnavailable
from tests.proxy.engine.bench import Bench, base64_of, order, png
from translators.canonical import Status
from translators.clients.base import Wants
from translators.errors import Billed, Fault, MediaError
from translators.steps import Reply

pytestmark = pytest.mark.anyio

WORKING = Reply(status=200, body={"done": False})
MADE = Reply(status=200, body={"done": True})


def held(bench: Bench, path: str, answer: Any) -> asyncio.Event:
    """Calls to the path are answered when the event that is given is set."""
    go = asyncio.Event()

    async def wait() -> Any:
        await go.wait()
        return answer

    bench.transport.script(path, wait)
    return go


async def refusal(bench: Bench, asked: Order) -> MediaError:
    with pytest.raises(MediaError) as caught:
        await bench.engine.accept(asked)
    return caught.value


async def both(bench: Bench, first: Order, second: Order) -> tuple[LiveJob, LiveJob]:
    one, two = await asyncio.gather(bench.engine.accept(first), bench.engine.accept(second))
    return one, two


async def live_again(bench: Bench, job_id: str) -> LiveJob:
    found = await bench.engine.find("ann", job_id)
    assert isinstance(found, LiveJob)
    return found


async def test_a_job_is_on_disk_before_its_id_is_told(bench: Bench) -> None:
    held(bench, "/paid", Reply(status=500))
    live = await bench.engine.accept(order(picture=png()))
    recorded = await bench.store.get(live.job.id)
    assert recorded is not None
    assert recorded.owner == "ann"
    assert recorded.request["first_frame"]["reference"].startswith("asset_")
    assert base64_of(png()) not in str(recorded.request)


async def test_what_cannot_be_recorded_is_refused_unsent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_job: Job) -> None:
        raise StoreUnavailable("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(bench.store, "save", refuse)
        error = await refusal(bench, order())
    assert (error.fault, error.billed) == (Fault.STORAGE_UNAVAILABLE, Billed.NO)
    assert bench.transport.calls == []
    await bench.finished(await bench.engine.accept(order()))
    assert bench.transport.count("/paid") == 1


async def test_a_defect_while_preparing_hangs_nobody(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_job: Job) -> None:
        raise TypeError("defect")

    monkeypatch.setattr(bench.store, "save", broken)
    assert (await refusal(bench, order())).fault is Fault.INTERNAL


async def test_two_identical_orders_at_the_same_moment_are_one_job(bench: Bench) -> None:
    one, two = await both(bench, order(), order())
    assert one is two
    await bench.finished(one)
    assert bench.transport.count("/paid") == 1


async def test_two_identical_orders_with_pictures_at_the_same_moment_are_one_job(bench: Bench) -> None:
    one, two = await both(bench, order(picture=png(1)), order(picture=png(1)))
    assert one is two


async def test_two_orders_of_one_key_at_the_same_moment_are_one_job(bench: Bench) -> None:
    one, two = await both(bench, order(key="k"), order(key="k"))
    assert one is two
    await bench.finished(one)
    assert bench.transport.count("/paid") == 1


async def test_an_identical_order_attaches_while_the_first_is_at_work(bench: Bench) -> None:
    go = held(bench, "/paid", Reply(status=200, body={"name": "op1"}))
    first = await bench.engine.accept(order())
    assert await bench.engine.accept(order()) is first
    go.set()
    await bench.finished(first)
    assert bench.transport.count("/paid") == 1


@pytest.mark.parametrize(
    "other", [order(owner="bob"), order(prompt="a car"), order(key="k"), order(dialect="other")]
)
async def test_another_order_is_another_job(bench: Bench, other: Order) -> None:
    held(bench, "/paid", Reply(status=500))
    assert await bench.engine.accept(order()) is not await bench.engine.accept(other)


async def test_distinct_keys_are_distinct_jobs(bench: Bench) -> None:
    one, two = await both(bench, order(key="k1"), order(key="k2"))
    assert one.job.id != two.job.id
    await bench.finished(one)
    await bench.finished(two)
    assert bench.transport.count("/paid") == 2


async def test_the_same_key_is_the_same_job_also_when_it_has_ended(bench: Bench) -> None:
    first = await bench.engine.accept(order(key="k"))
    await bench.finished(first)
    first.delivered = True
    assert await bench.engine.accept(order(key="k")) is first


async def test_the_same_key_is_the_same_job_behind_a_restart(bench: Bench) -> None:
    first = await bench.engine.accept(order(key="k"))
    await bench.finished(first)
    await bench.again()
    second = await bench.engine.accept(order(key="k"))
    assert (second.job.id, second.job.result) == (first.job.id, first.job.result)
    assert second.ended
    assert (await refusal(bench, order(prompt="a car", key="k"))).fault is Fault.CONFLICT
    assert bench.transport.count("/paid") == 1


async def test_the_same_key_is_found_on_disk_when_memory_has_forgotten(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proxy.engine.engine.KEPT_SECONDS", 0.0)
    first = await bench.engine.accept(order(key="k"))
    await bench.finished(first)
    await bench.until(lambda: len(bench.engine._register) == 0)
    second = await bench.engine.accept(order(key="k"))
    assert second is not first
    assert (second.job.id, second.ended) == (first.job.id, True)


async def test_the_same_key_for_another_request_is_a_conflict(bench: Bench) -> None:
    held(bench, "/paid", Reply(status=500))
    await bench.engine.accept(order(key="k"))
    error = await refusal(bench, order(prompt="a car", key="k"))
    assert (error.fault, error.code) == (Fault.CONFLICT, "idempotency_key_reused")


async def test_one_key_of_two_owners_is_two_jobs(bench: Bench) -> None:
    one, two = await both(bench, order(key="k"), order(key="k", owner="bob"))
    assert one.job.id != two.job.id


async def test_a_key_does_not_hide_the_job_that_a_retry_is_of(bench: Bench) -> None:
    held(bench, "/paid", Reply(status=500))
    first = await bench.engine.accept(order())
    await bench.engine.accept(order(key="k"))
    assert await bench.engine.accept(order(retry=True)) is first


@pytest.mark.parametrize(
    ("delivered", "retry", "same"),
    [(True, True, True), (True, False, False), (False, False, True), (False, True, True)],
)
async def test_a_repeat_behind_success(bench: Bench, delivered: bool, retry: bool, same: bool) -> None:
    first = await bench.engine.accept(order())
    await bench.finished(first)
    first.delivered = delivered
    assert (await bench.engine.accept(order(retry=retry)) is first) is same


async def test_a_receipt_is_a_whole_answer(bench: Bench) -> None:
    first = await bench.engine.accept(order(wants=Wants.RECEIPT))
    await bench.finished(first)
    assert await bench.engine.accept(order(wants=Wants.RECEIPT)) is not first


@pytest.mark.parametrize(("status", "same"), [(None, True), (500, False)])
async def test_a_retry_behind_a_failure(bench: Bench, status: int | None, same: bool) -> None:
    lost = Reply(status=200, body={}) if status is None else Reply(status=status)
    bench.transport.script("/paid", lost)
    first = await bench.engine.accept(order("shot-1"))
    await bench.finished(first)
    assert (await bench.engine.accept(order("shot-1", retry=True)) is first) is same


async def test_what_may_have_been_billed_is_not_made_again_by_a_retry(bench: Bench) -> None:
    bench.transport.script("/poll", WORKING)
    first = await bench.engine.accept(order())
    first.deadline = 0.0
    assert (await bench.finished(first)).status is Status.EXPIRED
    assert await bench.engine.accept(order(retry=True)) is first


async def test_a_client_that_leaves_stops_neither_the_preparing_nor_the_job(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = asyncio.Event()
    save: Callable[[Job], Awaitable[None]] = bench.store.save

    async def slow(job: Job) -> None:
        await go.wait()
        await save(job)

    monkeypatch.setattr(bench.store, "save", slow)
    asking = bench.tasks.spawn(bench.engine.accept(order()), "ask")
    await bench.until(lambda: len(bench.engine._register) == 1)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    go.set()
    (live,) = bench.engine._register
    assert (await bench.finished(live)).status is Status.SUCCEEDED


async def test_a_job_is_found_by_its_owner_only(bench: Bench) -> None:
    live = await bench.engine.accept(order())
    await bench.finished(live)
    assert await bench.engine.find("ann", live.job.id) is live
    assert await bench.engine.find("bob", live.job.id) is None
    bench.engine._register.remove(live)
    recorded = await bench.engine.find("ann", live.job.id)
    assert isinstance(recorded, Job)
    assert bench.engine.current(recorded) is recorded
    assert await bench.engine.find("bob", live.job.id) is None


async def test_a_job_whose_end_is_not_on_disk_stays_in_memory(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("proxy.engine.engine.KEPT_SECONDS", 0.0)
    live = await bench.engine.accept(order())
    live.unsaved = True
    await bench.finished(live)
    await bench.clock.sleep(0.02)
    assert await bench.engine.find("ann", live.job.id) is live
    live.unsaved = False
    await bench.until(lambda: len(bench.engine._register) == 0)


async def test_a_queued_film_is_sent_once_behind_a_restart_with_its_stored_picture(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(bench.driver, "begin", lambda live: None)
        live = await bench.engine.accept(order(picture=png(7)))
    assert bench.transport.calls == []
    await bench.again()
    resumed = await live_again(bench, live.job.id)
    assert (await bench.finished(resumed)).status is Status.SUCCEEDED
    assert bench.transport.count("/paid") == 1
    assert base64_of(png(7)).encode() in bench.transport.bodies[0]


async def test_a_queued_film_waits_for_a_store_that_is_away(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(bench.driver, "begin", lambda live: None)
        live = await bench.engine.accept(order(picture=png(7)))
    away = [True]
    find = bench.assets.__class__.get

    async def get(assets: Any, asset_id: str) -> Any:
        if away:
            raise AssetStorageError(Trouble.GONE)
        return await find(assets, asset_id)

    monkeypatch.setattr(bench.assets.__class__, "get", get)
    await bench.again()
    resumed = await live_again(bench, live.job.id)
    await bench.until(lambda: "pictures" in resumed.message)
    assert not resumed.ended
    away.clear()
    assert (await bench.finished(resumed)).status is Status.SUCCEEDED


async def test_a_queued_film_whose_picture_is_gone_fails_unbilled(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(bench.driver, "begin", lambda live: None)
        live = await bench.engine.accept(order(picture=png(7)))
    await bench.assets.delete(live.job.request["first_frame"]["reference"])
    await bench.again()
    job = await bench.finished(await live_again(bench, live.job.id))
    assert job.error is not None
    assert (job.status, job.error.billed) == (Status.FAILED, Billed.NO)
    assert bench.transport.calls == []


async def test_an_old_queued_film_is_not_sent_any_more(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(bench.driver, "begin", lambda live: None)
        live = await bench.engine.accept(order())
    live.job.created_at -= 2 * 86400
    await bench.store.save(live.job)
    await bench.again()
    job = await bench.store.get(live.job.id)
    assert job is not None
    assert (job.status, bench.transport.calls) == (Status.FAILED, [])


@pytest.mark.parametrize("model", ["film-1", "shot-1"])
async def test_a_paid_call_without_an_answer_is_uncertain_behind_a_restart(bench: Bench, model: str) -> None:
    held(bench, "/paid", Reply(status=500))
    live = await bench.engine.accept(order(model))
    await bench.until(lambda: bench.transport.count("/paid") == 1)
    for _ in range(2):
        await bench.again()
        job = await bench.store.get(live.job.id)
        assert job is not None
        assert (job.status, job.takes[0].paying) == (Status.UNCERTAIN, False)
        assert job.completed_at is not None
    assert bench.transport.count("/paid") == 1


async def test_a_retry_behind_the_restart_finds_the_uncertain_job(bench: Bench) -> None:
    held(bench, "/paid", Reply(status=500))
    live = await bench.engine.accept(order())
    await bench.until(lambda: bench.transport.count("/paid") == 1)
    await bench.again()
    again = await bench.engine.accept(order(retry=True))
    assert (again.job.id, again.job.status) == (live.job.id, Status.UNCERTAIN)
    assert bench.transport.count("/paid") == 1


async def test_a_retry_behind_the_restart_finds_what_was_made_just_before(bench: Bench) -> None:
    live = await bench.engine.accept(order())
    await bench.finished(live)
    await bench.again()
    again = await bench.engine.accept(order(retry=True))
    assert (again.job.id, again.job.status) == (live.job.id, Status.SUCCEEDED)


async def test_a_waiting_film_is_polled_on_behind_a_restart(bench: Bench) -> None:
    bench.transport.script("/poll", WORKING)
    live = await bench.engine.accept(order())
    await bench.until(lambda: bench.transport.count("/poll") > 1)
    bench.transport.script("/poll", MADE)
    await bench.again()
    assert (await bench.finished(await live_again(bench, live.job.id))).status is Status.SUCCEEDED
    assert bench.transport.count("/paid") == 1


async def test_a_film_made_while_nobody_ran_is_not_given_up(bench: Bench) -> None:
    bench.transport.script("/poll", WORKING)
    live = await bench.engine.accept(order())
    await bench.until(lambda: bench.transport.count("/poll") > 0)
    await bench.crash()
    await bench.open()
    await bench.crash()
    live.job.created_at -= 86400
    live.job.submitted_at = live.job.created_at
    await bench.open()
    await bench.store.save(live.job)
    await bench.crash()
    bench.transport.script("/poll", Reply(status=503), MADE)
    await bench.open()
    assert (await bench.finished(await live_again(bench, live.job.id))).status is Status.SUCCEEDED


async def test_a_film_is_fetched_again_behind_a_restart(bench: Bench, film: bytes) -> None:
    held(bench, "/film", film)
    live = await bench.engine.accept(order())
    await bench.until(lambda: bench.transport.count("/film") == 1)
    bench.transport.script("/film", film)
    await bench.again()
    assert (await bench.finished(await live_again(bench, live.job.id))).status is Status.SUCCEEDED
    assert bench.transport.count("/paid") == 1
    assert bench.transport.count("/poll") == 2


async def test_a_running_take_that_is_not_paying_goes_on_from_its_state(bench: Bench) -> None:
    held(bench, "/paid", Reply(status=500))
    live = await bench.engine.accept(order())
    await bench.until(lambda: bench.transport.count("/paid") == 1)
    await bench.crash()
    take = live.job.takes[0]
    take.paying, take.status, take.state = False, Status.RUNNING, {"phase": "fetch", "operation": "op1"}
    await bench.open()
    await bench.store.save(live.job)
    await bench.again()
    assert (await bench.finished(await live_again(bench, live.job.id))).status is Status.SUCCEEDED
    assert bench.transport.count("/paid") == 1


async def test_only_the_takes_without_an_answer_are_uncertain(bench: Bench) -> None:
    go = asyncio.Event()
    first = iter((True, False))

    async def accept() -> Reply:
        if not next(first):
            await go.wait()
        return Reply(status=200, body={"name": "op1"})

    bench.transport.script("/paid", accept)
    bench.transport.script("/poll", WORKING)
    live = await bench.engine.accept(order(count=4))
    await bench.until(lambda: bench.transport.count("/poll") > 0)
    bench.transport.script("/poll", MADE)
    await bench.again()
    job = await bench.finished(await live_again(bench, live.job.id))
    assert [take.status for take in job.takes] == [Status.SUCCEEDED, Status.UNCERTAIN]
    assert bench.transport.count("/paid") == 2


async def test_a_job_without_its_route_is_left_as_it_is(bench: Bench) -> None:
    bench.transport.script("/poll", WORKING)
    live = await bench.engine.accept(order(key="k"))
    await bench.until(lambda: bench.transport.count("/poll") > 0)
    await bench.crash()
    polls = bench.transport.count("/poll")
    bench.routing.there = False
    await bench.open()
    found = await bench.engine.find("ann", live.job.id)
    assert isinstance(found, Job)
    assert found.status is Status.WAITING
    assert (await refusal(bench, order(key="k"))).fault is Fault.NOT_CONFIGURED
    assert bench.transport.count("/poll") == polls
    bench.routing.there = True
    bench.transport.script("/poll", MADE)
    await bench.again()
    assert (await bench.finished(await live_again(bench, live.job.id))).status is Status.SUCCEEDED


async def test_a_job_of_an_unknown_wire_is_left_as_it_is(bench: Bench) -> None:
    bench.transport.script("/poll", WORKING)
    live = await bench.engine.accept(order())
    await bench.until(lambda: bench.transport.count("/poll") > 0)
    wire = bench.upstreams.pop("video")
    await bench.again()
    found = await bench.engine.find("ann", live.job.id)
    assert isinstance(found, Job)
    assert found.status is Status.WAITING
    bench.upstreams["video"] = wire


async def test_one_record_that_cannot_be_taken_up_does_not_keep_the_others(bench: Bench) -> None:
    bench.transport.script("/poll", WORKING)
    broken = await bench.engine.accept(order(prompt="broken"))
    whole = await bench.engine.accept(order())
    await bench.until(lambda: bench.transport.count("/poll") > 4)
    await bench.crash()
    broken.job.request = {"modality": "smell"}
    await bench.open()
    await bench.store.save(broken.job)
    bench.transport.script("/poll", MADE)
    await bench.again()
    assert (await bench.finished(await live_again(bench, whole.job.id))).status is Status.SUCCEEDED


async def test_taking_up_writes_only_what_has_changed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.transport.script("/poll", WORKING)
    await bench.engine.accept(order())
    await bench.until(lambda: bench.transport.count("/poll") > 0)
    await bench.crash()
    saved: list[str] = []

    async def save(_store: Any, job: Job) -> None:
        saved.append(job.id)

    monkeypatch.setattr("proxy.jobs.sql.SqlJobs.save", save)
    await bench.open()
    assert saved == []


async def test_draining_waits_for_the_answer_of_a_paid_call(bench: Bench) -> None:
    go = held(bench, "/paid", Reply(status=200, body={"name": "op1"}))
    live = await bench.engine.accept(order())
    await bench.until(lambda: bench.transport.count("/paid") == 1)
    draining = bench.tasks.spawn(bench.engine.drain(5.0), "drain")
    await bench.clock.sleep(0.02)
    assert not draining.done()
    assert (await refusal(bench, order(prompt="another"))).fault is Fault.DRAINING
    go.set()
    await draining
    assert live.interrupted
    await bench.again()
    assert (await bench.finished(await live_again(bench, live.job.id))).status is Status.SUCCEEDED
    assert bench.transport.count("/paid") == 1


async def test_draining_lets_those_go_who_wait_for_a_film(bench: Bench) -> None:
    bench.transport.script("/poll", WORKING)
    live = await bench.engine.accept(order())
    await bench.until(lambda: bench.transport.count("/poll") > 0)
    waiting = bench.tasks.spawn(live.wait(5.0, lambda: False), "wait")
    await bench.engine.drain(5.0)
    assert await waiting
    assert not live.ended


async def test_draining_ends_when_its_time_is_over(bench: Bench) -> None:
    held(bench, "/paid", Reply(status=500))
    live = await bench.engine.accept(order())
    await bench.until(lambda: bench.transport.count("/paid") == 1)
    await bench.engine.drain(0.06)
    assert live.interrupted


@pytest.mark.parametrize(("model", "status"), [("film-1", Status.QUEUED), ("shot-1", Status.FAILED)])
async def test_no_paid_call_begins_while_draining(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, model: str, status: Status
) -> None:
    go = asyncio.Event()

    async def headers() -> dict[str, str]:
        await go.wait()
        return {}

    monkeypatch.setattr(bench.credential, "headers", headers)
    live = await bench.engine.accept(order(model))
    await bench.clock.sleep(0.01)
    await bench.engine.drain(5.0)
    go.set()
    await bench.clock.sleep(0.02)
    assert (bench.transport.calls, live.job.status) == ([], status)


async def test_what_is_being_prepared_when_draining_begins_is_refused(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = asyncio.Event()
    resolve = bench.engine._resolve

    async def slow(live: LiveJob) -> None:
        await go.wait()
        await resolve(live)

    monkeypatch.setattr(bench.engine, "_resolve", slow)
    asking = bench.tasks.spawn(refusal(bench, order()), "ask")
    await bench.until(lambda: len(bench.engine._register) == 1)
    draining = bench.tasks.spawn(bench.engine.drain(5.0), "drain")
    await bench.clock.sleep(0.02)
    go.set()
    assert (await asking).fault is Fault.DRAINING
    await draining
    assert await bench.store.unfinished() == []


async def test_stopping_records_what_could_not_be_recorded_before(
    tmp_path: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [True]
    save = bench.store.save

    async def refuse(job: Job) -> None:
        if broken and job.status.ended:
            raise StoreUnavailable("The disk is full.")
        await save(job)

    monkeypatch.setattr("proxy.engine.recorder.AGAIN_SECONDS", 60.0)
    monkeypatch.setattr(bench.store, "save", refuse)
    live = await bench.engine.accept(order())
    await bench.finished(live)
    assert live.unsaved
    broken.clear()
    await bench.engine.stop()
    job = await bench.store.get(live.job.id)
    assert job is not None
    assert job.status is Status.SUCCEEDED


async def test_takes_are_counted_by_what_one_call_gives(bench: Bench) -> None:
    held(bench, "/paid", Reply(status=500))
    live = await bench.engine.accept(order(count=5))
    assert [take.count for take in live.job.takes] == [2, 2, 1]
    assert all(isinstance(take, Take) for take in live.job.takes)
