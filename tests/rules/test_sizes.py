"""Files and functions stay small enough to be read at one sitting."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.rules.tree import ROOT, python_files, syntax

MOST_LINES_OF_A_FILE = 600  # p90 of starlette, uvicorn, mitmproxy and httpx: 502 to 641
MOST_LINES_OF_A_FUNCTION = 60  # p95 of the same: 39 to 56

# «file» or «file::function» that may be longer, with the reason. This list may only shrink.
EXCEPTIONS: dict[str, str] = {}


def file_lengths() -> Iterator[tuple[str, int]]:
    for path in python_files():
        yield path.as_posix(), len((ROOT / path).read_bytes().splitlines())


def function_lengths(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.as_posix()}::{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def too_long() -> dict[str, int]:
    long_files = {name: lines for name, lines in file_lengths() if lines > MOST_LINES_OF_A_FILE}
    functions = (length for path in python_files() for length in function_lengths(path))
    return long_files | {name: lines for name, lines in functions if lines > MOST_LINES_OF_A_FUNCTION}


def test_nothing_is_too_long() -> None:
    over = {name: lines for name, lines in too_long().items() if name not in EXCEPTIONS}
    assert not over, (
        f"more than {MOST_LINES_OF_A_FILE} lines a file or {MOST_LINES_OF_A_FUNCTION} a function: {over}"
    )


def test_every_exception_is_still_needed() -> None:
    over = too_long()
    for name, reason in EXCEPTIONS.items():
        assert name in over, f"{name} is short enough now: take it off the list"
        assert not name.startswith("translators/"), f"{name}: no exceptions below translators/"
        assert reason.strip(), f"{name}: an exception gives its reason"
