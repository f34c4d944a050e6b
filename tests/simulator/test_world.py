import pytest

from simulator.settings import Settings
from simulator.world import World

pytestmark = pytest.mark.anyio


async def test_worlds_share_nothing() -> None:
    one, two = World(Settings()), World(Settings())
    one.journal.count("polls")
    assert two.journal.report()["counters"]["polls"] == 0
    one.close()
    assert one.closing.is_set()
    assert not two.closing.is_set()
    two.close()
