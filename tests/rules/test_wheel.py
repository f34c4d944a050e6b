"""The wheel holds what it should under names of ours alone, and runs beside strangers of the same names."""

import os
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.rules.tree import FOLDERS, ROOT, files

# Other distributions install these names at the top of site-packages.
DECOYS = ("auth", "proxy", "translators")
DECOY = 'raise ImportError("this is the stranger, not Filmgate")\n'

START = """
import sys
from importlib.metadata import entry_points
(script,) = entry_points(group="console_scripts", name="filmgate")
sys.argv[0] = "filmgate"
script.load()()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    built = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked, as installing it does, after strangers that took the same names."""
    target = tmp_path_factory.mktemp("site-packages")
    for name in DECOYS:
        (target / name).mkdir()
        (target / name / "__init__.py").write_text(DECOY)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def run(installed: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Python with the installed folder before all else; our libraries come from the running environment."""
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, check=False, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60
    )


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_top_level_names_are_ours(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in names(wheel)}
    version = wheel.name.split("-")[1]
    assert tops == {"filmgate.py", "filmgate_bundle", f"filmgate-{version}.dist-info"}


def test_holds_every_file_of_the_four_folders(wheel: Path) -> None:
    expected = {f"filmgate_bundle/{path.as_posix()}" for path in files() if path.parts[0] in FOLDERS}
    assert expected == {name for name in names(wheel) if name.startswith("filmgate_bundle/")}
    assert "filmgate_bundle/proxy/routing/models.yaml" in expected


def test_command_runs_beside_strangers(installed: Path, tmp_path: Path) -> None:
    result = run(installed, "-c", START, "--help", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "serve" in result.stdout


def test_module_runs_in_a_folder_of_strangers(installed: Path) -> None:
    result = run(installed, "-m", "filmgate", "--help", cwd=installed)
    assert result.returncode == 0, result.stderr
    assert "serve" in result.stdout


@pytest.mark.parametrize("name", DECOYS)
def test_our_folders_win(installed: Path, tmp_path: Path, name: str) -> None:
    script = f"import filmgate, {name}; print({name}.__file__)"
    result = run(installed, "-c", script, cwd=tmp_path)
    assert result.stdout.strip() == str(installed / "filmgate_bundle" / name / "__init__.py"), result.stderr


def test_no_library_of_ours_takes_our_names() -> None:
    """Inside our process our folders win: a library that brought one of these names would get ours."""
    taken = {name: owners for name, owners in packages_distributions().items() if name in FOLDERS}
    assert all(set(owners) <= {"filmgate"} for owners in taken.values()), taken
