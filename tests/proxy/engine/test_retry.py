from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from proxy.clock import FakeClock
from proxy.engine.retry import pause, transient, until_daily_reset


@pytest.mark.parametrize("status", [302, 307, 407, 408, 409, 425, 429, 500, 502, 503, 504, 511, 520, 529])
def test_says_nothing_about_the_job(status: int) -> None:
    assert transient(status)


@pytest.mark.parametrize("status", [200, 204, 400, 401, 403, 404, 410, 413, 501])
def test_says_something_about_the_job(status: int) -> None:
    assert not transient(status)


def test_pauses_double_up_to_a_minute() -> None:
    clock = FakeClock()
    for failures, seconds in ((1, 1), (2, 2), (4, 8), (7, 60), (5000, 60)):
        assert 0.75 * seconds <= pause(failures, None, clock) <= 1.25 * seconds


def test_pauses_are_spread() -> None:
    clock = FakeClock()
    assert len({pause(3, None, clock) for _ in range(10)}) == 10


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("17", 17.0),
        ("9" * 30, 300.0),
        ("²", 0.0),
        ("-5", 0.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0),
        ("", 0.0),
    ],
)
def test_what_the_upstream_asks_for_is_granted_within_reason(asked: str, seconds: float) -> None:
    granted = pause(1, asked, FakeClock())
    assert granted == seconds if seconds else granted <= 1.25


@pytest.mark.parametrize(
    ("here", "seconds"),
    [("2026-11-21T23:00:00", 3600.0), ("2026-11-21T00:00:00", 86400.0), ("2026-03-08T00:00:00", 82800.0)],
)
def test_daily_quotas_begin_anew_at_midnight_pacific_time(here: str, seconds: float) -> None:
    now = datetime.fromisoformat(here).replace(tzinfo=ZoneInfo("America/Los_Angeles")).timestamp()
    assert until_daily_reset(now) == seconds
