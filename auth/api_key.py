"""A static API key, sent as it is in one header."""

from __future__ import annotations

from collections.abc import Mapping

from auth.secret_text import SecretText

GOOGLE_HEADER = "x-goog-api-key"  # google_wire.md 1.1: preferred over `?key=`, which ends up in logs


class ApiKey:
    """An API key in a header of its own, or as a bearer when the header is `authorization`.

    Raises CredentialError(unreadable) when the key is empty or cannot stand in a header.
    """

    kind = "api_key"
    project: str | None = None

    def __init__(self, value: object, *, header: str = GOOGLE_HEADER) -> None:
        self._key = SecretText(value, "API key")
        self._header = header.lower()
        self.account = f"key-{self._key.fingerprint}"

    async def headers(self) -> Mapping[str, str]:
        prefix = "Bearer " if self._header == "authorization" else ""
        return {self._header: prefix + self._key.reveal()}

    async def rejected(self, sent: Mapping[str, str] | None = None) -> bool:
        """Always False: asking again would send the same key."""
        return False

    def __repr__(self) -> str:
        return f"ApiKey({self.account})"
