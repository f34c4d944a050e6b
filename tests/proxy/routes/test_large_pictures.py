"""Large pictures pass through as the very characters that came, in memory that stays in proportion."""

import base64
import io
import json
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from tests.demo import IMAGE_MODEL, KEY, Json, asking, serving
from tests.process import process
from tests.recorder import Recorder, recording

MIB = 2**20
MANY = 32


def large_png(seed: int) -> str:
    """A PNG of four megabytes as base64 text, with bits at its end that decoding would lose."""
    noise = random.Random(seed).randbytes(1200 * 1165 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (1200, 1165), noise).save(out, "PNG", compress_level=0)
    data = out.getvalue()
    data += b"\0" * (-len(data) % 3 + 1)
    text = base64.b64encode(data).decode()
    assert text.endswith("==")
    return text[:-3] + chr(ord(text[-3]) + 1) + "=="


def google_answer(picture: str) -> Json:
    part = {"inlineData": {"mimeType": "image/png", "data": picture}}
    return {"candidates": [{"content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}]}


def gemini(recorder: Recorder) -> Json:
    upstream = {"platform": "gemini", "base_url": recorder.base_url, "credentials": [{"api_key": "AIza"}]}
    return {"upstreams": {"google": upstream}}


def asking_with(picture: str, words: str) -> Json:
    link = {"url": f"data:image/png;base64,{picture}"}
    return asking([{"type": "text", "text": words}, {"type": "image_url", "image_url": link}], IMAGE_MODEL)


def picture_of(answer: httpx2.Response) -> str:
    assert answer.status_code == 200, answer.text[:500]
    (entry,) = answer.json()["choices"][0]["message"]["images"]
    head, _, text = entry["image_url"]["url"].partition(",")
    assert head == "data:image/png;base64"
    return str(text)


def test_the_very_characters_pass_both_ways(tmp_path: Path) -> None:
    asked, made = large_png(1), large_png(2)
    with recording(google_answer(made), 200) as recorder, serving(tmp_path, gemini(recorder)) as url:
        answer = httpx2.post(
            f"{url}/v1/chat/completions",
            json=asking_with(asked, "larger"),
            headers={"authorization": f"Bearer {KEY}"},
            trust_env=False,
            timeout=30,
        )
        assert picture_of(answer) == made
        parts = recorder.last().document["contents"][0]["parts"]
    assert parts[1]["inlineData"] == {"mimeType": "image/png", "data": asked}


def peak_bytes(pid: int) -> int:
    """The most memory that the process ever had."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells the peak memory of a process")
def test_memory_for_many_at_once(tmp_path: Path) -> None:
    picture = large_png(3)
    bodies = [json.dumps(asking_with(picture, f"number {index}")).encode() for index in range(MANY)]
    with (
        recording(google_answer(picture), 200) as recorder,
        process(tmp_path, gemini(recorder)) as running,
        httpx2.Client(headers={"authorization": f"Bearer {KEY}"}, timeout=60, trust_env=False) as client,
        ThreadPoolExecutor(MANY) as pool,
    ):
        idle = peak_bytes(running.pid)
        answers = pool.map(
            lambda body: client.post(f"{running.url}/v1/chat/completions", content=body), bodies
        )
        assert all(picture_of(answer) == picture for answer in answers)
        peak = peak_bytes(running.pid)
    print(f"idle {idle // MIB} MiB, peak {peak // MIB} MiB, {MANY} × {len(picture) / MIB:.1f} MiB of base64")
    assert peak < MANY * len(picture) * 4 + 150 * MIB
