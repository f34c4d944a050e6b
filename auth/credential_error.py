"""The one error of a credential that cannot be used."""

from __future__ import annotations

from typing import Literal

Reason = Literal["refused", "unavailable", "unreadable"]


class CredentialError(Exception):
    """A credential that gives no headers now. `str(error)` is a sentence for the operator, without secrets.

    reason: `refused` (expired, revoked or invalid: a person must act), `unavailable` (the token service did
    not answer properly: try later) or `unreadable` (the file or value is missing or broken).
    account: the credential's label. advice: what the operator can do, one sentence, may be empty.
    """

    def __init__(self, message: str, *, reason: Reason, account: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.reason: Reason = reason
        self.account = account
        self.advice = advice

    def again(self) -> CredentialError:
        """The same error as a new object: one raised to many waiters would gather all their tracebacks."""
        return CredentialError(self.message, reason=self.reason, account=self.account, advice=self.advice)
