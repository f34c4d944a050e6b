"""Who may call us: client keys, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Literal

INTERNAL_KEY = "ccs-internal-managed"  # public knowledge, so it opens nothing beyond this machine
INTERNAL_OWNER = "local"
KEY_HEADERS = (b"x-api-key", b"x-goog-api-key", b"api-key")
# A reverse proxy on this machine makes the whole world look local; these tell that one is there.
PROXY_HEADERS = (
    b"forwarded", b"via", b"x-forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-port",
    b"x-forwarded-proto", b"x-forwarded-server", b"x-real-ip",
)  # fmt: skip
# One look-up a header: every request of every client passes here.
ROLES: Mapping[bytes, Literal["bearer", "key", "proxy", "host"]] = {
    b"authorization": "bearer",
    b"host": "host",
    **dict.fromkeys(KEY_HEADERS, "key"),
    **dict.fromkeys(PROXY_HEADERS, "proxy"),
}
MAX_KEYS = 8  # of one request: each costs a hash and a comparison with every known key
COMPARE = "Compare it with server.client_keys in the config."
HOW = "Send it as `Authorization: Bearer <key>`, `x-api-key`, `x-goog-api-key` or `api-key`."


@dataclass(frozen=True)
class Client:
    """Who calls. owner: the key's name in the config; "local" for the internal key."""

    owner: str


class KeyRefused(Exception):
    """The request may not pass. message and advice are for the client; neither holds a key.

    reason: `missing` (no key sent), `wrong` (unknown key) or `remote` (the internal key from elsewhere).
    """

    def __init__(self, message: str, advice: str, reason: Literal["missing", "wrong", "remote"]) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.reason = reason


class ClientKeys:
    """The keys that open this server. Only their digests are kept.

    keys: name → key. internal: whether INTERNAL_KEY is accepted from this machine; listed among the keys it
    only gets the owner that it is listed under. Raises ValueError, naming the names only, for an empty key or
    a repeated one.
    """

    def __init__(self, keys: Mapping[str, str], *, internal: bool = True) -> None:
        self._owners: dict[bytes, str] = {}
        self._internal = _digest(INTERNAL_KEY.encode()) if internal else None
        self._internal_owner = INTERNAL_OWNER
        for owner, key in keys.items():
            self._add(owner, key)

    def _add(self, owner: str, key: object) -> None:
        text = key.strip() if isinstance(key, str) else ""
        if not text:
            raise ValueError(f"client key {owner!r} is empty or not text")
        if text == INTERNAL_KEY:
            self._internal_owner = owner
            return
        digest = _digest(text.encode())
        if digest in self._owners:
            raise ValueError(f"client keys {self._owners[digest]!r} and {owner!r} are the same")
        self._owners[digest] = owner

    def __len__(self) -> int:
        return len(self._owners)

    def __repr__(self) -> str:
        return f"ClientKeys({', '.join(sorted(self._owners.values()))})"

    def identify(self, headers: Iterable[tuple[bytes, bytes]], peer_host: str | None) -> Client:
        """The client that a request's key names.

        headers: names and values as ASGI gives them. peer_host: address of the connection's other end, None
        when there is none. Of several keys in one request any known one will do.
        Raises KeyRefused.
        """
        sent, local = _sent_keys(headers)
        owner, internal = self._owner_of(sent)
        if owner is not None:
            return Client(owner)
        if internal:
            if local and is_loopback(peer_host):
                return Client(self._internal_owner)
            raise KeyRefused(
                "The internal key is accepted only from the same machine, under its own name or address, "
                "without a proxy in between.",
                "Set a key of your own under server.client_keys and send that one.",
                "remote",
            )
        if not sent:
            raise KeyRefused("No API key was sent.", HOW, "missing")
        raise KeyRefused("The API key is not known here.", COMPARE, "wrong")

    def _owner_of(self, sent: list[bytes]) -> tuple[str | None, bool]:
        """The owner, and whether the internal key came. Every pair is compared: time must not tell which."""
        owner: str | None = None
        internal = False
        for value in sent:
            digest = _digest(value)
            for known, name in self._owners.items():
                if hmac.compare_digest(digest, known) and owner is None:
                    owner = name
            if self._internal is not None and hmac.compare_digest(digest, self._internal):
                internal = True
        return owner, internal


def is_loopback(host: str | None) -> bool:
    """Whether an address is this machine's own: 127.0.0.0/8, ::1, or the former inside IPv6."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()


def _sent_keys(headers: Iterable[tuple[bytes, bytes]]) -> tuple[list[bytes], bool]:
    """The keys of a request, and whether its headers let it be one from this very machine."""
    sent: list[bytes] = []
    local = True
    for name, value in headers:
        role = ROLES.get(name.lower())
        if role == "key":
            sent.append(value.strip())
        elif role == "proxy":
            local = False
        elif role == "host":
            local = local and _is_own_name(value)
        elif role == "bearer":
            scheme, _, key = value.strip().partition(b" ")
            if scheme.lower() == b"bearer":
                sent.append(key.strip())
    return [key for key in sent if key][:MAX_KEYS], local


def _is_own_name(host: bytes) -> bool:
    """Whether a Host header names this machine: a web page whose name was made to point here does not."""
    name = host.decode("latin-1").strip().lower()
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
    return name.rstrip(".") == "localhost" or is_loopback(name)
