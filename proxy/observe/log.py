"""The log: one line an event on standard error, as JSON or for a person, with secrets taken out."""

import contextlib
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import orjson
import structlog
from structlog.typing import FilteringBoundLogger, Processor

from proxy.observe import redact

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
QUIET = {"uvicorn.access": 40, "aiohttp.access": 40, "sqlalchemy": 30, "asyncio": 30}
"""Libraries that say less than is asked for: they repeat our own lines, or show statements with values."""

OTHERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "aiohttp", "aiohttp.access", "sqlalchemy", "asyncio")


def setup(level: str = "info", form: str = "auto", stream: TextIO | None = None) -> None:
    """Sends our log and the standard library's to `stream` (standard error), from `level` on.

    `level` is debug, info, warning or error; `form` is json, console, or auto: console when `stream` is a
    terminal. May be called again, and then replaces what was set before.
    """
    out = stream or sys.stderr
    console = form == "console" or (form == "auto" and out.isatty())
    processors = _processors(_console(out) if console else _json)
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=_Lines(out),
        cache_logger_on_first_use=False,
    )
    _take_over(logging.getLogger(), _Bridge(), LEVELS[level])


def get(name: str, **fields: Any) -> FilteringBoundLogger:
    """The logger of the part called `name`, with `fields` in every line; follows later calls of `setup`."""
    return cast("FilteringBoundLogger", structlog.get_logger(part=name, **fields))


def _processors(render: Processor) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact.event,
        render,
    ]


def _json(_logger: Any, _method: str, fields: MutableMapping[str, Any]) -> str:
    # what identifies a line comes first, so that raw lines can be read too
    first = {key: fields[key] for key in ("time", "level", "part", "event") if key in fields}
    line = first | dict(fields)
    try:
        return orjson.dumps(line).decode()
    except orjson.JSONEncodeError:  # numbers beyond 64 bits, halves of surrogate pairs
        shown = {key: str(part).encode("utf-8", "backslashreplace").decode() for key, part in line.items()}
        return orjson.dumps(shown).decode()


def _console(out: TextIO) -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback, timestamp_key="time"
    )


class _Lines:
    """structlog's way out: writes lines, and never lets a broken stream stop the work that is logged."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, *_args: Any) -> "_Lines":
        return self

    def _line(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = exception = msg = _line


class _Bridge(logging.Handler):
    """Passes what libraries log to our own processors."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = {"part": record.name}
        if record.exc_info and record.exc_info[0]:
            fields["exc_info"] = record.exc_info
        if record.stack_info:
            fields["stack"] = record.stack_info
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001  a library's broken format string must not stop its caller
            message = str(record.msg)
        level = next((name for name, number in reversed(LEVELS.items()) if record.levelno >= number), "debug")
        getattr(structlog.get_logger(**fields), level)(message)


def _take_over(root: logging.Logger, bridge: logging.Handler, level: int) -> None:
    root.handlers = [bridge]
    root.setLevel(level)
    for name in OTHERS:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate, logger.disabled = [], True, False
        logger.setLevel(max(level, QUIET[name]) if name in QUIET else logging.NOTSET)
