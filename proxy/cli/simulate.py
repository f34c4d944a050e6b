"""`filmgate simulate`: the stand-in upstreams alone, for programs that speak to Google's APIs."""

from __future__ import annotations

from typing import Annotated

import typer

from proxy.cli.listener import refused

DEFAULT_PORT = 8318


def simulate(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = DEFAULT_PORT,
    film_seconds: Annotated[float, typer.Option(help="How long making a film takes.")] = 6.0,
) -> None:
    """Serve stand-ins for the Gemini API and Vertex AI on this machine; any key will do."""
    from simulator.server import run
    from simulator.settings import Settings

    try:
        run(Settings(film_seconds=film_seconds), "127.0.0.1", port)
    except OSError as error:
        typer.echo(f"filmgate: {refused('127.0.0.1', port, error)}", err=True)
        raise typer.Exit(1) from None
