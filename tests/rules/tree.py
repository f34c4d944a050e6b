"""The files of the checkout, as the rules look at them."""

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("auth", "proxy", "simulator", "translators")
_MADE = {"__pycache__", "build", "dist", "htmlcov", "node_modules", "venv"}


@cache
def files() -> tuple[Path, ...]:
    """Every file a commit could hold, as a path from the root. Needs no git: an sdist has none."""
    return tuple(sorted(_walk()))


def _walk() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        here = Path(folder).relative_to(ROOT)
        folders[:] = [
            name for name in folders if name not in _MADE and (not name.startswith(".") or name == ".ci")
        ]
        yield from (here / name for name in names if not name.endswith((".pyc", ".db", ".db-shm", ".db-wal")))


def python_files(*folders: str) -> tuple[Path, ...]:
    """Python files, of all folders or of these."""
    return tuple(
        path for path in files() if path.suffix == ".py" and (not folders or path.parts[0] in folders)
    )


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_bytes(), filename=str(path))
