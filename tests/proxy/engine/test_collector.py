"""Media that cannot be read were paid for all the same."""

from __future__ import annotations

from proxy.jobs.job import Job
from tests.proxy.engine.bench import Bench, base64_of, order
from translators.canonical import Asset, Status
from translators.errors import Billed, Fault
from translators.steps import Reply

HALF = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
JUNK = b"neither a film nor anything else"


def _asset(job: Job) -> Asset:
    assert job.status is Status.SUCCEEDED
    assert job.result is not None
    assert job.result.notes == ("1 of the files cannot be read here, and are given as they came.",)
    return job.result.assets[0]


async def test_a_film_that_comes_unreadable_twice_alike_is_given_as_it_came(bench: Bench) -> None:
    bench.transport.script("/film", HALF)
    asset = _asset(await bench.finished(await bench.engine.accept(order())))
    assert (asset.size, asset.mime_type, asset.width) == (len(HALF), "video/mp4", 0)
    assert bench.transport.count("/film") == 2
    assert bench.transport.count("/paid") == 1


async def test_a_film_of_an_unknown_kind_is_given_when_the_upstream_calls_it_none_else(bench: Bench) -> None:
    bench.transport.script("/film", JUNK)
    asset = _asset(await bench.finished(await bench.engine.accept(order())))
    assert asset.size == len(JUNK)


async def test_what_breaks_differently_each_time_is_fetched_until_it_is_whole(
    bench: Bench, film: bytes
) -> None:
    bench.transport.script("/film", film[: len(film) // 3], film[: len(film) // 2], film)
    job = await bench.finished(await bench.engine.accept(order()))
    assert job.result is not None
    assert (job.result.assets[0].size, job.result.notes) == (len(film), ())
    assert bench.transport.count("/film") == 3


async def test_a_picture_that_cannot_be_read_is_given_as_it_came(bench: Bench) -> None:
    bench.transport.script("/paid", Reply(status=200, body={"images": [base64_of(JUNK)]}))
    live = await bench.engine.accept(order("shot-1"))
    asset = _asset(await bench.finished(live))
    assert (asset.size, asset.mime_type) == (len(JUNK), "image/png")
    stored = await bench.assets.get(asset.id)
    assert stored is not None
    assert b"".join([piece async for piece in bench.assets.open_range(stored)]) == JUNK


async def test_media_that_are_no_base64_fail_the_job_as_billed(bench: Bench) -> None:
    bench.transport.script("/paid", Reply(status=200, body={"images": ["@@@@"]}))
    job = await bench.finished(await bench.engine.accept(order("shot-1")))
    assert job.error is not None
    assert (job.status, job.error.fault, job.error.billed) == (Status.FAILED, Fault.BROKEN_ANSWER, Billed.YES)
