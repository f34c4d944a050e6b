import time
from concurrent.futures import Future

from simulator.films import FilmSpec
from simulator.operations import Operation, Operations
from simulator.settings import Settings

SPEC = FilmSpec("A cat", "veo", 1280, 720, 4, "")


def operation(name: str = "n", ready_at: float = 0.0) -> Operation:
    return Operation("1", name, "me", "A cat", (SPEC,), ready_at)


def test_done_needs_its_time_and_its_films() -> None:
    early = operation(ready_at=time.monotonic() + 60)
    ready: Future[bytes] = Future()
    ready.set_result(b"film")
    early.note(ready)
    assert not early.done()
    late = operation()
    assert not late.done()
    late.note(ready)
    assert late.done()
    assert late.made == [True]


def test_a_film_that_cannot_be_made_is_noted() -> None:
    failed: Future[bytes] = Future()
    failed.set_exception(ValueError())
    cancelled: Future[bytes] = Future()
    cancelled.cancel()
    job = operation()
    job.note(failed)
    job.note(cancelled)
    assert job.made == [False, False]


def test_reasons_carry_the_support_code() -> None:
    job = operation()
    job.filtered = 2
    assert len(job.reasons()) == 2
    assert "Support codes: 42237218" in job.reasons()[0]


def test_the_oldest_is_forgotten() -> None:
    known = Operations(Settings(operations_kept=1))
    known.add(operation("a"))
    known.add(operation("b"))
    assert known.find("a") is None
    assert known.find("b") is not None


def test_jitter_spreads_the_moments() -> None:
    known = Operations(Settings(film_seconds=10, film_jitter=0.5))
    moments = [known.ready_at(str(number)) - time.monotonic() for number in range(20)]
    assert all(4.9 < moment < 15.1 for moment in moments)
    assert max(moments) - min(moments) > 1
