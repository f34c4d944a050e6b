"""A secret reveals itself only when asked to."""

from __future__ import annotations

import pytest

from auth.credential_error import CredentialError
from auth.secret_text import SecretText


def test_reveals_what_it_holds_without_the_line_break_of_its_file() -> None:
    assert SecretText("  AIza-key\n", "API key").reveal() == "AIza-key"


def test_shows_only_a_fingerprint() -> None:
    secret = SecretText("canary-key", "API key")
    assert "canary" not in f"{secret!r} {secret} {[secret]}"
    assert secret.fingerprint == SecretText("canary-key", "API key").fingerprint
    assert len(secret.fingerprint) == 4


@pytest.mark.parametrize(
    "value", ["", "  \n", None, 12, "canary key", "canary\r\nx: y", "canaryé", "canary\x7f"]
)
def test_refuses_what_a_header_cannot_carry_without_showing_it(value: object) -> None:
    with pytest.raises(CredentialError) as caught:
        SecretText(value, "API key")
    assert caught.value.reason == "unreadable"
    assert "API key" in str(caught.value)
    assert "canary" not in str(caught.value)
