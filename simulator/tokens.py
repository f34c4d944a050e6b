"""The access tokens that the simulator has issued."""

from __future__ import annotations

import time
from collections import OrderedDict

_KEPT = 10_000


class Tokens:
    """The access tokens issued here and when each runs out."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self._ends: OrderedDict[str, float] = OrderedDict()
        self._serial = 0

    def issue(self) -> str:
        """A new access token."""
        self._serial += 1
        token = f"ya29.simulated-{self._serial}"
        self._ends[token] = time.monotonic() + self.seconds
        if len(self._ends) > _KEPT:
            self._ends.popitem(last=False)
        return token

    def expired(self, token: str) -> bool:
        """Whether a token issued here has run out; tokens of unknown origin never do."""
        end = self._ends.get(token)
        return end is not None and time.monotonic() >= end
