"""One Filmgate with a simulator behind it for the tests of a file."""

from collections.abc import Iterator

import pytest
from openai import OpenAI

from tests.demo import KEY, Demo, demo


@pytest.fixture(scope="module")
def filmgate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running Filmgate whose films and pictures are made at once."""
    with demo(tmp_path_factory.mktemp("filmgate")) as running:
        yield running


@pytest.fixture
def client(filmgate: Demo) -> Iterator[OpenAI]:
    """OpenAI's own client, which tries each request once only."""
    with OpenAI(base_url=f"{filmgate.url}/v1", api_key=KEY, max_retries=0, timeout=60) as client:
        yield client
