"""What to do when a call that costs nothing fails: polls and downloads are made again until the deadline."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from proxy.clock import Clock

_BUSY = frozenset({407, 408, 409, 425, 429})
_NOT_IMPLEMENTED = 501

_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 60.0


def transient(status: int) -> bool:
    """Whether the status of a poll or download says nothing about the job itself.

    So do redirects, which come from the sign-in pages of networks: these calls are never redirected.
    """
    return status in _BUSY or 300 <= status < 400 or (status >= 500 and status != _NOT_IMPLEMENTED)


def pause(failures: int, retry_after: str | None, clock: Clock) -> float:
    """Seconds to wait after so many failures in a row: doubled each time, spread, never less than asked."""
    seconds = min(_FIRST_SECONDS * 2.0 ** min(failures - 1, 10), _LONGEST_SECONDS)
    spread = clock.uniform(0.75, 1.25) * seconds
    asked = float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else 0.0
    return max(spread, min(asked, _LONGEST_SECONDS * 5))


def until_daily_reset(now: float) -> float:
    """Seconds from `now` to the next midnight Pacific time, when Google's daily quotas begin anew."""
    here = datetime.fromtimestamp(now, ZoneInfo("America/Los_Angeles"))
    midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.timestamp() - now
