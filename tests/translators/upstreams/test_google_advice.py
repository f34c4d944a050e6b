"""The advice that goes with Google's refusals."""

import pytest

from translators.upstreams._google_advice import (
    CREDENTIAL_ADVICE,
    CREDENTIAL_STATUS,
    CREDENTIAL_WORDS,
    FAULT_ADVICE,
    REQUEST_WORDS,
    by_words,
    safety_categories,
)


@pytest.mark.parametrize(
    ("words", "categories"),
    [
        ("Support codes: 58061214", "child"),
        ("Support codes: 61493863, 29310472, 56562880", "violence, celebrity"),
        ("Support codes: 11111111", ""),
        ("request 580612140 and 158061214", ""),
        ("", ""),
    ],
)
def test_safety_categories(words: str, categories: str) -> None:
    assert safety_categories(words) == categories


def test_by_words_takes_the_first_that_fits() -> None:
    table = (("fps", "one"), ("fps mismatch", "two"))
    assert by_words("FPS mismatch", table) == "one"
    assert by_words("nothing", table) == ""


def test_every_advice_is_a_sentence() -> None:
    tables = (CREDENTIAL_ADVICE, CREDENTIAL_STATUS, FAULT_ADVICE, dict(CREDENTIAL_WORDS), dict(REQUEST_WORDS))
    for advice in (advice for table in tables for advice in table.values()):
        assert advice.endswith(".")


def test_words_are_in_lower_case() -> None:
    assert all(words == words.lower() for words, _ in (*CREDENTIAL_WORDS, *REQUEST_WORDS))
