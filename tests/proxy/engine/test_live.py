from __future__ import annotations

import asyncio

import pytest

from proxy.blobs import Blobs
from proxy.engine.live import LiveJob
from proxy.engine.tasks import Tasks
from proxy.jobs.job import Take
from tests.proxy.engine.bench import order, png
from tests.proxy.jobs.record import job
from translators.canonical import Asset, MediaResult, Modality, Status
from translators.errors import Fault, MediaError
from translators.progress import Accepted, Event, Finished, TextDelta

pytestmark = pytest.mark.anyio


def live_job() -> LiveJob:
    asked = order(picture=png())
    return LiveJob(job(), asked.request, None, asked.blobs)


async def test_waiting_ends_with_the_job() -> None:
    live, tasks = live_job(), Tasks()
    waiting = tasks.spawn(live.wait(5.0, lambda: False), "wait")
    await asyncio.sleep(0)
    live.publish(Accepted())
    await asyncio.sleep(0)
    assert not waiting.done()
    live.publish(Finished())
    assert await waiting
    assert live.ended


async def test_waiting_ends_with_time_client_or_process() -> None:
    live, tasks = live_job(), Tasks()
    assert not await live.wait(0.01, lambda: False)
    gone = [False]
    waiting = tasks.spawn(live.wait(5.0, lambda: gone[0]), "wait")
    await asyncio.sleep(0)
    gone[0] = True
    live.ring()
    assert not await waiting
    live.interrupt()
    assert await live.wait(5.0, lambda: False)
    assert not live.ended


async def test_who_comes_late_gets_all_events() -> None:
    live, tasks = live_job(), Tasks()
    live.publish(Accepted())
    seen: list[Event | None] = []

    async def follow() -> None:
        async for event in live.follow(5.0):
            seen.append(event)  # noqa: PERF401 - looked at while it grows

    following = tasks.spawn(follow(), "follow")
    await asyncio.sleep(0)
    live.say("working")
    await asyncio.sleep(0.01)
    live.publish(TextDelta(text="a"))
    live.publish(Finished())
    await following
    assert seen == [Accepted(), None, TextDelta(text="a"), Finished()]
    assert [event async for event in live.follow(5.0)] == [Accepted(), TextDelta(text="a"), Finished()]


async def test_silence_is_told_and_an_interruption_ends_it() -> None:
    live = live_job()
    seen = []
    async for event in live.follow(0.005):
        seen.append(event)
        if len(seen) == 3:
            live.interrupt()
    assert seen == [None, None, None]


async def test_the_same_message_wakes_nobody() -> None:
    live = live_job()
    bell = live._bell
    live.say("accepted")
    assert live._bell is bell
    live.say("sent")
    assert live._bell is not bell


async def test_a_refusal_reaches_who_waits_and_needs_nobody() -> None:
    live = live_job()
    live.refuse(MediaError(Fault.INTERNAL, "No."))
    live.refuse(MediaError(Fault.INTERNAL, "No again."))
    with pytest.raises(MediaError, match=r"No\."):
        await live.ready


async def test_media_are_forgotten_and_words_are_not() -> None:
    live = live_job()
    marker = live.request.inputs[0].data
    live.forget_media()
    assert not live.blobs.is_marker(marker)
    assert [item.data for item in live.request.inputs] == [""]
    assert live.request.prompt == "a boat"


@pytest.mark.parametrize(("asset_id", "goes"), [("asset_1", True), ("", False)])
async def test_what_is_stored_is_let_go(asset_id: str, goes: bool) -> None:
    blobs = Blobs()
    asset = Asset(id=asset_id, data=blobs.add([b"QUJD"]))
    take = Take(status=Status.SUCCEEDED, result=MediaResult(assets=(asset,)))
    live = LiveJob(job(takes=[take]), order().request, None, blobs)
    live.release()
    assert (live.blobs is not blobs) is goes


async def test_what_a_job_is() -> None:
    live = live_job()
    assert live.durable
    assert not LiveJob(job(modality=Modality.IMAGE), live.request, None, Blobs()).durable
    assert live.typical_seconds == 0.0
    with pytest.raises(LookupError):
        _ = live.route
    assert not live.paying
    live.job.takes[0].paying = True
    assert live.paying
