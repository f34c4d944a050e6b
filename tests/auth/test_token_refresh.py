"""One token for all: single flight, early renewal, failures that hurt only when they must."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from auth.credential_error import CredentialError
from auth.token_refresh import (
    EARLY_PAUSE_SECONDS,
    EARLY_SECONDS,
    FAILURE_PAUSE_SECONDS,
    SKEW_SECONDS,
    Outcome,
    Token,
    TokenRefresh,
)

pytestmark = pytest.mark.anyio

REFUSED = CredentialError("Refused.", reason="refused", account="adc", advice="Log in.")


class Service:
    """Counts what is asked; waits at the gate; answers a new token or the error set."""

    def __init__(self, clock: Callable[[], float], lifetime: float = 3600.0) -> None:
        self.clock = clock
        self.lifetime = lifetime
        self.calls = 0
        self.gate = threading.Event()
        self.gate.set()
        self.error: CredentialError | None = None

    def __call__(self) -> Outcome:
        self.calls += 1
        number = self.calls
        assert self.gate.wait(5)
        return self.error or Token(f"token-{number}", self.clock() + self.lifetime)


@pytest.fixture
def service(clock: Any) -> Service:
    return Service(clock)


@pytest.fixture
def refresh(service: Service, clock: Any) -> TokenRefresh:
    return TokenRefresh(service, clock=clock)


async def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 3
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.002)


def settled(refresh: TokenRefresh) -> bool:
    return refresh._flight is None


async def test_fifty_waiters_cost_one_fetch(refresh: TokenRefresh, service: Service) -> None:
    service.gate.clear()
    waiters = [asyncio.ensure_future(refresh.token()) for _ in range(50)]
    await eventually(lambda: service.calls == 1)
    service.gate.set()
    assert {token.value for token in await asyncio.gather(*waiters)} == {"token-1"}
    assert (await refresh.token()).value == "token-1"
    assert service.calls == 1


async def test_a_cancelled_waiter_leaves_the_others_waiting(refresh: TokenRefresh, service: Service) -> None:
    service.gate.clear()
    first, second = asyncio.ensure_future(refresh.token()), asyncio.ensure_future(refresh.token())
    await eventually(lambda: service.calls == 1)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    service.gate.set()
    assert (await second).value == "token-1"
    assert service.calls == 1


async def test_when_all_waiters_are_cancelled_the_token_is_kept(
    refresh: TokenRefresh, service: Service
) -> None:
    service.gate.clear()
    waiter = asyncio.ensure_future(refresh.token())
    await eventually(lambda: service.calls == 1)
    waiter.cancel()
    service.gate.set()
    await eventually(lambda: settled(refresh))
    assert (await refresh.token()).value == "token-1"
    assert service.calls == 1


async def test_renews_early_while_the_old_token_serves(
    refresh: TokenRefresh, service: Service, clock: Any
) -> None:
    await refresh.token()
    clock.now += 3600 - EARLY_SECONDS - 1
    assert (await refresh.token()).value == "token-1"
    assert service.calls == 1
    clock.now += 1
    service.gate.clear()
    for _ in range(20):
        assert (await refresh.token()).value == "token-1"
    service.gate.set()
    await eventually(lambda: settled(refresh))
    assert (await refresh.token()).value == "token-2"
    assert service.calls == 2


async def test_waits_only_when_the_token_is_over(refresh: TokenRefresh, service: Service, clock: Any) -> None:
    await refresh.token()
    clock.now += 3600 - SKEW_SECONDS
    assert (await refresh.token()).value == "token-2"


async def test_a_failed_early_renewal_does_not_hurt(
    refresh: TokenRefresh, service: Service, clock: Any
) -> None:
    await refresh.token()
    service.error = REFUSED
    clock.now += 3600 - EARLY_SECONDS
    for _ in range(3):
        assert (await refresh.token()).value == "token-1"
        await eventually(lambda: settled(refresh))
    assert service.calls == 2, "the next try comes after a pause"
    clock.now += EARLY_PAUSE_SECONDS
    service.error = None
    assert (await refresh.token()).value == "token-1"
    await eventually(lambda: settled(refresh))
    assert (await refresh.token()).value == "token-3"


async def test_a_failure_is_told_to_every_waiter_as_an_error_of_its_own(
    refresh: TokenRefresh, service: Service
) -> None:
    service.error = REFUSED
    outcomes = await asyncio.gather(*(refresh.token() for _ in range(50)), return_exceptions=True)
    assert service.calls == 1
    errors = [outcome for outcome in outcomes if isinstance(outcome, CredentialError)]
    assert len({id(error) for error in errors}) == 50
    assert {error.reason for error in errors} == {"refused"}


async def test_pollers_do_not_hammer_after_a_failure(
    refresh: TokenRefresh, service: Service, clock: Any
) -> None:
    service.error = REFUSED
    for _ in range(5):
        with pytest.raises(CredentialError):
            await refresh.token()
    assert service.calls == 1
    service.error = None
    clock.now += FAILURE_PAUSE_SECONDS
    assert (await refresh.token()).value == "token-2"


async def test_a_clock_set_back_does_not_prolong_the_pause(
    refresh: TokenRefresh, service: Service, clock: Any
) -> None:
    service.error = REFUSED
    with pytest.raises(CredentialError):
        await refresh.token()
    service.error = None
    clock.now -= 3600
    assert (await refresh.token()).value == "token-2"


async def test_dropping_asks_anew(refresh: TokenRefresh, service: Service) -> None:
    await refresh.token()
    refresh.drop()
    assert (await refresh.token()).value == "token-2"


async def test_a_late_rejection_of_an_old_token_keeps_the_new_one(
    refresh: TokenRefresh, service: Service
) -> None:
    old = (await refresh.token()).headers()
    refresh.drop(old)
    new = (await refresh.token()).headers()
    for _ in range(49):
        refresh.drop(old)
    assert (await refresh.token()).headers() == new
    refresh.drop({"Authorization": new["authorization"]})
    assert (await refresh.token()).value == "token-3"


async def test_short_lived_tokens_are_renewed_at_half_their_time(clock: Any) -> None:
    service = Service(clock, lifetime=200.0)
    refresh = TokenRefresh(service, clock=clock)
    await refresh.token()
    clock.now += 99
    await refresh.token()
    assert service.calls == 1
    clock.now += 1
    await refresh.token()
    await eventually(lambda: service.calls == 2)


async def test_a_token_that_arrives_expired_is_given_once_and_asked_for_again(clock: Any) -> None:
    service = Service(clock, lifetime=-5.0)
    refresh = TokenRefresh(service, clock=clock)
    assert [(await refresh.token()).value, (await refresh.token()).value] == ["token-1", "token-2"]


async def test_a_fault_in_our_own_code_reaches_the_waiter_and_blocks_nothing(clock: Any) -> None:
    calls: list[int] = []

    def broken() -> Outcome:
        calls.append(1)
        raise LookupError("bug")

    refresh = TokenRefresh(broken, clock=clock)
    for _ in range(2):
        with pytest.raises(LookupError, match="bug"):
            await refresh.token()
    assert len(calls) == 2


def test_serves_one_event_loop_after_another(refresh: TokenRefresh, service: Service) -> None:
    async def leave_while_it_runs() -> None:
        waiter = asyncio.ensure_future(refresh.token())
        await eventually(lambda: service.calls == 1)
        waiter.cancel()

    service.gate.clear()
    asyncio.run(leave_while_it_runs())
    service.gate.set()
    assert asyncio.run(refresh.token()).value == "token-1"
    assert service.calls == 1


async def test_the_loop_is_free_while_the_service_thinks(refresh: TokenRefresh, service: Service) -> None:
    service.gate.clear()
    waiter = asyncio.ensure_future(refresh.token())
    started = time.monotonic()
    for _ in range(10):
        await asyncio.sleep(0)
    assert time.monotonic() - started < 0.5
    assert not waiter.done()
    service.gate.set()
    await waiter


def test_a_token_hides_its_value_and_names_its_project() -> None:
    token = Token("canary", 1.0, "quota")
    assert "canary" not in repr(token)
    assert token.headers() == {"authorization": "Bearer canary", "x-goog-user-project": "quota"}
