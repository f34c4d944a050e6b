import asyncio
from typing import Any

import pytest

from simulator import studio as module
from simulator.posters import PictureSpec
from simulator.studio import Studio

pytestmark = pytest.mark.anyio


def spec(prompt: str) -> PictureSpec:
    return PictureSpec(prompt, "m", 64, 64, "")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    prompts: list[str] = []

    def make(wanted: Any) -> bytes:
        prompts.append(wanted.prompt)
        if wanted.prompt == "broken":
            raise ValueError
        return b"x" * 100

    monkeypatch.setattr(module, "encode_picture", make)
    return prompts


async def test_the_same_is_made_once(made: list[str]) -> None:
    studio = Studio(2, 1000)
    await asyncio.gather(*(studio.media(spec("a")) for _ in range(5)))
    await studio.media(spec("a"))
    studio.close()
    assert made == ["a"]


async def test_memory_is_bounded(made: list[str]) -> None:
    studio = Studio(1, 250)
    for prompt in ("a", "b", "c", "c", "a"):
        await studio.media(spec(prompt))
        await asyncio.sleep(0)
    studio.close()
    assert made == ["a", "b", "c", "a"]


async def test_what_fails_can_be_tried_again(made: list[str]) -> None:
    studio = Studio(1, 250)
    for _ in range(2):
        with pytest.raises(ValueError, match=r"^$"):
            await studio.media(spec("broken"))
        await asyncio.sleep(0.01)
    studio.close()
    assert made == ["broken", "broken"]


async def test_facts_of_what_is_no_film() -> None:
    studio = Studio(1, 250)
    assert await studio.facts(b"no film") is None
    studio.close()
