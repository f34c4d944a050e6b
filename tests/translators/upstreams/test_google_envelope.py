"""Google's error envelope in all its spellings, and words that are safe to show."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translators.steps import Reply
from translators.upstreams._google_envelope import (
    LONGEST_PHRASE,
    delay_in_words,
    envelope_from,
    envelope_in,
    envelope_of,
    phrase,
    seconds_of,
    sentence,
)

KEY = "AIzaSyCanary-Canary-Canary-Canary-Cana"


@pytest.mark.parametrize(
    "text",
    [
        f"see https://example.com/x?key={KEY} for more",
        f"Consumer 'api_key:{KEY}' has been suspended.",
        f"the key {KEY} is bad",
        f"<html><title>x?key={KEY}</title>",
        f"<p>the URL <code>/v1?alt=media&amp;key={KEY}</code> was not found",
        f'{{"x-goog-api-key": "{KEY}"}}',
        f"API-KEY: {KEY}",
    ],
)
def test_no_key_gets_through(text: str) -> None:
    assert "Canary" not in phrase(text)


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("ya29.a0canary", "token ya29.a0canary expired"),
        ("AQ.Ab8canary-canary", "key AQ.Ab8canary-canary refused"),
        ("eyJhbGciOiJSUzI1NiJ9.canary", "Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.canary"),
        ("canary", "https://x/y?access_token=canary"),
        ("canary", "https://x/y?X-Goog-Signature=canary"),
    ],
)
def test_no_token_gets_through(secret: str, text: str) -> None:
    assert secret not in phrase(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  two\n\tlines\u2028here ", "two lines here"),
        ("<!DOCTYPE html><title>Error 404 (Not Found)!!1</title><p>more", "Error 404 (Not Found)!!1"),
        ("<style>p{}</style><p>Too &amp; much</p>", "Too & much"),
        ("<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", "NoSuchKey"),
        ("a < b and c > d", "a < b and c > d"),
        ("", ""),
    ],
)
def test_phrase(text: str, words: str) -> None:
    assert phrase(text) == words


@given(st.text(max_size=3000))
def test_a_phrase_is_one_short_line(text: str) -> None:
    said = phrase(text)
    assert len(said) <= LONGEST_PHRASE
    assert len(said.splitlines()) <= 1
    assert said.isprintable()


def test_a_long_phrase_is_cut() -> None:
    assert phrase("x" * 9000) == "x" * (LONGEST_PHRASE - 1) + "…"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12.3s", 12.3),
        ("1h2m3s", 3723.0),
        ("373.801628ms", 0.373801628),
        ("2m", 120.0),
        ("0s", 0.0),
        ("999999h", 7 * 24 * 3600.0),
        ("", None),
        ("s", None),
        ("soon", None),
        ("-3s", None),
    ],
)
def test_seconds_of(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == (pytest.approx(seconds) if seconds is not None else None)


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("Please retry in 12.3s.", 12.3),
        ("Your quota will reset after 1h2m3s", 3723.0),
        ("Try again after 30 seconds.", 30.0),
        ("retry in 250ms", 0.25),
        ("Quota of 20s, in 5 models", None),
        ("in 10", None),
    ],
)
def test_delay_in_words(message: str, seconds: float | None) -> None:
    assert delay_in_words(message) == seconds


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"code": 400, "message": "m"}}, "m"),
        ([{"error": {"code": 400, "message": "m"}}], "m"),
        ([1, {"error": {"message": "m"}}], "m"),
        ({"error": "invalid_grant", "error_description": "m"}, "m"),
        ({"error": "m"}, "m"),
    ],
)
def test_every_wrapping(body: Any, message: str) -> None:
    found = envelope_in(body)
    assert found
    assert found.message == message


@pytest.mark.parametrize("body", [None, {}, [], "x", 3, {"error": 5}, [[]]])
def test_no_envelope(body: Any) -> None:
    assert envelope_in(body) is None


def test_a_string_code_is_the_status() -> None:
    found = envelope_from({"code": "invalid_request", "message": "m"})
    assert (found.code, found.status) == (0, "invalid_request")


def test_reasons_of_older_errors() -> None:
    found = envelope_from({"errors": [{"reason": "forbidden"}, {"message": "m"}, 4]})
    assert found.reasons == ("forbidden",)


def test_field_violations_join_the_message_once() -> None:
    violations = [{"field": "a", "description": "too long"}, {"description": "m"}, 7]
    detail = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}
    assert envelope_from({"message": "m", "details": [detail]}).message == "m (a: too long)"


def test_retry_info_counts_before_the_reset_of_the_quota() -> None:
    reset = {"@type": "x/google.rpc.ErrorInfo", "metadata": {"quotaResetDelay": "9s"}}
    retry = {"@type": "x/google.rpc.RetryInfo", "retryDelay": "5s"}
    assert envelope_from({"details": [reset, retry]}).delay == 5


@pytest.mark.parametrize(
    ("header", "delay"), [("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None)]
)
def test_retry_after(header: str, delay: float | None) -> None:
    assert envelope_of(Reply(status=429, headers={"retry-after": header})).delay == delay


def test_the_words_of_a_page() -> None:
    assert envelope_of(Reply(status=502, text="<title>Bad Gateway</title>")).message == "Bad Gateway"


@pytest.mark.parametrize(("words", "ended"), [("a", "a."), ("a.", "a."), ("a?", "a?"), ("a…", "a…")])
def test_sentence(words: str, ended: str) -> None:
    assert sentence(words) == ended
