"""Whose request this is."""

from __future__ import annotations

import hmac
from typing import Any

import pytest

from auth.client_keys import INTERNAL_KEY, MAX_KEYS, Client, ClientKeys, KeyRefused, is_loopback

KEYS = ClientKeys({"laptop": "key-one", "phone": "key-two"})
LOOPBACK = "127.0.0.1"
INTERNAL = (b"x-api-key", INTERNAL_KEY.encode())


@pytest.mark.parametrize(
    "header",
    [
        (b"authorization", b"Bearer key-two"),
        (b"Authorization", b"bearer   key-two "),
        (b"x-api-key", b"key-two"),
        (b"X-Goog-Api-Key", b"key-two"),
        (b"api-key", b" key-two"),
    ],
)
def test_takes_the_key_from_every_usual_header(header: tuple[bytes, bytes]) -> None:
    assert KEYS.identify([(b"host", b"x"), header], "203.0.113.9") == Client("phone")


def refusal(headers: list[tuple[bytes, bytes]], peer: str | None = LOOPBACK) -> KeyRefused:
    with pytest.raises(KeyRefused) as caught:
        KEYS.identify(headers, peer)
    return caught.value


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"authorization", b"")],
        [(b"authorization", b"Bearer")],
        [(b"authorization", b"Bearer  ")],
        [(b"authorization", b"Basic a2V5LW9uZQ==")],
        [(b"x-api-key", b"")],
        [(b"cookie", b"key-one")],
    ],
)
def test_no_key_is_missing(headers: list[tuple[bytes, bytes]]) -> None:
    refused = refusal(headers)
    assert refused.reason == "missing"
    assert "Authorization" in refused.advice


@pytest.mark.parametrize(
    "value", [b"key-three", b"key-on", b"key-one1", b"\xff\xfe\x00", "ключ".encode(), b"a" * 100_000]
)
def test_a_wrong_key_is_wrong_whatever_its_bytes(value: bytes) -> None:
    for header in ((b"authorization", b"Bearer " + value), (b"x-api-key", value)):
        refused = refusal([header])
        assert refused.reason == "wrong"
        assert repr(value) not in f"{refused} {refused.advice}"
    assert refusal([(b"\xff", value)]).reason == "missing"


def test_missing_and_wrong_differ() -> None:
    assert str(refusal([])) != str(refusal([(b"api-key", b"no")]))


def test_a_key_beyond_ascii_works() -> None:
    keys = ClientKeys({"q": "schlüssel"})
    assert keys.identify([(b"x-api-key", "schlüssel".encode())], None) == Client("q")


def test_any_known_key_of_several_will_do_and_their_number_is_bounded() -> None:
    right = (b"x-goog-api-key", b"key-one")
    assert KEYS.identify([(b"authorization", b"Bearer placeholder"), right], LOOPBACK) == Client("laptop")
    refusal([(b"x-api-key", b"guess")] * MAX_KEYS + [right])


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_the_internal_key_opens_from_this_machine(peer: str) -> None:
    assert KEYS.identify([INTERNAL], peer) == Client("local")
    assert ClientKeys({}).identify([INTERNAL], peer) == Client("local")


@pytest.mark.parametrize(
    "peer", ["192.168.1.2", "::", "0.0.0.0", "2001:db8::1", "localhost", "", None, "::ffff:8.8.8.8"]
)
def test_the_internal_key_opens_from_nowhere_else(peer: str | None) -> None:
    assert refusal([INTERNAL], peer).reason == "remote"


@pytest.mark.parametrize(
    "name", [b"forwarded", b"X-Forwarded-For", b"x-real-ip", b"x-forwarded-host", b"via"]
)
def test_the_internal_key_does_not_pass_a_proxy(name: bytes) -> None:
    assert refusal([INTERNAL, (name, b"127.0.0.1")]).reason == "remote"
    assert KEYS.identify([(b"x-api-key", b"key-one"), (name, b"1.2.3.4")], LOOPBACK) == Client("laptop")


def test_the_internal_key_can_be_switched_off() -> None:
    with pytest.raises(KeyRefused) as caught:
        ClientKeys({"a": "b"}, internal=False).identify([INTERNAL], LOOPBACK)
    assert caught.value.reason == "wrong"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"a": ""}, "'a' is empty"),
        ({"a": "  "}, "'a' is empty"),
        ({"a": None}, "'a' is empty or not text"),
        ({"a": 12345}, "'a' is empty or not text"),
        ({"a": "canary", "b": "canary"}, "'a' and 'b' are the same"),
        ({"a": "canary", "b": " canary\n"}, "'a' and 'b' are the same"),
    ],
)
def test_useless_keys_stop_the_start_unseen(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        ClientKeys(keys)
    assert "canary" not in str(caught.value)


def test_every_key_is_compared_even_after_a_match(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    genuine = hmac.compare_digest

    def counting(a: bytes, b: bytes) -> bool:
        compared.append(1)
        return genuine(a, b)

    monkeypatch.setattr("auth.client_keys.hmac.compare_digest", counting)
    for key in (b"key-one", b"key-two"):
        compared.clear()
        KEYS.identify([(b"x-api-key", key)], None)
        assert len(compared) == 3


def test_keeps_and_shows_no_key() -> None:
    keys = ClientKeys({"laptop": "canary"})
    assert repr(keys) == "ClientKeys(laptop)"
    assert len(keys) == 1
    assert "canary" not in repr(vars(keys))


def test_is_loopback_survives_odd_hosts() -> None:
    assert not any(is_loopback(host) for host in (None, "", "unix:/x", "1.2.3", "127.0.0.1:80", "::1%\x00x/"))


@pytest.mark.parametrize(
    "host", [b"127.0.0.1:8317", b"localhost", b"LOCALHOST:8317", b"[::1]:8317", b"127.8.8.8"]
)
def test_internal_key_under_an_own_name(host: bytes) -> None:
    assert KEYS.identify([INTERNAL, (b"host", host)], LOOPBACK) == Client("local")


@pytest.mark.parametrize(
    "host", [b"evil.example", b"evil.example:8317", b"localhost.evil.example", b"10.0.0.1", b""]
)
def test_internal_key_under_a_name_that_was_made_to_point_here(host: bytes) -> None:
    assert refusal([INTERNAL, (b"host", host)]).reason == "remote"


def test_listed_internal_key_has_its_owner_and_stays_local() -> None:
    keys = ClientKeys({"laptop": INTERNAL_KEY})
    assert keys.identify([INTERNAL], LOOPBACK) == Client("laptop")
    with pytest.raises(KeyRefused):
        keys.identify([INTERNAL], "10.1.2.3")
