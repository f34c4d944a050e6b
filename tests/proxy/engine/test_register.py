from __future__ import annotations

import pytest

from proxy.blobs import Blobs
from proxy.clock import Clock
from proxy.engine.live import LiveJob
from proxy.engine.register import Register
from proxy.jobs.job import Take
from tests.proxy.engine.bench import order
from tests.proxy.jobs.record import job
from translators.canonical import Status
from translators.errors import Billed, Fault, MediaError
from translators.progress import Finished

pytestmark = pytest.mark.anyio


def live_job(name: str, *, key: str | None = None, digest: str = "d", take: Take | None = None) -> LiveJob:
    made = job(name, idempotency_key=key, digest=digest, takes=[take or Take()])
    live = LiveJob(made, order().request, None, Blobs())
    if take is not None and take.status.ended:
        live.publish(Finished())
    return live


async def test_jobs_are_found_by_id_key_and_content() -> None:
    register = Register(Clock())
    keyed, plain = live_job("video_1", key="k"), live_job("video_2")
    register.add(keyed)
    register.add(plain)
    assert (len(register), set(register)) == (2, {keyed, plain})
    assert register.get("video_1") is keyed
    assert register.under_key("ann", "k") is keyed
    assert register.under_key("bob", "k") is None
    assert register.repeated(order(), "d") is plain
    assert register.repeated(order(), "other") is None


async def test_a_job_that_is_removed_is_found_no_more() -> None:
    register = Register(Clock())
    keyed, plain = live_job("video_1", key="k"), live_job("video_2")
    for live in (keyed, plain):
        register.add(live)
        register.remove(live)
        register.remove(live)
    assert len(register) == 0
    assert register.under_key("ann", "k") is None
    assert register.repeated(order(), "d") is None


async def test_removing_a_job_leaves_those_that_took_its_place() -> None:
    register = Register(Clock())
    old, new = (live_job(name) for name in ("video_1", "video_2"))
    old_keyed, new_keyed = (live_job(name, key="k") for name in ("video_3", "video_4"))
    for live in (old, new, old_keyed, new_keyed):
        register.add(live)
    register.remove(old)
    register.remove(old_keyed)
    assert register.repeated(order(), "d") is new
    assert register.under_key("ann", "k") is new_keyed


async def test_a_job_of_a_key_hides_no_other() -> None:
    register = Register(Clock())
    plain = live_job("video_1")
    register.add(plain)
    register.add(live_job("video_2", key="k"))
    assert register.repeated(order(retry=True), "d") is plain


def failed(billed: Billed | None, status: Status = Status.FAILED) -> Take:
    return Take(status=status, error=MediaError(Fault.UPSTREAM_FAILED, "No.", billed=billed))


@pytest.mark.parametrize(
    ("take", "found"),
    [
        (Take(status=Status.SUCCEEDED), True),
        (failed(Billed.UNKNOWN, Status.UNCERTAIN), True),
        (failed(Billed.UNKNOWN, Status.EXPIRED), True),
        (failed(Billed.YES), True),
        (failed(Billed.NO), False),
        (failed(None), False),
    ],
)
async def test_what_may_have_been_paid_is_found_by_a_retry(take: Take, found: bool) -> None:
    register = Register(Clock())
    live = live_job("video_1", take=take)
    register.add(live)
    assert (register.repeated(order(retry=True), "d") is live) is found
    assert (register.repeated(order(), "d") is live) is found, "its answer never reached anybody"
    live.delivered = True
    assert register.repeated(order(), "d") is None
