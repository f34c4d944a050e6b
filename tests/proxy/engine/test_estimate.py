from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.engine.estimate import Durations, Law, eta_seconds, next_poll, percent

LEARNED = Law(early=50.0, median=60.0, late=90.0, learned=True)
PRIOR = Law(early=0.0, median=60.0, late=120.0, learned=False)
SECONDS = st.floats(0, 1e6)


@given(SECONDS, SECONDS, st.floats(0, 1e4, allow_subnormal=False))
def test_percent_never_falls_and_stays_below_100(one: float, other: float, median: float) -> None:
    law = Law(early=0.0, median=median, late=2 * median, learned=False)
    first, second = percent(min(one, other), law), percent(max(one, other), law)
    assert 0 <= first <= second < 100


def test_percent_is_even_up_to_the_expected_end() -> None:
    assert [percent(age, LEARNED) for age in (0.0, 30.0, 60.0)] == [0, 45, 90]


def test_a_clock_set_back_makes_no_negative_numbers() -> None:
    assert percent(-50.0, LEARNED) == 0
    assert eta_seconds(-50.0, LEARNED) == 60.0


@pytest.mark.parametrize(("age", "eta"), [(0.0, 60.0), (59.0, 1.0), (60.0, None), (500.0, None)])
def test_eta_is_unknown_behind_the_expected_end(age: float, eta: float | None) -> None:
    assert eta_seconds(age, LEARNED) == eta


def test_a_learned_law_asks_first_when_the_first_may_be_done() -> None:
    assert next_poll(0.0, LEARNED, 10.0) == 45.0
    assert next_poll(44.9, LEARNED, 10.0) == 1.0
    assert next_poll(60.0, LEARNED, 10.0) == 2.5
    assert next_poll(100.0, LEARNED, 10.0) == pytest.approx(8.33, abs=0.01)
    assert next_poll(3000.0, LEARNED, 10.0) == 30.0


def test_without_a_law_the_intervals_grow() -> None:
    assert [next_poll(age, PRIOR, 10.0) for age in (0.0, 8.0, 20.0, 400.0)] == [1.0, 2.0, 5.0, 10.0]


@given(SECONDS, st.booleans())
def test_a_poll_is_never_at_once_nor_an_age_away(age: float, learned: bool) -> None:
    assert 1.0 <= next_poll(age, LEARNED if learned else PRIOR, 10.0) <= 45.0


def test_a_law_is_learned_from_ten_jobs() -> None:
    durations = Durations({"veo": [60.0] * 9})
    assert durations.law("veo", 0.0) == Law(early=0.0, median=60.0, late=120.0, learned=False)
    durations.add("veo", 60.0)
    assert durations.law("veo", 0.0) == Law(early=60.0, median=60.0, late=60.0, learned=True)


def test_the_latest_count() -> None:
    durations = Durations({"veo": [500.0] * 300})
    for _ in range(200):
        durations.add("veo", 10.0)
    assert durations.law("veo", 0.0).late == 10.0


def test_a_prior_holds_for_whoever_knows_it() -> None:
    durations = Durations({})
    assert durations.law("veo", 0.0).median == 60.0
    assert durations.law("veo", 90.0).median == 90.0
