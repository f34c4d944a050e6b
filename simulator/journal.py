"""The journal: what was asked of the simulator, with secrets and long media taken out, and counters."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import time
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

REDACTED = "«redacted»"
COUNTERS = (
    "submits_accepted",
    "polls",
    "downloads",
    "generates",
    "tokens",
    "key_leaks",
    "uploads",
    "counts",
    "drops",
)

_SECRET_HEADERS = frozenset({"authorization", "x-goog-api-key", "cookie", "proxy-authorization"})
_SECRET_FIELDS = frozenset({
    "key", "access_token", "refresh_token", "client_secret", "assertion", "code", "upload_id", "id_token",
})  # fmt: skip
_LONG_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{256,}={0,2}")

Entry = dict[str, Any]


class Journal:
    """The last requests, oldest first, and the counters since the start or the last reset."""

    def __init__(self, kept: int) -> None:
        self._entries: deque[Entry] = deque(maxlen=kept)
        self._counters: Counter[str] = Counter()
        self._serial = 0

    def record(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Entry:
        """Note one request; the entry is returned so that its `status` can be filled in later."""
        self._serial += 1
        entry: Entry = {
            "serial": self._serial,
            "at": time.time(),
            "method": method,
            "path": path,
            "query": _redacted_query(query),
            "headers": {
                name: REDACTED if name in _SECRET_HEADERS else value for name, value in headers.items()
            },
            "account": credential_digest(headers, query),
            "body": _shown_body(headers.get("content-type", ""), body),
            "status": None,
        }
        self._entries.append(entry)
        return entry

    def count(self, name: str) -> None:
        """Add one to a counter of `COUNTERS`."""
        self._counters[name] += 1

    def report(self) -> dict[str, Any]:
        """`{"requests": [...], "counters": {...}}`."""
        return {
            "requests": list(self._entries),
            "counters": {name: self._counters[name] for name in COUNTERS},
        }

    def reset(self) -> None:
        """Forget every request and set the counters to zero."""
        self._entries.clear()
        self._counters.clear()


def credential_digest(headers: Mapping[str, str], query: str) -> str | None:
    """A short digest that tells two accounts apart without telling the secret; None without a credential."""
    secret = (
        headers.get("x-goog-api-key") or dict(parse_qsl(query)).get("key") or headers.get("authorization")
    )
    return "sha256:" + hashlib.sha256(secret.encode()).hexdigest()[:12] if secret else None


def shortened(value: Any) -> Any:
    """The same JSON with long base64 strings replaced by their decoded length and digest."""
    if isinstance(value, dict):
        return {key: shortened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shortened(item) for item in value]
    if isinstance(value, str) and len(value) >= 256:
        return _shortened_text(value)
    return value


def _shortened_text(value: str) -> str:
    head, comma, tail = value.partition(",") if value.startswith("data:") else ("", "", value)
    if not _LONG_BASE64.fullmatch(tail):
        return value
    try:
        raw = base64.b64decode(
            tail + "=" * (-len(tail) % 4), altchars=b"-_" if "-" in tail or "_" in tail else None
        )
    except (binascii.Error, ValueError):
        return value
    return head + comma + _measure(raw)


def _measure(raw: bytes) -> str:
    return f"<{len(raw)} bytes sha256:{hashlib.sha256(raw).hexdigest()}>"


def _redacted_query(query: str) -> str:
    pairs = (piece.partition("=") for piece in query.split("&") if piece)
    return "&".join(
        f"{name}={REDACTED}" if name in _SECRET_FIELDS else name + sep + value for name, sep, value in pairs
    )


def _shown_body(content_type: str, body: bytes) -> Any:
    if not body:
        return None
    if content_type.startswith("application/x-www-form-urlencoded"):
        fields = dict(parse_qsl(body.decode("utf-8", "replace")))
        return {name: REDACTED if name in _SECRET_FIELDS else value for name, value in fields.items()}
    try:
        return shortened(json.loads(body))
    except ValueError:
        return _measure(body)
