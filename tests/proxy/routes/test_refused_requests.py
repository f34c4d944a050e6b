"""Requests that cannot be right are refused before anything is asked of an upstream."""

import socket
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests import shown
from tests.demo import FILM_MODEL, IMAGE_MODEL, KEY, Demo, Json, asking, error_of
from tests.proxy.routes.conftest import SMALL_BODY

CHAT = "/v1/chat/completions"


def picture(url: str, text: str = "with a picture") -> list[Json]:
    return [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}]


def bomb() -> bytes:
    """A PNG of a few kilobytes that says it has 60000 × 60000 pixels."""
    head = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(100_000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


@pytest.fixture(autouse=True)
def nothing_is_sent(filmgate: Demo) -> Iterator[None]:
    """None of these requests may reach the upstream."""
    before = filmgate.counters()
    yield
    assert filmgate.counters() == before


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"model": ', "invalid_json"),
        ("", "invalid_json"),
        ("[1, 2]", "invalid_type"),
        ('"text"', "invalid_type"),
        ("null", "invalid_type"),
        ("\xff\xfe", "invalid_json"),
    ],
)
def test_body_that_is_no_object(filmgate: Demo, text: str, code: str) -> None:
    answer = filmgate.http.post(CHAT, content=text.encode("latin-1"))
    message = error_of(answer, 400, code)
    assert "JSON" in message


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"model": None}, "missing_required_parameter", "model"),
        ({"model": 7}, "invalid_type", "model"),
        ({"messages": None}, "missing_required_parameter", "messages"),
        ({"messages": []}, "missing_required_parameter", "messages"),
        ({"messages": "a cat"}, "invalid_type", "messages"),
        ({"messages": ["a cat"]}, "invalid_type", "messages[0]"),
        ({"messages": [{"content": "a cat"}]}, "missing_required_parameter", "messages[0].role"),
        ({"messages": [{"role": "king", "content": "a cat"}]}, "invalid_value", "messages[0].role"),
        ({"messages": [{"role": "user", "content": ""}]}, "missing_required_parameter", "messages"),
        ({"messages": [{"role": "user", "content": "   "}]}, "missing_required_parameter", "messages"),
        ({"messages": [{"role": "user", "content": 5}]}, "invalid_type", "messages[0].content"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "missing_required_parameter",
            "messages[0].content[0]",
        ),
        ({"modalities": "image"}, "invalid_type", "modalities"),
        ({"modalities": ["smell"]}, "invalid_value", "modalities[0]"),
        ({"stream": "perhaps"}, "invalid_type", "stream"),
        ({"n": 0}, "invalid_value", "n"),
        ({"n": 11}, "invalid_value", "n"),
        ({"n": "many"}, "invalid_type", "n"),
        ({"image_config": "1:1"}, "invalid_type", "image_config"),
        ({"image_config": {"delivery": "post"}}, "invalid_value", "image_config.delivery"),
        ({"image_config": {"aspect_ratio": 1.5}}, "invalid_type", "image_config.aspect_ratio"),
    ],
)
def test_wrong_fields(filmgate: Demo, change: Json, code: str, param: str) -> None:
    body = asking("a cat", IMAGE_MODEL) | change
    message = error_of(filmgate.http.post(CHAT, json=body), 400, code, param)
    assert param in message or param == "messages"


@pytest.mark.parametrize(
    ("model", "named"),
    [
        ("gemini-3-pro-imagee", "gemini-3-pro-image"),
        ("veo-3.1-fast-generate-002", "veo-3.1-fast-generate-001"),
        ("gpt-image-9", "gpt-image"),
    ],
)
def test_unknown_model(filmgate: Demo, model: str, named: str) -> None:
    message = error_of(filmgate.chat("a cat", model), 404, "model_not_found", "model")
    assert model in message
    assert named in message


def test_retired_model_without_an_alias(filmgate: Demo) -> None:
    message = error_of(filmgate.chat("a cat", "imagen-4.0-generate-001"), 404, "model_not_found", "model")
    assert "2026-08-17" in message
    assert "gemini-nano-banana-2.1" in message


@pytest.mark.parametrize(
    ("model", "section", "settings", "param", "legal"),
    [
        (IMAGE_MODEL, "image_config", {"aspect_ratio": "7:3"}, "aspect_ratio", "16:9"),
        (IMAGE_MODEL, "image_config", {"image_size": "8K"}, "image_size", "4K"),
        (FILM_MODEL, "video_config", {"aspect_ratio": "1:1"}, "aspect_ratio", "9:16"),
        (FILM_MODEL, "video_config", {"duration_seconds": 5}, "duration_seconds", "4, 6 or 8"),
        (FILM_MODEL, "video_config", {"duration": "ten"}, "duration", "a whole number"),
        (FILM_MODEL, "video_config", {"resolution": "480p"}, "resolution", "720p"),
        (FILM_MODEL, "video_config", {"resolution": "4k", "duration_seconds": 4}, "duration_seconds", "8"),
        (FILM_MODEL, "video_config", {"sample_count": 50}, "sample_count", "10"),
    ],
)
def test_what_the_model_lacks(
    filmgate: Demo, model: str, section: str, settings: Json, param: str, legal: str
) -> None:
    answer = filmgate.chat("a cat", model, **{section: settings})
    code = "invalid_type" if settings.get("duration") else "invalid_value"
    message = error_of(answer, 400, code, f"{section}.{param}")
    assert legal in message


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png,rawtext",
        "data:image/png;base64",
        "data:image/png;base64,",
        "data:image/png;base64,%%%%",
        "data:image/png;base64,iVBORw0KGgo",
        shown.data_uri(b"this is text and no picture at all, long enough to be looked at"),
        shown.data_uri(bomb()),
        shown.data_uri(b"%PDF-1.7 not a picture", "application/pdf"),
        "file:///etc/passwd",
        "ftp://example.com/cat.png",
        "cat.png",
        "http://127.0.0.1:1/cat.png",
        "http://localhost/cat.png",
        "http://[::1]/cat.png",
        "http://10.0.0.1/cat.png",
        "http://169.254.169.254/latest/meta-data",
        "http://192.168.1.1/cat.png",
        "asset_unknown",
        "image_unknown",
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_picture_that_cannot_be_used(filmgate: Demo, url: str, stream: bool) -> None:
    answer = filmgate.chat(picture(url), stream=stream)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    message = error_of(answer, 400, error["code"], error["param"])
    assert error["type"] == "invalid_request_error"
    assert error["param"].startswith("messages[0].content[1]")
    assert "root:" not in message


def test_bomb_is_named_as_too_large(filmgate: Demo) -> None:
    answer = filmgate.chat(picture(shown.data_uri(bomb())))
    assert "pixels" in answer.json()["error"]["message"]


@pytest.mark.parametrize("field", ["image", "last_frame"])
def test_frames_are_looked_at_too(filmgate: Demo, field: str) -> None:
    frame = shown.data_uri(b"no picture either, however long it may be")
    config: dict[str, Any] = {"image": shown.data_uri(shown.drawn()), field: frame}
    answer = filmgate.film("a cat", **config)
    error_of(answer, 400, answer.json()["error"]["code"], f"video_config.{field}")


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": ""},
        {"authorization": "Bearer wrong"},
        {"authorization": "Basic Y2NzOmNjcw=="},
        {"authorization": "", "x-api-key": "wrong"},
        {"authorization": "Bearer ccs-internal-managed", "x-forwarded-for": "203.0.113.9"},
    ],
)
def test_key_that_is_missing_or_wrong(filmgate: Demo, headers: dict[str, str]) -> None:
    for path, body in ((CHAT, asking("a cat", IMAGE_MODEL)), ("/v1/images/generations", {"prompt": "a cat"})):
        answer = filmgate.http.post(path, json=body, headers=headers)
        message = error_of(answer, 401, "invalid_api_key")
        assert "wrong" not in message
        assert "ccs-internal-managed" not in message


@pytest.mark.parametrize("name", ["key", "api_key", "access_token"])
def test_key_in_the_query(filmgate: Demo, name: str) -> None:
    answer = filmgate.http.post(
        f"{CHAT}?{name}=ccs-internal-managed",
        json=asking("a cat", IMAGE_MODEL),
        headers={"authorization": ""},
    )
    message = error_of(answer, 401, "invalid_api_key")
    assert "header" in message


def test_body_over_the_limit_is_refused_before_it_is_read(filmgate: Demo) -> None:
    host, port = filmgate.url.removeprefix("http://").split(":")
    head = (
        f"POST {CHAT} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Length: {SMALL_BODY + 1}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 413 ")
    assert "x-request-id: req_" in answer


def test_body_in_pieces_over_the_limit(filmgate: Demo) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"model": "x", "padding": "'
        for _ in range(SMALL_BODY // 65536 + 1):
            yield b"a" * 65536
        yield b'"}'

    answer = filmgate.http.post(CHAT, content=pieces())
    message = error_of(answer, 413, "request_too_large")
    assert "12 MiB" in message
    assert "server.max_body_bytes" in message


def test_deep_json(filmgate: Demo) -> None:
    depth = 100_000
    answer = filmgate.http.post(CHAT, content=b'{"a":' + b"[" * depth + b"]" * depth + b"}")
    error_of(answer, 400, "invalid_json")


def test_form_is_told_to_be_json(filmgate: Demo) -> None:
    answer = filmgate.http.post("/v1/videos", files={"prompt": (None, "a cat")})
    message = error_of(answer, 400, "unsupported_content_type")
    assert "application/json" in message


def test_long_words_are_not_repeated(filmgate: Demo) -> None:
    answer = filmgate.chat("a cat", image_config={"aspect_ratio": "x" * 100_000})
    assert len(answer.content) < 2000
    answer = filmgate.chat("a cat", "m" * 100_000)
    assert len(answer.content) < 2000


def test_same_for_the_other_endpoints(filmgate: Demo) -> None:
    assert "prompt" in error_of(
        filmgate.http.post("/v1/images/generations", json={"model": IMAGE_MODEL}),
        400,
        "missing_required_parameter",
        "prompt",
    )
    assert "prompt" in error_of(
        filmgate.http.post("/v1/videos", json={"model": FILM_MODEL}),
        400,
        "missing_required_parameter",
        "prompt",
    )
    answer = filmgate.http.post(
        "/v1/videos", json={"prompt": "a cat", "input_reference": {"image_url": "file:///etc/passwd"}}
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "input_reference.image_url"
