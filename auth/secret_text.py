"""A secret string that can travel in a header and never shows itself."""

from __future__ import annotations

import hashlib

from auth.credential_error import CredentialError


class SecretText:
    """A non-empty, visible-ASCII secret. `reveal()` is the only way to its value.

    what: the words for it in messages ("API key").
    Raises CredentialError(unreadable) for another type, an empty value, or what a header cannot carry.
    """

    __slots__ = ("_value", "fingerprint")

    def __init__(self, value: object, what: str) -> None:
        fault = _fault(value)
        if fault or not isinstance(value, str):
            raise CredentialError(
                f"The {what} {fault}.",
                reason="unreadable",
                account=what,
                advice=f"Set the {what} in the config or in the environment variable that the config names.",
            )
        self._value = value.strip()
        self.fingerprint = hashlib.sha256(self._value.encode()).hexdigest()[:4]

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"SecretText(…{self.fingerprint})"


def _fault(value: object) -> str:
    if not isinstance(value, str):
        return f"is not text but {type(value).__name__}"
    text = value.strip()
    if not text:
        return "is empty"
    # A space or line break inside would split or end the header.
    if any(not "!" <= character <= "~" for character in text):
        return "holds characters that a header cannot carry (spaces, line breaks or non-ASCII)"
    return ""
