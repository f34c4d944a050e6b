"""Which internet addresses a client's link may lead to."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network

REFUSED = "the address is not public"
"""The text of the OSError for a refused connection; it survives when several errors are summed up."""

# Python's `is_global` is true for some of these, or was in some version. Those that carry an IPv4 address
# inside would reach a private one past every rule for it.
_NEVER = tuple(
    ip_network(text)
    for text in (
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "fec0::/10",
        "5f00::/16",
    )
)


def is_allowed(text: str, allow: Sequence[Network] = ()) -> bool:
    """Whether a connection to this address may be made: it is public, or in a network of `allow`."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(address, "ipv4_mapped", None) or address
    if any(inner in network for network in allow if network.version == inner.version):
        return True
    refused = any(address in network for network in _NEVER if network.version == address.version)
    return address.is_global and not (refused or address.is_multicast or address.is_reserved)


def guarded_socket(allow: Sequence[Network]) -> Callable[[tuple[Any, ...]], socket.socket]:
    """A socket factory for a connector: it sees the very address of each connection, whatever led to it.

    The factory raises OSError(REFUSED) for an address that is not allowed.
    """

    def make(info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = info
        if family not in (socket.AF_INET, socket.AF_INET6) or not is_allowed(str(address[0]), allow):
            raise OSError(REFUSED)
        return socket.socket(family=family, type=kind, proto=protocol)

    return make
