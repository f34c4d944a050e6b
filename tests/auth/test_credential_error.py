"""One failure, told to many."""

from __future__ import annotations

from auth.credential_error import CredentialError


def test_again_is_equal_but_another_object() -> None:
    error = CredentialError("Refused.", reason="refused", account="adc", advice="Log in.")
    again = error.again()
    assert again is not error
    assert (str(again), again.reason, again.account, again.advice) == (
        "Refused.",
        "refused",
        "adc",
        "Log in.",
    )
