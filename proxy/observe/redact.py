"""Takes secrets out of what is about to be logged: the last defence, after not passing them on at all."""

import re
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

MASK = "[redacted]"
SHORTEST = 6
"""A registered secret shorter than this is not looked for: it would blank out ordinary words."""

LONGEST_TEXT = 20_000
DEEPEST = 8

SECRET_NAMES = frozenset(
    (
        "api-key", "apikey", "access-token", "authorization", "client-keys", "client-secret", "cookie",
        "cookies", "database-url", "id-token", "passwd", "password", "private-key", "proxy-authorization",
        "refresh-token", "secret", "set-cookie", "signature", "token", "x-amz-security-token", "x-api-key",
        "x-goog-api-key", "x-goog-iam-authorization-token",
    )
)  # fmt: skip
"""Field names whose values are never shown, in lower case and with dashes."""

_HEADERS = r"(?:proxy-)?authorization|x-goog-api-key|x-api-key|(?:set-)?cookie|x-goog-iam-authorization-token"
_FIELDS = r"(?:access_?|refresh_?|id_?)?token|client_?secret|private_?key|api_?key|passwd|password|secret"
_PARAMETERS = (
    r"(?:api_?)?key|sig(?:nature)?|(?:access_|refresh_|id_)?token|client_secret|password"
    r"|x-(?:goog|amz)-(?:signature|credential|security-token)"
)
_QUOTED = r"\"[^\"]*\"?|'[^']*'?|\\+[\"'][^\"'\\]*"
_EDGE = r"(?<![A-Za-z0-9])"
_RUN = r"(?<![\w.-])"  # only where a run begins: keeps the search linear

# The patterns are slow and most lines harmless: each has texts of which one is in all that it matches.
_PATTERNS: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = tuple(
    (tuple(hints.split()), re.compile(pattern), replacement)
    for hints, pattern, replacement in (
        (
            "-----begin",
            r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
            MASK,
        ),
        (  # a header as a line, in a mapping's repr, or as a pair
            "authorization key cookie",
            rf"(?i)\b({_HEADERS})((?:(?:\\*[\"'])?\s*[:=]|[\"']\s*,)\s*b?)(?:{_QUOTED}|[^\r\n]+)",
            rf"\1\2{MASK}",
        ),
        (  # a field of JSON or of a mapping's repr
            "token secret key passw",
            rf"(?i)([\"'](?:{_FIELDS})\\*[\"']\s*:\s*b?)(?:{_QUOTED})",
            rf"\1{MASK}",
        ),
        (  # a parameter of a URL
            "key sig token secret passw credential",
            rf"(?i)((?:[?&;]|%26|%3f)(?:{_PARAMETERS})(?:=|%3d))[^&#\s\"'<>]+",
            rf"\1{MASK}",
        ),
        ("token secret key passw", rf"(?i)\b({_FIELDS})=[^&#\s\"'<>]+", rf"\1={MASK}"),
        ("://", r"(://[^/\s:@\"']*:)[^/\s@\"']+@", rf"\1{MASK}@"),
        ("bearer", r"(?i)\b(bearer\s+)[^\s\"',;]{6,}", rf"\1{MASK}"),
        ("basic", r"(?i)\b(basic\s+)[A-Za-z0-9+/]{12,}={0,2}", rf"\1{MASK}"),
        ("__secure __host", _RUN + r"(__(?:Secure|Host)-[\w.-]+=)[^;\s\"']+", rf"\1{MASK}"),
        (  # Google's API keys, access and refresh tokens, and client secrets
            "aiza aq. ya29 1// gocspx",
            _EDGE + r"(?:AIza[\w-]{10,}|AQ\.[\w.-]{10,}|ya29\.[\w.-]+|1//[\w-]{20,}|GOCSPX-[\w-]+)",
            MASK,
        ),
        ("sk-", _EDGE + r"sk-[\w-]{8,}", MASK),
        ("eyj", _RUN + r"eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?", MASK),
    )
)
_HINTS = tuple(sorted({hint for hints, _, _ in _PATTERNS for hint in hints}))
_LONG_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{201,}={0,2}")


class _Registry:
    """The exact secrets that this process knows, as one pattern."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def add(self, secrets: Iterable[str]) -> None:
        new = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        if new <= self._known:
            return
        self._known |= new
        # the longest first, so that a secret that begins like another is masked whole
        self._pattern = re.compile(
            "|".join(re.escape(form) for form in sorted(self._known, key=len, reverse=True))
        )

    def clear(self) -> None:
        self._known, self._pattern = frozenset(), None

    def mask(self, value: str) -> str:
        return self._pattern.sub(MASK, value) if self._pattern else value


def _forms(secret: str) -> set[str]:
    """The ways a secret is written: as it is, in a URL, and in a quoted string."""
    return {secret, quote(secret, safe=""), quote(secret), repr(secret)[1:-1], secret.replace('"', '\\"')}


_registry = _Registry()


def register(*secrets: str) -> None:
    """Makes exact texts secret from now on; those under 6 characters are ignored."""
    _registry.add(secrets)


def clear() -> None:
    """Forgets what was registered; for tests."""
    _registry.clear()


def text(value: str) -> str:
    """`value` with everything that is, or looks like, a secret masked, and cut at 20,000 characters."""
    masked = _registry.mask(value)
    lower = masked.lower()
    for hint in _HINTS:
        if hint in lower:
            masked = _by_pattern(masked, lower)
            break
    if len(masked) > 200:
        masked = _LONG_BASE64.sub("[long base64]", masked)
    if len(masked) > LONGEST_TEXT:
        return f"{masked[:LONGEST_TEXT]}… [{len(masked)} characters]"
    return masked


def _by_pattern(masked: str, lower: str) -> str:
    for hints, pattern, replacement in _PATTERNS:
        if any(hint in lower for hint in hints):
            masked = pattern.sub(replacement, masked)
    return masked


def value(item: Any, depth: int = 0) -> Any:
    """`item` as JSON-like data without secrets.

    What is not data is shown by its repr, and bytes only by their number.
    """
    if item is None or isinstance(item, bool | int | float):
        return item
    if isinstance(item, bytes | bytearray | memoryview):
        return f"[{len(item)} bytes]"
    if isinstance(item, Mapping | list | tuple | set | frozenset):
        return _container(item, depth) if depth < DEEPEST else "[too deep]"
    return text(str(item) if isinstance(item, str) else _repr(item))


def event(_logger: Any, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor; it stands after the one that formats exceptions, right before the renderer."""
    return {_name(key): _field(key, part, 0) for key, part in fields.items()}


def _container(items: Any, depth: int) -> dict[str, Any] | list[Any]:
    if isinstance(items, Mapping):
        return {_name(key): _field(key, part, depth) for key, part in items.items()}
    parts = list(items)
    # a header as the pair that web servers use
    if len(parts) == 2 and isinstance(parts[0], str | bytes) and _is_secret_name(parts[0]):
        return [_name(parts[0]), MASK]
    return [value(part, depth + 1) for part in parts]


def _field(name: Any, part: Any, depth: int) -> Any:
    if _is_secret_name(name) and part is not None and not isinstance(part, bool):
        return MASK
    return value(part, depth + 1)


def _name(key: Any) -> str:
    plain = key.decode("latin-1") if isinstance(key, bytes) else str(key)
    # an ordinary field name, too short for any of the patterns
    return _registry.mask(plain) if len(plain) < 14 and plain.isidentifier() else text(plain)


def _is_secret_name(name: Any) -> bool:
    plain = name.decode("latin-1") if isinstance(name, bytes) else str(name)
    return plain.lower().replace("_", "-") in SECRET_NAMES


def _repr(item: Any) -> str:
    try:
        return repr(item)
    except Exception:  # noqa: BLE001  a broken repr must not lose the log line
        return f"[{type(item).__name__}]"
