"""Which addresses a client's link may lead to, and that a socket is made for no other."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.assets.addresses import REFUSED, guarded_socket, is_allowed

PRIVATE = tuple(ip_network(text) for text in ("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "192.168.0.0/16"))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("2a00:1450:4001:80b::200e", True),
        ("100.63.255.255", True),
        ("100.64.0.0", False),
        ("172.15.255.255", True),
        ("172.31.255.255", False),
        ("192.0.0.9", False),
        ("192.0.2.1", False),
        ("198.18.0.1", False),
        ("203.0.113.9", False),
        ("192.88.99.1", False),
        ("224.0.0.251", False),
        ("2001:db8::1", False),
        ("2001::1", False),
        ("fe80::1%eth0", False),
        ("fec0::1", False),
        ("ff0e::1", False),
        ("::ffff:8.8.8.8", False),
        ("::ffff:0:808:808", False),
        ("::808:808", False),
        ("64:ff9b::808:808", False),
        ("64:ff9b:1::808:808", False),
        ("2002:808:808::1", False),
        ("nonsense", False),
        ("", False),
        ("010.0.0.1", False),
        ("8.8.8.8:80", False),
    ],
)
def test_addresses(address: str, expected: bool) -> None:
    assert is_allowed(address) is expected


@given(st.sampled_from(PRIVATE), st.integers(0, (1 << 16) - 1))
def test_no_form_of_a_private_address_is_allowed(network: object, offset: int) -> None:
    inner = int(network[offset])  # type: ignore[index]
    assert not is_allowed(str(IPv4Address(inner)))
    for prefix in ("::ffff:0:0", "::ffff:0:0:0", "::", "64:ff9b::", "64:ff9b:1::"):
        assert not is_allowed(str(IPv6Address(int(IPv6Address(prefix)) | inner)))
    assert not is_allowed(str(IPv6Address(0x2002 << 112 | inner << 80)))


@given(st.text(max_size=40))
def test_what_is_no_address_is_refused(text: str) -> None:
    assert not is_allowed(f"{text}!")


def test_allowed_networks() -> None:
    allow = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert is_allowed("10.1.2.3", allow)
    assert is_allowed("::ffff:10.1.2.3", allow)
    assert is_allowed("fd00::1", allow)
    assert is_allowed("8.8.8.8", allow)
    assert not is_allowed("192.168.0.1", allow)
    assert not is_allowed("fe80::1", allow)


def test_an_allowed_network_does_not_open_the_tunnels_to_it() -> None:
    allow = (ip_network("10.0.0.0/8"),)
    for tunnel in ("64:ff9b::a01:203", "2002:a01:203::1", "::a01:203"):
        assert not is_allowed(tunnel, allow)


def test_a_zone_does_not_hide_an_address_from_its_network() -> None:
    assert is_allowed("fe80::1%eth0", (ip_network("fe80::/10"),))


@pytest.mark.parametrize(
    ("family", "address"),
    [
        (socket.AF_INET, ("192.168.1.1", 80)),
        (socket.AF_INET6, ("::1", 80, 0, 0)),
        (socket.AF_UNIX, ("127.0.0.1",)),
    ],
)
def test_no_socket_is_made_for_another_address(family: int, address: tuple[object, ...]) -> None:
    make = guarded_socket((ip_network("127.0.0.0/8"),))
    with pytest.raises(OSError, match=REFUSED):
        make((family, socket.SOCK_STREAM, 0, "", address))


def test_a_socket_is_made_for_an_allowed_address() -> None:
    make = guarded_socket((ip_network("127.0.0.0/8"),))
    with make((socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", 80))) as made:
        assert (made.family, made.type) == (socket.AF_INET, socket.SOCK_STREAM)
