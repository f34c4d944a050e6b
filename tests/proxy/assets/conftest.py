"""Pictures and films made here, and a store to keep them in."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import cast

import av
import pytest
from PIL import Image

from proxy.assets.local import LocalAssets
from proxy.clock import FakeClock

Picture = Callable[..., bytes]
Film = Callable[..., bytes]

FORMATS = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
}
VARIANTS: list[tuple[str, dict[str, object]]] = [
    ("PNG", {}),
    ("PNG", {"mode": "P"}),
    ("PNG", {"mode": "RGBA", "compress_level": 1}),
    ("JPEG", {}),
    ("JPEG", {"progressive": True, "comment": "x" * 5000}),
    ("JPEG", {"mode": "CMYK", "icc_profile": bytes(150_000)}),
    ("GIF", {}),
    ("WEBP", {}),
    ("WEBP", {"lossless": True}),
    ("WEBP", {"mode": "RGBA", "lossless": True}),
    ("WEBP", {"icc_profile": bytes(300)}),
    ("AVIF", {"speed": 10}),
]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> LocalAssets:
    (tmp_path / "assets").mkdir()
    return LocalAssets(tmp_path / "assets", clock.now, retention_seconds=3600.0, min_free_bytes=0)


@pytest.fixture(scope="session")
def picture() -> Picture:
    """Makes a picture file in one of Pillow's formats."""

    def make(
        form: str = "PNG", width: int = 40, height: int = 30, *, mode: str = "RGB", **options: object
    ) -> bytes:
        out = io.BytesIO()
        noise = Image.effect_noise((width, height), 60).convert(mode)
        noise.save(out, form, **options)
        return out.getvalue()

    return make


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Makes a film file of one second, once for each kind."""
    made: dict[tuple[str, str, bool, str], bytes] = {}

    def make(suffix: str = "mp4", codec: str = "mpeg4", *, sound: bool = False, flags: str = "") -> bytes:
        key = suffix, codec, sound, flags
        if key not in made:
            path = tmp_path_factory.mktemp("film") / f"film.{suffix}"
            _write_film(path, codec, sound=sound, flags=flags)
            made[key] = path.read_bytes()
        return made[key]

    return make


def _write_film(path: Path, codec: str, *, sound: bool, flags: str) -> None:
    with av.open(str(path), "w", options={"movflags": flags} if flags else {}) as container:
        stream = cast("av.VideoStream", container.add_stream(codec, rate=24))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        voice = container.add_stream("aac", rate=44100) if sound else None
        for number in range(24):
            frame = av.VideoFrame(64, 48, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([number * 10 % 256]) * plane.buffer_size)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if voice is not None:
            tone = av.AudioFrame(format="fltp", layout="mono", samples=1024)
            tone.rate = 44100
            for channel in tone.planes:
                channel.update(bytes(channel.buffer_size))
            container.mux(voice.encode(tone))
            container.mux(voice.encode())
