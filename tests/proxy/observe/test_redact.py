"""Canaries: whatever carries a secret into the log, it does not come out."""

import time
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import pytest

from proxy.observe import redact

CANARY = "c4n4ry+Secret/7d1f=="
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA7d1f\nabc\n-----END RSA PRIVATE KEY-----"


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    redact.clear()
    yield
    redact.clear()


@pytest.mark.parametrize(
    "text",
    [
        "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
        "AQ.Ab8RN6KxyzQw3",
        "ya29.a0AfH6SMBx-y_z",
        "1//0gabcdefghijklmnopqrstuvw-x",
        "GOCSPX-abc_def-123",
        "sk-proj-abc123DEF456",
        "sk-ant-api03-abc_def",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJtZSJ9.c2lnbmF0dXJl",
        PEM,
        PEM.replace("\n", "\\n"),
        PEM.replace("RSA ", "")[:60],
        "QUJD" * 60,
    ],
)
def test_what_looks_like_a_secret(text: str) -> None:
    for around in ("{}", "before {} after", "['{}']", 'key="{}"', "x={},y", "({})"):
        masked = redact.text(around.format(text))
        assert text not in masked
        assert text[6:30] not in masked
    assert redact.text(f"before {text} after").startswith("before ")


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {CANARY}",
        f"authorization: {CANARY}",
        f"Bearer {CANARY}",
        f"bearer   {CANARY},",
        f"Proxy-Authorization: Digest username=x, response={CANARY}",
        "Basic YzRuNHJ5K1NlY3JldC83ZDFm",
        f"x-goog-api-key: {CANARY}\r\nhost: h",
        f'{{"X-Goog-Api-Key": "{CANARY}", "a": 1}}',
        f"{{'x-api-key': '{CANARY}'}}",
        f"[(b'x-api-key', b'{CANARY}')]",
        f'{{\\"authorization\\": \\"{CANARY}\\"}}',
        f'Cookie: a=b; __Secure-1PSID={CANARY}; c="{CANARY}"',
        f"__Secure-next-auth.session-token={CANARY}; x",
        f"set-cookie={CANARY}",
        f"https://h/x?key={CANARY}&alt=sse",
        f"https://h/x?alt=sse&key={CANARY}",
        f"https://h/x?alt=sse&amp;key={CANARY}",
        f"https://h/x?redirect=https%3A%2F%2Fh%3Fa%3D1%26key%3D{CANARY.replace('+', '').replace('/', '')}",
        f"/files/a?signature={CANARY}&expires=1",
        f"https://s/o?X-Goog-Signature={CANARY}",
        f"https://s/o?X-Amz-Credential={CANARY}",
        f"/cb#access_token={CANARY}",
        f"client_secret={CANARY}&refresh_token={CANARY}",
        f"postgresql://film:{CANARY.replace('/', '')}@db/film",
        f'{{"access_token":"{CANARY}"}}',
        f"{{'refresh_token': '{CANARY}', 'n': 1}}",
        f'{{"private_key": "{CANARY}"}}',
        f'{{\\"client_secret\\": \\"{CANARY}\\"}}',
    ],
)
def test_what_stands_where_a_secret_stands(text: str) -> None:
    masked = redact.text(text)
    for part in (CANARY, CANARY.replace("/", ""), "c4n4ry", "YzRuNHJ5", "7d1f"):
        assert part not in masked


@pytest.mark.parametrize(
    "text",
    [
        "task-1234567890",
        "disk-abcdefghij",
        "veo-3.1-fast-generate-001",
        "video_06iq7kq2m1s4r1p1v1q8e7r5t2",
        "https://h/v1beta/models/veo:predictLongRunning?alt=sse",
        "the basic idea",
        "monkey=banana",
        "a" * 200,
        "POST /v1/videos 200 in 0.3 s",
        "upstream gemini refused: quota",
        "prompt_tokens=12, total_tokens=30",
        "https://127.0.0.1:8317/files/x",
        "2026-11-21T09:33:47.235426Z",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert redact.text(text) == text


def test_the_rest_of_a_url_stays() -> None:
    assert redact.text("https://h/x?key=abc&alt=sse") == "https://h/x?key=[redacted]&alt=sse"
    assert redact.text("postgresql://film:pw@db/x") == "postgresql://film:[redacted]@db/x"


def test_registered_secrets_anywhere() -> None:
    redact.register("hunter2-and-more", "hunter2", 'quo"te\nline')
    for text in (
        "hunter2",
        "xhunter2x",
        "hunter2-and-more!",
        "a\nhunter2\nb",
        'quo"te\nline',
        r"quo\"te",
        r'quo"te\nline',
    ):
        masked = redact.text(text)
        assert "hunter2" not in masked
        assert "more" not in masked
    assert redact.text('a quo"te\nline b') == "a [redacted] b"
    assert redact.text(repr('quo"te\nline')) == "'[redacted]'"


def test_registered_secrets_in_urls() -> None:
    redact.register("pa ss/wo+rd")
    for text in ("pa%20ss/wo%2Brd", "pa%20ss%2Fwo%2Brd"):
        assert redact.text(f"x {text} y") == "x [redacted] y"


def test_short_secrets_are_not_looked_for() -> None:
    redact.register("", "a", "12345")
    assert redact.text("a 12345") == "a 12345"
    redact.register("123456")
    assert redact.text("a 123456") == "a [redacted]"


def test_registering_again_keeps_the_others() -> None:
    redact.register("first-secret")
    redact.register("second-secret")
    redact.register("first-secret")
    assert redact.text("first-secret second-secret") == "[redacted] [redacted]"


class Thing:
    def __repr__(self) -> str:
        return f"Thing(api_key={CANARY})"


class Broken:
    def __repr__(self) -> str:
        raise RuntimeError(CANARY)


@pytest.mark.parametrize(
    "item",
    [
        CANARY,
        [CANARY],
        (CANARY,),
        {CANARY},
        frozenset({CANARY}),
        {"a": {"b": [{"c": CANARY}]}},
        {CANARY: 1},
        {b"x": CANARY},
        CANARY.encode(),
        bytearray(CANARY.encode()),
        Thing(),
        Broken(),
        ValueError(CANARY),
        Thing,
        MappingProxyType({"a": CANARY}),
        [[[[[[[[[[[CANARY]]]]]]]]]]],
        ("x", CANARY),
        iter([CANARY]),
    ],
)
def test_a_registered_secret_inside_data(item: Any) -> None:
    redact.register(CANARY)
    fields = redact.event(None, "info", {"event": "e", "item": item})
    assert "c4n4ry" not in repr(fields)
    assert fields["event"] == "e"


@pytest.mark.parametrize(
    "name",
    [
        "authorization",
        "Authorization",
        "x_goog_api_key",
        "X-Api-Key",
        "cookie",
        "Set-Cookie",
        "api_key",
        "access_token",
        "refresh_token",
        "client_secret",
        "private_key",
        "password",
        "token",
        b"cookie",
    ],
)
def test_secret_names(name: str | bytes) -> None:
    shown = name.decode() if isinstance(name, bytes) else name
    assert redact.value({name: "plain words"}) == {shown: "[redacted]"}
    assert redact.value({"headers": [(name, b"plain"), ("host", "h")]}) == {
        "headers": [[shown, "[redacted]"], ["host", "h"]]
    }
    assert redact.value({name: None}) == {shown: None}


def test_data_keeps_its_shape() -> None:
    item = {
        "n": 1,
        "f": 0.5,
        "t": True,
        "none": None,
        "list": [1, "two", {"three": 3}],
        "tokens": 12,
        "key": "laptop",
    }
    assert redact.value(item) == item
    assert redact.value(b"abc") == "[3 bytes]"


def test_long_text_is_cut_after_masking() -> None:
    masked = redact.text("word " * 10_000)
    assert len(masked) < 20_100
    assert masked.endswith("… [50000 characters]")


@pytest.mark.parametrize(
    "unit",
    [
        "eyJaaaaaaaa-",
        "__Secure-",
        "://a:",
        "'token' ",
        "bearer  ",
        "-----BEGIN PRIVATE KEY",
        "cookie ",
        "a/" * 90 + " ",
        "?key",
        "authorization\\\\\\",
        "%26key",
        "basic abc ",
    ],
)
def test_long_text_takes_no_long_time(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    before = time.perf_counter()
    redact.text(text)
    assert time.perf_counter() - before < 2
