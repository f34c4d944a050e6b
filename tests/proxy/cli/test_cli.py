"""The command line says what there is."""

from pathlib import Path

from typer.testing import CliRunner

from proxy.cli import app
from tests.process import ran


def test_help_of_the_command(tmp_path: Path) -> None:
    result = ran("--help", home=tmp_path)
    assert result.returncode == 0, result.stderr
    for word in ("serve", "simulate", "One base URL"):
        assert word in result.stdout


def test_short_form_of_help() -> None:
    assert CliRunner().invoke(app, ["-h"]).output == CliRunner().invoke(app, ["--help"]).output


def test_help_of_serve() -> None:
    result = CliRunner().invoke(app, ["serve", "--help"], env={"TERM": "dumb"})
    assert result.exit_code == 0
    for flag in ("--config", "--host", "--port", "--demo"):
        assert flag in result.output


def test_unknown_command() -> None:
    result = CliRunner().invoke(app, ["paint"])
    assert result.exit_code == 2
    assert "paint" in result.output
