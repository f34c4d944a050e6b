"""Keeps one access token fresh: fetched in a thread, once for all who wait."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

from auth.credential_error import CredentialError

EARLY_SECONDS = 300.0  # google_wire.md 6.3: refresh about 5 minutes before expiry
SKEW_SECONDS = 10.0  # a token this close to its end may expire on the way
EARLY_PAUSE_SECONDS = 30.0  # between early tries while the old token still works
FAILURE_PAUSE_SECONDS = 5.0  # a failure answers for this long, so pollers do not hammer the service


@dataclass(frozen=True)
class Token:
    """An access token. expires_at: seconds since 1970. quota_project: what a login bills to, or None."""

    value: str = field(repr=False)
    expires_at: float
    quota_project: str | None = None

    def headers(self) -> Mapping[str, str]:
        headers = {"authorization": f"Bearer {self.value}"}
        if self.quota_project:
            headers["x-goog-user-project"] = self.quota_project
        return headers


Outcome = Token | CredentialError


class TokenRefresh:
    """One token, shared by every caller of every event loop.

    fetch: blocking; gives a new token, or returns the error that says why not. It runs in a daemon thread of
    its own: a slow token service holds up neither the loop's thread pool nor the exit.
    """

    def __init__(self, fetch: Callable[[], Outcome], *, clock: Callable[[], float] = time.time) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._flight: Future[Outcome] | None = None
        self._token: Token | None = None
        self._refresh_at = 0.0
        self._failure: CredentialError | None = None
        self._failure_until = 0.0

    async def token(self) -> Token:
        """A token that works now. Waits only when there is none; near its end it is renewed unseen.

        Raises CredentialError. A cancelled caller leaves the fetch running for the others.
        """
        now = self._clock()
        token = self._token
        if token is not None and now < token.expires_at - SKEW_SECONDS:
            if now >= self._refresh_at:
                self._launch()
            return token
        failure = self._failure
        # Bounded on both sides: a clock set back must not prolong the pause.
        if failure is not None and 0 < self._failure_until - now <= FAILURE_PAUSE_SECONDS:
            raise failure.again()
        # The flight counts as running from its start, so a cancelled waiter cannot cancel it.
        outcome = await asyncio.wrap_future(self._launch())
        if isinstance(outcome, CredentialError):
            raise outcome.again()
        return outcome

    def drop(self, sent: Mapping[str, str] | None = None) -> None:
        """Forget the token; with `sent`, the rejected call's headers, only if they carried this one."""
        with self._lock:
            if sent is not None and self._token is not None and not _carries(sent, self._token):
                return
            self._token = None
            self._failure = None

    def _launch(self) -> Future[Outcome]:
        with self._lock:
            if self._flight is not None:
                return self._flight
            flight: Future[Outcome] = Future()
            flight.set_running_or_notify_cancel()
            self._flight = flight
        threading.Thread(target=self._fly, args=(flight,), name="token-refresh", daemon=True).start()
        return flight

    def _fly(self, flight: Future[Outcome]) -> None:
        try:
            outcome = self._fetch()
        except BaseException as error:  # noqa: BLE001 - the waiters must hear of anything
            with self._lock:
                self._flight = None
            flight.set_exception(error)
            return
        with self._lock:
            self._keep(outcome)
            self._flight = None
        flight.set_result(outcome)

    def _keep(self, outcome: Outcome) -> None:
        now = self._clock()
        if isinstance(outcome, CredentialError):
            self._failure = outcome
            self._failure_until = now + FAILURE_PAUSE_SECONDS
            self._refresh_at = now + EARLY_PAUSE_SECONDS
            return
        self._token = outcome
        self._failure = None
        # The metadata server hands out tokens with minutes to live: those are renewed at half their time.
        self._refresh_at = outcome.expires_at - min(EARLY_SECONDS, max(outcome.expires_at - now, 0.0) / 2)

    def __repr__(self) -> str:
        return f"TokenRefresh({self._token!r})"


def _carries(sent: Mapping[str, str], token: Token) -> bool:
    wanted = token.headers()["authorization"]
    return any(name.lower() == "authorization" and value == wanted for name, value in sent.items())
