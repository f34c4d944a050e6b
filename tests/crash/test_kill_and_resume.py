"""A film costs dollars and minutes: whatever ends the process, it is neither lost nor paid twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import openai
import pytest

from tests.crash.service import FILM, KEY, PICTURE, Filmgate, Provider, until
from tests.proxy.engine.bench import base64_of, mp4, png

pytestmark = pytest.mark.anyio

ORDER = {"model": FILM, "prompt": "A paper boat on a rainy street", "seconds": "8"}
CHAT = {
    "model": FILM,
    "messages": [{"role": "user", "content": "A paper boat"}],
    "modalities": ["video"],
    "video_config": {"duration_seconds": 8},
}


_KINDS = ((FILM, "video"), (PICTURE, "image"))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return mp4(tmp_path_factory.mktemp("film"))


@pytest.fixture
async def provider(film: bytes) -> AsyncIterator[Provider]:
    async with Provider(film, base64_of(png())) as made:
        yield made


@pytest.fixture
async def gate(tmp_path: Path, provider: Provider) -> AsyncIterator[Filmgate]:
    made = await Filmgate(tmp_path, provider.url).start()
    yield made
    await made.kill()


async def test_a_film_survives_kill_9_while_it_is_made(
    gate: Filmgate, provider: Provider, film: bytes, tmp_path: Path
) -> None:
    _, _, receipt = await gate.post("/v1/videos", ORDER)
    await until(lambda: provider.polls > 0)
    with pytest.raises(AssertionError, match="in use by another Filmgate"):
        await Filmgate(tmp_path, provider.url).start()
    await gate.kill()
    provider.done.set()
    await gate.start()
    video = await gate.ended(receipt["id"])
    assert video["status"] == "completed", video
    assert await gate.download(f"/v1/videos/{receipt['id']}/content") == film
    assert provider.submits == 1


async def test_a_paid_call_cut_by_kill_9_is_uncertain_for_good(gate: Filmgate, provider: Provider) -> None:
    provider.hold.clear()
    _, _, receipt = await gate.post("/v1/videos", ORDER)
    await until(lambda: provider.submits == 1)
    await gate.kill()
    for _ in range(2):
        await gate.start()
        _, _, video = await gate.get(f"/v1/videos/{receipt['id']}")
        assert video["status"] == "failed"
        assert video["error"]["code"] == "submission_uncertain"
        assert video["filmgate"]["status"] == "uncertain"
        assert "billed" in video["error"]["message"]
        await gate.kill()
    assert provider.submits == 1


async def test_an_sdk_that_repeats_behind_the_restart_does_not_pay_again(
    gate: Filmgate, provider: Provider
) -> None:
    provider.hold.clear()
    asking = asyncio.ensure_future(gate.post("/v1/chat/completions", CHAT))
    await until(lambda: provider.submits == 1)
    await gate.kill()
    with pytest.raises(aiohttp.ClientError):
        await asking
    await gate.start()
    headers = {"authorization": f"Bearer {KEY}", "x-stainless-retry-count": "1"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{gate.url}/v1/chat/completions", json=CHAT) as response,
    ):
        assert response.headers["x-should-retry"] == "false"
        assert (await response.json())["error"]["code"] == "submission_uncertain"
    assert provider.submits == 1


async def test_the_official_sdk_pays_once_whatever_the_provider_answers(
    gate: Filmgate, provider: Provider
) -> None:
    # 0: the connection is cut
    cases = [(model, kind, status) for model, kind in _KINDS for status in (0, 429, 500, 503)]
    async with openai.AsyncOpenAI(base_url=f"{gate.url}/v1", api_key=KEY) as client:
        for number, (model, kind, status) in enumerate(cases, start=1):
            provider.drop, provider.status = not status, status or 200
            with pytest.raises(openai.APIStatusError) as caught:
                await client.chat.completions.create(
                    model=model,
                    messages=[{"role": "user", "content": f"A boat {number}"}],
                    extra_body={"modalities": [kind]},
                )
            assert caught.value.response.headers["x-should-retry"] == "false"
            assert caught.value.response.headers["x-filmgate-job"]
            assert provider.submits == number, (model, status)


async def test_an_operator_stops_it_under_a_waiting_client(
    gate: Filmgate, provider: Provider, film: bytes
) -> None:
    asking = asyncio.ensure_future(gate.post("/v1/chat/completions", CHAT))
    await until(lambda: provider.polls > 0)
    gate.terminate()
    status, headers, answer = await asyncio.wait_for(asking, 10)
    job_id = headers["x-filmgate-job"]
    assert status == 503
    assert headers["x-should-retry"] == "false"
    assert job_id in answer["error"]["message"]
    await gate.stop()
    provider.done.set()
    await gate.start()
    assert (await gate.ended(job_id))["status"] == "completed"
    assert await gate.download(f"/v1/videos/{job_id}/content") == film
    assert provider.submits == 1


async def test_an_operator_stops_it_under_a_paid_call(gate: Filmgate, provider: Provider) -> None:
    provider.hold.clear()
    _, _, receipt = await gate.post("/v1/videos", ORDER)
    await until(lambda: provider.submits == 1)
    gate.terminate()
    await asyncio.sleep(0.2)
    provider.hold.set()
    provider.done.set()
    await gate.stop()
    await gate.start()
    assert (await gate.ended(receipt["id"]))["status"] == "completed"
    assert provider.submits == 1
