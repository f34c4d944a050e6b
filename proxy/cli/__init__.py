"""The command `filmgate`."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from proxy.cli import serve, simulate

app = typer.Typer(
    name="filmgate",
    help="One base URL for generated media.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(serve.serve)
app.command("simulate")(simulate.simulate)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("filmgate"))
        raise typer.Exit


@app.callback()
def _root(
    wanted: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """One base URL for generated media."""


def main() -> None:
    """Run the command line."""
    app()
