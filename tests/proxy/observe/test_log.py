"""The log: its formats and levels, the libraries' own lines, and no secret in any of them."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import structlog

from proxy.observe import log, redact

CANARY = "c4n4ry-secret-7d1f"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Puts back what set-up changes for the whole process."""
    names = [None, *log.OTHERS]
    before = [
        (logger, logger.handlers[:], logger.level, logger.propagate)
        for logger in map(logging.getLogger, names)
    ]
    redact.clear()
    yield
    for logger, handlers, level, propagate in before:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)
    redact.clear()
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in stream.getvalue().splitlines()]


def test_json_lines() -> None:
    out = io.StringIO()
    log.setup("info", "json", out)
    log.get("engine", job="video_1").info("submitted", seconds=0.5, nested={"a": [1]})
    (line,) = lines(out)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "part": "engine",
        "event": "submitted",
        "job": "video_1",
        "seconds": 0.5,
        "nested": {"a": [1]},
    }
    assert out.getvalue().startswith('{"time":')


def test_console() -> None:
    out = io.StringIO()
    log.setup("info", "console", out)
    log.get("engine").warning("slow", job="video_1")
    assert "slow" in out.getvalue()
    assert "job=video_1" in out.getvalue()
    assert "\x1b" not in out.getvalue()


@pytest.mark.parametrize(("stream", "is_json"), [(io.StringIO, True), (Terminal, False)])
def test_auto_is_console_on_a_terminal(stream: type[io.StringIO], is_json: bool) -> None:
    out = stream()
    log.setup("info", "auto", out)
    log.get("x").info("hello")
    assert out.getvalue().startswith("{") is is_json


def test_standard_error_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup(form="json")
    log.get("x").info("hello")
    assert capsys.readouterr().err.startswith("{")


@pytest.mark.parametrize(("level", "count"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_levels(level: str, count: int) -> None:
    out = io.StringIO()
    log.setup(level, "json", out)
    for logger in (log.get("ours"), logging.getLogger("theirs")):
        logger.debug("d")
        logger.info("i")
        logger.warning("w")
        logger.error("e")
    assert len(lines(out)) == 2 * count


def test_a_logger_follows_the_next_set_up() -> None:
    first, second = io.StringIO(), io.StringIO()
    logger = log.get("x")
    log.setup("info", "json", first)
    logger.info("one")
    log.setup("error", "json", second)
    logger.info("two")
    logger.error("three")
    logging.getLogger("y").error("four")
    assert [line["event"] for line in lines(first)] == ["one"]
    assert [line["event"] for line in lines(second)] == ["three", "four"]


@pytest.mark.parametrize(
    "name", ["uvicorn", "uvicorn.error", "aiohttp.client", "sqlalchemy.engine", "asyncio", "other"]
)
def test_libraries_log_through_us(name: str) -> None:
    logging.getLogger("uvicorn").addHandler(logging.StreamHandler(io.StringIO()))
    out = io.StringIO()
    log.setup("info", "json", out)
    logging.getLogger(name).warning("%s of %d", "part", 2)
    (line,) = lines(out)
    assert (line["level"], line["part"], line["event"]) == ("warning", name, "part of 2")


def test_libraries_that_repeat_us_are_quiet() -> None:
    out = io.StringIO()
    log.setup("debug", "json", out)
    logging.getLogger("uvicorn.access").info("GET /")
    logging.getLogger("sqlalchemy.engine.Engine").info("INSERT INTO jobs VALUES (prompt)")
    assert out.getvalue() == ""


def test_a_library_with_a_broken_message() -> None:
    out = io.StringIO()
    log.setup("info", "json", out)
    logging.getLogger("x").warning("%d items", "no number")
    logging.getLogger("x").log(55, "above all")
    assert [line["event"] for line in lines(out)] == ["%d items", "above all"]


def test_context_is_in_every_line() -> None:
    out = io.StringIO()
    log.setup("info", "json", out)
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        log.get("x").info("one")
        logging.getLogger("y").info("two")
    assert [line["request_id"] for line in lines(out)] == ["r1", "r1"]


@pytest.mark.parametrize("value", [2**80, "\ud800", float("nan"), b"\xff", object(), {1: 2}, {("a",): 1}])
def test_any_value_can_be_logged(value: Any) -> None:
    out = io.StringIO()
    log.setup("info", "json", out)
    log.get("x").info("odd", value=value)
    (line,) = lines(out)
    assert line["event"] == "odd"


@pytest.mark.parametrize("failure", [OSError("broken pipe"), ValueError("closed file")])
def test_a_broken_stream_stops_nothing(failure: Exception) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise failure

    log.setup("info", "json", Closed())
    log.get("x").info("lost")
    logging.getLogger("y").info("lost too")


def inner() -> None:
    raise ValueError(f"refused: {CANARY}")


def outer() -> None:
    try:
        inner()
    except ValueError as error:
        raise RuntimeError("https://h/?key=abcdef") from error


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_in_any_line(form: str) -> None:
    redact.register(CANARY)
    out = io.StringIO()
    log.setup("info", form, out)
    ours, theirs = log.get("x", bound=CANARY), logging.getLogger("httpx")
    ours.info(
        f"event {CANARY}",
        value=CANARY,
        headers={"authorization": "Bearer abcdefghijk"},
        item=ValueError(CANARY),
    )
    theirs.warning("sent %s", {"x-goog-api-key": "abcdefghijk", "more": CANARY})
    with structlog.contextvars.bound_contextvars(context=CANARY):
        theirs.warning(CANARY, stack_info=True)
    try:
        outer()
    except RuntimeError as error:
        ours.exception("failed")
        ours.error("failed", exc_info=error)
        theirs.exception("failed %s", CANARY)
    text = out.getvalue()
    assert text.count("refused: [redacted]") == 3
    assert "in inner" in text
    for secret in (CANARY, "abcdef"):
        assert secret not in text


@pytest.mark.parametrize("form", ["json", "console"])
def test_the_format_of_a_secret_named_event(form: str) -> None:
    out = io.StringIO()
    log.setup("info", form, out)
    log.get("x").info("key found", api_key="short", key="laptop")
    assert "short" not in out.getvalue()
    assert "laptop" in out.getvalue()
