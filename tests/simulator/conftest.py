"""One simulator for all tests of a run, forgetful between them: its films are made once and kept."""

from collections.abc import Iterator

import pytest

from simulator.server import SimulatorServer
from simulator.settings import Settings
from tests.simulator.wire import Wire, wired

QUICK = Settings(film_seconds=0.05, picture_seconds=0.0, text_seconds=0.0, chunk_seconds=0.0)


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatorServer]:
    """A running simulator in a thread."""
    with SimulatorServer(QUICK) as server:
        yield server


@pytest.fixture(scope="session")
def connection(simulator: SimulatorServer) -> Iterator[Wire]:
    """A client of the simulator: made once, as making one reads every certificate of the machine."""
    with wired(simulator.base_url) as wire:
        yield wire


@pytest.fixture
def wire(connection: Wire) -> Wire:
    """A client of the simulator, whose journal and faults are empty."""
    connection.reset()
    return connection
