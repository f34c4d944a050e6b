"""How far a job may have come and how long it may still take, from past durations of its model."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import quantiles

_SHORTEST = 1.0
_LONGEST_WHEN_LIKELY = 5.0
_LONGEST = 30.0
_EARLIER = 0.9
_WINDOW = 200
_ENOUGH = 10
_UNKNOWN_SECONDS = 60.0
_AT_THE_EXPECTED_END = 0.9
_CEILING = 0.99


@dataclass(frozen=True, slots=True)
class Law:
    """What is known of a model's durations, in seconds: the second percentile, the median, the ninetieth.

    `learned` tells recorded durations from a mere prior.
    """

    early: float
    median: float
    late: float
    learned: bool


class Durations:
    """The latest durations of each model, in seconds."""

    def __init__(self, known: Mapping[str, Iterable[float]]) -> None:
        self._by_model = {model: deque(past, maxlen=_WINDOW) for model, past in known.items()}
        self._laws: dict[str, Law] = {}

    def add(self, model: str, seconds: float) -> None:
        """One more job of this model has succeeded, so long after its submit."""
        self._by_model.setdefault(model, deque(maxlen=_WINDOW)).append(seconds)
        self._laws.pop(model, None)

    def law(self, model: str, prior: float) -> Law:
        """The law of this model; from `prior` (typical seconds, 0 when unknown) until enough is learned."""
        known = self._laws.get(model) or self._learn(model, prior)
        if known.learned:
            # One that rests on a prior is not kept: another caller may know a better prior, or none.
            self._laws[model] = known
        return known

    def _learn(self, model: str, prior: float) -> Law:
        past = self._by_model.get(model, ())
        if len(past) < _ENOUGH:
            typical = sorted(past)[len(past) // 2] if past else prior or _UNKNOWN_SECONDS
            return Law(early=0.0, median=typical, late=2 * typical, learned=False)
        cuts = quantiles(past, n=50, method="inclusive")
        return Law(early=cuts[0], median=cuts[24], late=cuts[44], learned=True)


def percent(age: float, law: Law) -> int:
    """An estimate in 0..99: even steps up to the expected end, ever smaller ones behind it."""
    age = max(age, 0.0)  # the machine's clock may have been set back
    if age <= law.median:
        done = _AT_THE_EXPECTED_END * age / law.median if law.median else 0.0
    else:
        left = law.median / age
        done = _CEILING - (_CEILING - _AT_THE_EXPECTED_END) * left
    return int(100 * done)


def eta_seconds(age: float, law: Law) -> float | None:
    """The expected seconds left, or None once it takes longer than expected."""
    return law.median - max(age, 0.0) if age < law.median else None


def next_poll(age: float, law: Law, longest: float) -> float:
    """How long to wait before asking the upstream again, in seconds, for a job of this age.

    With a learned law nothing is asked before nearly all past jobs were still at work, then often while most
    of them ended, then ever more rarely: only knowing when jobs end makes less lag for the same number of
    polls than a fixed interval. Without one the intervals grow with the age up to `longest`.
    """
    if not law.learned:
        return min(max(age / 4, _SHORTEST), longest)
    first = _EARLIER * law.early
    if age < first:
        return max(first - age, _SHORTEST)
    if age <= law.late:
        return min(max((law.late - law.early) / 16, _SHORTEST), _LONGEST_WHEN_LIKELY)
    return min(max(age / 12, _LONGEST_WHEN_LIKELY), _LONGEST)
