"""Each source file that does something has its test file, at the same place below tests/."""

import ast
from pathlib import Path

from tests.rules.tree import FOLDERS, ROOT, python_files, syntax

# Files that do something and need no test of their own, with the reason. This list may only shrink.
EXCEPTIONS: dict[str, str] = {}


def mirror(source: Path) -> Path:
    """`auth/pool.py` → `tests/auth/test_pool.py`.

    A package's `__init__.py` is tested under the name of the package, `_openai.py` as `test_openai.py`.
    """
    name = source.parent.name if source.stem == "__init__" else source.stem.strip("_")
    return Path("tests") / source.parent / f"test_{name}.py"


def does_something(source: Path) -> bool:
    """Whether the file holds a function with a body: records, protocols and tables alone do nothing."""
    return any(
        isinstance(node, ast.Lambda)
        or (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and has_body(node))
        for node in ast.walk(syntax(source))
    )


def has_body(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in function.body
    )


SOURCES = [path for path in python_files(*FOLDERS) if does_something(path)]


def test_each_source_has_its_test() -> None:
    missing = [
        f"{source} needs {mirror(source)}"
        for source in SOURCES
        if source.as_posix() not in EXCEPTIONS and not (ROOT / mirror(source)).is_file()
    ]
    assert not missing, "\n".join(missing)


def test_no_two_sources_share_a_test() -> None:
    mirrors = [mirror(source) for source in SOURCES]
    assert sorted(set(mirrors)) == sorted(mirrors)


def test_every_exception_is_still_needed() -> None:
    for name, reason in EXCEPTIONS.items():
        source = Path(name)
        assert source in SOURCES, f"{name} is gone or does nothing: take it off the list"
        assert not (ROOT / mirror(source)).exists(), f"{name} has its test now: take it off the list"
        assert reason.strip(), f"{name}: an exception gives its reason"
