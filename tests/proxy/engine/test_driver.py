from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from auth.credential_error import CredentialError
from proxy.assets.store import AssetStorageError, Trouble
from proxy.blobs import Blobs
from proxy.jobs.job import Job
from proxy.jobs.store import StoreUnavailable
from proxy.transports.transport import Lost, NotSent
from tests.proxy.engine.bench import FILM, Bench, FakeStream, base64_of, order, png
from translators.canonical import Status
from translators.clients.base import Wants
from translators.errors import Billed, Fault
from translators.progress import AssetReady, Event, TextDelta
from translators.steps import Reply, State, Step
from translators.upstreams.base import Upstream

pytestmark = pytest.mark.anyio

RECEIPT = Reply(status=200, body={"name": "op1"})
WORKING = Reply(status=200, body={"done": False})
MADE = Reply(status=200, body={"done": True})
Pauses = list[tuple[int, str | None]]


def pictures(*shades: int) -> Reply:
    return Reply(status=200, body={"images": [base64_of(png(shade)) for shade in shades]})


def store_fails(bench: Bench, monkeypatch: pytest.MonkeyPatch, when: Callable[[Job], bool]) -> list[bool]:
    """The store refuses to save jobs for which `when` holds, until the list that is given is emptied."""
    broken = [True]
    save = bench.store.save

    async def refuse(job: Job) -> None:
        if broken and when(job):
            raise StoreUnavailable("The disk is full.")
        await save(job)

    monkeypatch.setattr(bench.store, "save", refuse)
    return broken


async def test_a_picture_is_one_call(bench: Bench) -> None:
    bench.transport.script("/paid", pictures(1))
    job = await bench.finished(await bench.engine.accept(order("shot-1")))
    assert job.status is Status.SUCCEEDED
    assert bench.transport.calls == ["/paid"]
    assert job.result is not None
    stored = await bench.assets.get(job.result.assets[0].id)
    assert stored is not None
    assert (stored.owner, stored.job, stored.width) == ("ann", job.id, 8)


async def test_a_film_is_sent_polled_and_fetched(bench: Bench, film: bytes) -> None:
    live = await bench.engine.accept(order())
    job = await bench.finished(live)
    assert bench.transport.calls == ["/paid", "/poll/op1", "/poll/op1", "/film/op1"]
    assert job.result is not None
    asset = job.result.assets[0]
    assert asset.size == len(film)
    saved = await bench.store.get(job.id)
    assert saved is not None
    assert saved.result == job.result
    assert saved.completed_at == job.completed_at


async def test_only_the_paid_call_of_a_film_has_a_connection_of_its_own(bench: Bench) -> None:
    await bench.finished(await bench.engine.accept(order()))
    assert bench.transport.fresh == [True, False, False]


async def test_more_films_than_one_call_gives_are_several_takes(bench: Bench, film: bytes) -> None:
    names = iter(("op1", "op2", "op3"))

    async def accept() -> Reply:
        return Reply(status=200, body={"name": next(names)})

    bench.transport.script("/paid", accept)
    bench.transport.script("/poll", MADE)
    job = await bench.finished(await bench.engine.accept(order(count=5)))
    assert job.status is Status.SUCCEEDED
    assert [take.count for take in job.takes] == [2, 2, 1]
    assert bench.transport.count("/paid") == 3
    assert job.result is not None
    assert len(job.result.assets) == 3


async def test_some_of_several_takes_are_a_success_with_a_note(bench: Bench) -> None:
    bench.transport.script("/paid", RECEIPT, Reply(status=500))
    bench.transport.script("/poll", MADE)
    job = await bench.finished(await bench.engine.accept(order(count=4)))
    assert job.status is Status.SUCCEEDED
    assert job.error is None
    assert job.result is not None
    assert len(job.result.assets) == 1
    assert "2 of the 4" in job.result.notes[0]


async def test_a_take_keeps_its_pictures_while_another_waits_already(bench: Bench) -> None:
    held = asyncio.Event()
    answers = iter((False, True))

    async def accept() -> Reply:
        if next(answers):
            await held.wait()
            return Reply(status=401)
        return RECEIPT

    bench.credential.renewals = 1
    bench.transport.script("/paid", accept, accept, RECEIPT)
    live = await bench.engine.accept(order(count=3, picture=png()))
    await bench.until(lambda: any(take.status is Status.WAITING for take in live.job.takes))
    held.set()
    await bench.finished(live)
    sent = [body for body in bench.transport.bodies if b"pictures" in body]
    assert len(sent) == 3
    assert all(base64_of(png()).encode() in body for body in sent)


async def test_a_stream_tells_words_and_pictures_as_they_come(bench: Bench) -> None:
    data = base64_of(png(5))
    stream = FakeStream(Reply(status=200), [{"text": "soon"}, {"image": data}])
    bench.transport.streams.append(stream)
    live = await bench.engine.accept(order("shot-1", wants=Wants.STREAM))
    job = await bench.finished(live)
    told: list[Event] = [event async for event in live.follow(1.0) if event is not None]
    assert TextDelta(text="soon") in told
    assert [event.index for event in told if isinstance(event, AssetReady)] == [0]
    assert job.status is Status.SUCCEEDED
    assert stream.closed


async def test_a_picture_that_came_before_the_stream_broke_is_given(bench: Bench) -> None:
    bench.transport.streams.append(FakeStream(Reply(status=200), [{"image": base64_of(png())}, Lost("cut")]))
    job = await bench.finished(await bench.engine.accept(order("shot-1", wants=Wants.STREAM)))
    assert job.status is Status.SUCCEEDED
    assert bench.transport.calls == ["/stream"]


async def test_a_stream_that_broke_before_its_picture_is_uncertain(bench: Bench) -> None:
    bench.transport.streams.append(FakeStream(Reply(status=200), [{"text": "soon"}, Lost("cut")]))
    job = await bench.finished(await bench.engine.accept(order("shot-1", wants=Wants.STREAM)))
    assert job.status is Status.UNCERTAIN
    assert bench.transport.calls == ["/stream"]


async def test_a_stream_is_opened_once_more_with_a_new_token(bench: Bench) -> None:
    bench.credential.renewals = 1
    first = FakeStream(Reply(status=401), [])
    bench.transport.streams += [first, FakeStream(Reply(status=200), [{"image": base64_of(png())}])]
    job = await bench.finished(await bench.engine.accept(order("shot-1", wants=Wants.STREAM)))
    assert job.status is Status.SUCCEEDED
    assert first.closed
    assert [headers["x-key"] for headers in bench.transport.headers] == ["token-0", "token-1"]


@pytest.mark.parametrize("model", ["film-1", "shot-1"])
async def test_what_was_not_sent_failed_and_is_not_billed(bench: Bench, model: str) -> None:
    bench.transport.script("/paid", NotSent("refused"))
    job = await bench.finished(await bench.engine.accept(order(model)))
    assert (job.status, bench.transport.count("/paid")) == (Status.FAILED, 1)
    assert job.error is not None
    assert (job.error.fault, job.error.billed) == (Fault.UNREACHABLE, Billed.NO)


@pytest.mark.parametrize("model", ["film-1", "shot-1"])
async def test_a_lost_answer_is_uncertain_and_never_sent_again(bench: Bench, model: str) -> None:
    bench.transport.script("/paid", Lost("dropped"))
    job = await bench.finished(await bench.engine.accept(order(model)))
    await bench.clock.sleep(0.05)
    assert (job.status, bench.transport.count("/paid")) == (Status.UNCERTAIN, 1)
    assert job.error is not None
    assert job.error.billed is Billed.UNKNOWN


async def test_uncertain_in_the_translators_words_is_uncertain(bench: Bench) -> None:
    bench.transport.script("/paid", Reply(status=200, body={}))
    job = await bench.finished(await bench.engine.accept(order("shot-1")))
    assert (job.status, bench.transport.count("/paid")) == (Status.UNCERTAIN, 1)


async def test_polls_and_downloads_that_fail_are_made_again(bench: Bench, film: bytes, hurry: Pauses) -> None:
    busy = Reply(status=429, headers={"retry-after": "7"})
    bench.transport.script(
        "/poll", busy, Reply(status=500), Reply(status=302), Lost("x"), NotSent("x"), WORKING, MADE
    )
    bench.transport.script("/film", Reply(status=503), Lost("cut"), film)
    job = await bench.finished(await bench.engine.accept(order()))
    assert job.status is Status.SUCCEEDED
    assert hurry == [(1, "7"), (2, None), (3, None), (4, None), (5, None), (1, None), (2, None)]
    assert bench.transport.count("/paid") == 1


async def test_a_poll_that_failed_gets_more_time_the_next_time(bench: Bench) -> None:
    bench.transport.script("/poll", Lost("slow"), Lost("slow"), MADE)
    await bench.finished(await bench.engine.accept(order()))
    assert bench.transport.timeouts == [5.0, 30.0, 60.0, 120.0]


@pytest.mark.parametrize("answer", [WORKING, Reply(status=503), Lost("away")])
async def test_what_is_not_finished_at_the_deadline_expires(bench: Bench, answer: Any) -> None:
    bench.transport.script("/poll", answer)
    live = await bench.engine.accept(order())
    await bench.until(lambda: bench.transport.count("/poll") > 2)
    assert not live.ended
    live.deadline = 0.0
    job = await bench.finished(live)
    assert job.status is Status.EXPIRED
    assert job.error is not None
    assert job.error.fault is Fault.DEADLINE


async def test_what_was_finished_in_time_is_fetched_behind_the_deadline(bench: Bench) -> None:
    held = asyncio.Event()

    async def made() -> Reply:
        await held.wait()
        return MADE

    bench.transport.script("/poll", made)
    live = await bench.engine.accept(order())
    await bench.until(lambda: bench.transport.count("/poll") == 1)
    live.deadline = 0.0
    held.set()
    assert (await bench.finished(live)).status is Status.SUCCEEDED


@pytest.mark.parametrize("model", ["film-1", "shot-1"])
async def test_a_refused_token_is_renewed_once(bench: Bench, model: str) -> None:
    bench.credential.renewals = 5
    bench.transport.script("/paid", Reply(status=401))
    job = await bench.finished(await bench.engine.accept(order(model)))
    assert job.status is Status.FAILED
    assert [headers["x-key"] for headers in bench.transport.headers] == ["token-0", "token-1"]


async def test_a_poll_refused_for_its_token_is_made_once_more(bench: Bench) -> None:
    bench.credential.renewals = 1
    bench.transport.script("/poll", Reply(status=401), MADE)
    job = await bench.finished(await bench.engine.accept(order()))
    assert job.status is Status.SUCCEEDED
    assert bench.transport.calls == ["/paid", "/poll/op1", "/poll/op1", "/film/op1"]


async def test_a_token_that_is_never_accepted_is_not_asked_for_without_end(bench: Bench) -> None:
    bench.credential.renewals = 1000
    bench.transport.script("/poll", Reply(status=401))
    await bench.finished(await bench.engine.accept(order()))
    assert bench.transport.count("/poll") == 2


@pytest.mark.parametrize(
    ("reason", "fault"),
    [("refused", Fault.CREDENTIAL_REFUSED), ("unavailable", Fault.CREDENTIAL_UNAVAILABLE)],
)
async def test_without_a_credential_nothing_is_sent(bench: Bench, reason: Any, fault: Fault) -> None:
    bench.credential.trouble = CredentialError("No token.", reason=reason, account="key-test")
    job = await bench.finished(await bench.engine.accept(order()))
    assert bench.transport.calls == []
    assert job.error is not None
    assert (job.status, job.error.fault, job.error.billed) == (Status.FAILED, fault, Billed.NO)


async def test_a_credential_that_fails_at_its_renewal_is_told_as_such(bench: Bench) -> None:
    async def refuse() -> Reply:
        bench.credential.trouble = CredentialError("No token.", reason="refused", account="key-test")
        return Reply(status=401)

    bench.credential.renewals = 1
    bench.transport.script("/paid", refuse)
    job = await bench.finished(await bench.engine.accept(order()))
    assert job.error is not None
    assert (job.error.fault, job.error.billed) == (Fault.CREDENTIAL_REFUSED, Billed.NO)
    assert bench.transport.count("/paid") == 1


async def test_nothing_is_sent_while_the_paid_call_cannot_be_recorded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = store_fails(bench, monkeypatch, lambda job: any(take.paying for take in job.takes))
    live = await bench.engine.accept(order())
    await bench.until(lambda: "recorded" in live.message)
    await bench.clock.sleep(0.03)
    assert bench.transport.calls == []
    assert (live.job.status, live.job.submitted_at) == (Status.QUEUED, None)
    broken.clear()
    assert (await bench.finished(live)).status is Status.SUCCEEDED
    assert bench.transport.count("/paid") == 1


async def test_what_cannot_be_recorded_until_the_deadline_fails_unsent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = store_fails(bench, monkeypatch, lambda job: any(take.paying for take in job.takes))
    live = await bench.engine.accept(order())
    live.deadline = 0.0
    job = await bench.finished(live)
    assert job.error is not None
    assert (job.error.fault, job.error.billed) == (Fault.STORAGE_UNAVAILABLE, Billed.NO)
    assert bench.transport.calls == []
    broken.clear()


async def test_a_store_that_fails_behind_the_paid_call_stops_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = store_fails(
        bench, monkeypatch, lambda job: job.submitted_at is not None and not job.takes[0].paying
    )
    live = await bench.engine.accept(order())
    job = await bench.finished(live)
    assert job.status is Status.SUCCEEDED
    recorded = await bench.store.get(job.id)
    assert recorded is not None
    assert recorded.takes[0].paying
    broken.clear()
    await bench.until(lambda: not live.unsaved)
    recorded = await bench.store.get(job.id)
    assert recorded is not None
    assert recorded.status is Status.SUCCEEDED


async def test_a_film_waits_for_room_in_the_asset_store(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    create: Callable[..., Awaitable[Any]] = bench.assets.create
    full = [True]

    async def no_room(*args: Any, **options: Any) -> Any:
        if full:
            raise AssetStorageError(Trouble.FULL)
        return await create(*args, **options)

    monkeypatch.setattr(bench.assets, "create", no_room)
    live = await bench.engine.accept(order())
    await bench.until(lambda: "stored" in live.message)
    live.deadline = 0.0
    await bench.clock.sleep(0.03)
    assert not live.ended
    full.clear()
    assert (await bench.finished(live)).status is Status.SUCCEEDED
    assert bench.transport.count("/paid") == 1


async def test_a_picture_goes_out_although_it_cannot_be_stored(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_room(*_: Any, **__: Any) -> Any:
        raise AssetStorageError(Trouble.FULL)

    monkeypatch.setattr(bench.assets, "store_blob", no_room)
    bench.transport.script("/paid", pictures(1, 2))
    live = await bench.engine.accept(order("shot-1", count=2))
    job = await bench.finished(live)
    assert job.result is not None
    assert [(asset.id, bool(asset.data)) for asset in job.result.assets] == [("", True), ("", True)]
    told = [event async for event in live.follow(1.0) if isinstance(event, AssetReady)]
    assert [event.index for event in told] == [0, 1]
    blobs = live.blobs
    live.release()
    assert live.blobs is blobs, "what is stored nowhere else stays while the job does"


async def test_media_that_cannot_be_read_are_fetched_again(bench: Bench, film: bytes) -> None:
    bench.transport.script("/film", film[: len(film) // 2], film)
    job = await bench.finished(await bench.engine.accept(order()))
    assert job.status is Status.SUCCEEDED
    assert bench.transport.count("/film") == 2
    assert job.result is not None
    assert job.result.assets[0].size == len(film)


async def test_a_defect_ends_the_job_for_all_who_wait(bench: Bench) -> None:
    def broken(state: State, reply: Reply | None) -> Step:
        raise KeyError("defect")

    bench.upstreams["video"] = Upstream(name="film", start=FILM.start, advance=broken)
    live = await bench.engine.accept(order())
    job = await bench.finished(live)
    assert job.error is not None
    assert (job.error.fault, job.error.billed) == (Fault.INTERNAL, Billed.UNKNOWN)
    recorded = await bench.store.get(job.id)
    assert recorded is not None
    assert recorded.status is job.status


async def test_a_defect_of_the_store_does_not_hang_those_who_wait(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise TypeError("defect")

    live = await bench.engine.accept(order("shot-1"))
    monkeypatch.setattr(bench.store, "save_soon", broken)
    await bench.finished(live)
    assert live.ended


async def test_state_is_recorded_when_it_changes_and_only_then(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    states: list[Any] = []
    save = bench.store.save

    async def watch(job: Job) -> None:
        states.append(
            (job.takes[0].status.value, job.takes[0].paying, (job.takes[0].state or {}).get("phase"))
        )
        await save(job)

    monkeypatch.setattr(bench.store, "save", watch)
    bench.transport.script("/poll", WORKING, WORKING, WORKING, MADE)
    await bench.finished(await bench.engine.accept(order()))
    assert states == [
        ("queued", False, None),
        ("running", True, "paid"),
        ("waiting", False, "poll"),
        ("waiting", False, "fetch"),
        ("succeeded", False, None),
    ]


async def test_a_film_finished_at_once_is_not_uncertain_while_it_is_fetched(bench: Bench) -> None:
    held = asyncio.Event()

    async def fetch() -> Reply:
        await held.wait()
        return Reply(status=404)

    def advance(state: State, reply: Reply | None) -> Step:
        if state["phase"] == "paid":
            return FILM.advance({"phase": "fetch", "operation": "op9"}, None)
        return FILM.advance(state, reply)

    bench.upstreams["video"] = Upstream(name="film", start=FILM.start, advance=advance)
    bench.transport.script("/film", fetch)
    live = await bench.engine.accept(order())
    await bench.until(lambda: bench.transport.count("/film") == 1)
    recorded = await bench.store.get(live.job.id)
    assert recorded is not None
    assert not recorded.takes[0].paying
    assert recorded.takes[0].state == {"phase": "fetch", "operation": "op9"}
    held.set()
    await bench.finished(live)


async def test_a_waiting_film_holds_no_media(bench: Bench) -> None:
    bench.transport.script("/poll", WORKING)
    asked = order(picture=png())
    live = await bench.engine.accept(asked)
    assert asked.request.first_frame is not None
    await bench.until(lambda: bench.transport.count("/poll") > 0)
    assert not live.blobs.is_marker(asked.request.first_frame.data)
    assert all(not item.data for item in live.request.inputs)
    assert live.request.prompt == "a boat"


async def test_an_ended_job_lets_go_of_its_media(bench: Bench) -> None:
    bench.transport.script("/paid", pictures(1))
    live = await bench.engine.accept(order("shot-1"))
    await bench.finished(live)
    blobs = live.blobs
    live.release()
    assert isinstance(live.blobs, Blobs)
    assert live.blobs is not blobs
    assert live.stored == {}


async def test_media_in_broken_base64_are_a_broken_answer(bench: Bench) -> None:
    bench.transport.script("/paid", Reply(status=200, body={"images": ["!!!no base64!!!"]}))
    job = await bench.finished(await bench.engine.accept(order("shot-1")))
    assert job.status is Status.FAILED
    assert job.error is not None
    assert (job.error.fault, job.error.billed) == (Fault.BROKEN_ANSWER, Billed.YES)


async def test_the_law_learns_from_what_succeeded(bench: Bench) -> None:
    bench.transport.script("/paid", pictures(1))
    for number in range(10):
        await bench.finished(await bench.engine.accept(order("shot-1", f"prompt {number}")))
    assert bench.driver.durations.law("shot-1", 40.0).learned
