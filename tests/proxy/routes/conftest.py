"""One Filmgate with a simulator behind it for the tests of a file."""

from collections.abc import Iterator

import pytest

from tests.demo import OTHER_KEY, Demo, demo

SMALL_BODY = 12 * 1024 * 1024


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A Filmgate whose films and pictures are made at once, and which knows a second key."""
    server = {"client_keys": {"other": OTHER_KEY}, "max_body_bytes": SMALL_BODY}
    with demo(tmp_path_factory.mktemp("filmgate"), server=server) as running:
        yield running


@pytest.fixture
def filmgate(running: Demo) -> Iterator[Demo]:
    """The same, with no fault left armed."""
    yield running
    running.disarm()
