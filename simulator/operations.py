"""Long-running operations: started by a submit, done after a while, told in each platform's own form."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from simulator.palette import seeded

if TYPE_CHECKING:
    from concurrent.futures import Future

    from simulator.films import FilmSpec
    from simulator.settings import Settings

FILMS, FILTERED, FAILED, EMPTY = "films", "filtered", "failed", "empty"


@dataclass
class Operation:
    """One film job of the simulated service.

    `ending` is how it ends: with its films, all of them filtered by safety, failed with a google.rpc code, or
    done with neither result nor error. `filtered` counts films that safety took out of the result.
    """

    id: str
    name: str
    account: str
    prompt: str
    specs: tuple[FilmSpec, ...]
    ready_at: float
    ending: str = FILMS
    code: int = 13
    message: str = ""
    filtered: int = 0
    support_code: int = 42237218
    storage: str | None = None
    result: dict[str, Any] | None = None
    made: list[bool] = field(default_factory=list)

    def note(self, future: Future[bytes]) -> None:
        """Take down that one of the films is made, or could not be."""
        self.made.append(not future.cancelled() and future.exception() is None)

    def done(self) -> bool:
        """Whether its time is over and its films are made."""
        return time.monotonic() >= self.ready_at and len(self.made) >= len(self.specs)

    def reasons(self) -> list[str]:
        """The reasons told for films that safety took out."""
        reason = "The video could not be generated because it was found to violate usage guidelines."
        return [f"{reason} Support codes: {self.support_code}"] * max(1, self.filtered)


class Operations:
    """The operations still remembered, by their full name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: OrderedDict[str, Operation] = OrderedDict()

    def add(self, operation: Operation) -> None:
        """Remember an operation, and forget the oldest when there are too many."""
        self._known[operation.name] = operation
        if len(self._known) > self._settings.operations_kept:
            self._known.popitem(last=False)

    def find(self, name: str) -> Operation | None:
        """The operation of that name, or None."""
        return self._known.get(name)

    def ready_at(self, identity: str) -> float:
        """The moment (monotonic seconds) at which an operation that starts now is done."""
        spread = self._settings.film_jitter * (2 * seeded(identity).random() - 1)
        return time.monotonic() + max(0.0, self._settings.film_seconds * (1 + spread))
