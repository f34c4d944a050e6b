"""The import rules of the folders hold, and they bite."""

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

from tests.rules.tree import FOLDERS, ROOT

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

# A module to plant, what it says, and the id of the contract that must name it.
PLANTED = {
    "translators.planted_proxy": ("import proxy", "one-way"),
    "translators.planted_time": ("import time", "pure"),
    "translators.planted_lazy": ("def f() -> None:\n    import aiohttp", "pure"),
    "translators.planted_types": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import yaml",
        "pure",
    ),
    "translators.clients.planted": ("import translators.upstreams.veo", "clients-upstreams"),
    "translators.upstreams.planted": ("import translators.clients.base", "clients-upstreams"),
    "auth.planted_proxy": ("import proxy.clock", "auth"),
    "auth.planted_translators": ("import translators.errors", "auth"),
    "simulator.planted": ("import translators.canonical", "simulator"),
    "proxy.engine.planted_simulator": ("import simulator", "only-cli-simulates"),
    "proxy.jobs.planted_up": ("import proxy.engine", "inside-proxy"),
    "proxy.jobs.planted_beside": ("import proxy.transports", "inside-proxy"),
    "proxy.planted": ("", "inside-proxy"),
    "proxy.engine.planted_library": ("import httpx2", "rim"),
    "proxy.transports.planted": ("import google.auth", "rim"),
    "auth.planted_here": ("import auth.planted_there", "acyclic"),
    "auth.planted_there": ("import auth.planted_here", "acyclic"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(LINT_IMPORTS), "--no-cache"]
    return subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, timeout=60)


def test_every_contract_holds() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each contract says of a copy of the folders in which everything forbidden was planted at once."""
    copy = tmp_path_factory.mktemp("planted")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for module, (text, _) in PLANTED.items():
        (copy / module.replace(".", "/")).with_suffix(".py").write_text(text + "\n")
    _, _, broken = lint(copy).stdout.partition("Broken contracts")
    contracts = tomllib.loads((copy / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    starts = sorted((broken.find(f"\n{contract['name']}\n---"), contract["id"]) for contract in contracts)
    ends = [start for start, _ in starts[1:]] + [len(broken)]
    return {name: broken[start:end] for (start, name), end in zip(starts, ends, strict=True) if start >= 0}


@pytest.mark.parametrize("module", PLANTED)
def test_a_planted_import_is_caught(reports: dict[str, str], module: str) -> None:
    _, contract = PLANTED[module]
    assert module.rpartition(".")[2] in reports[contract]


def strangers(imports: dict[str, set[str]], package: str) -> Iterator[str]:
    """Imports inside the package that reach beyond `base` and what a family shares, `_<name>`."""
    for module, imported in imports.items():
        for other in imported:
            inside = (other + ".").startswith(package + ".")
            name = other.removeprefix(package).strip(".")
            if module != package and inside and name != "base" and not name.startswith("_"):
                yield f"{module} imports {other}"


@pytest.mark.parametrize("package", ["translators.clients", "translators.upstreams"])
def test_siblings_do_not_know_each_other(package: str) -> None:
    graph = grimp.build_graph("translators", cache_dir=None)
    modules = {package, *graph.find_children(package)}
    assert len(modules) > 1
    imports = {module: graph.find_modules_directly_imported_by(module) for module in modules}
    assert list(strangers(imports, package)) == []


def test_a_sibling_that_knows_another_is_caught() -> None:
    imports = {
        "wires": {"wires.veo", "wires.sora"},
        "wires.veo": {"wires.base", "wires._google", "steps"},
        "wires.sora": {"wires.veo"},
        "wires._google": {"wires.sora"},
        "wires.base": {"wires"},
    }
    caught = ["wires.sora imports wires.veo", "wires._google imports wires.sora", "wires.base imports wires"]
    assert list(strangers(imports, "wires")) == caught
