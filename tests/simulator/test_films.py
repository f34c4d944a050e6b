import io
from typing import Any

import av
import pytest
from PIL import Image, ImageChops, ImageStat

from simulator.films import Abandoned, FilmSpec, encode_film, probe
from tests.simulator.wire import picture

BASE = FilmSpec("A cat", "veo-3.1-generate-001", 640, 360, 1, "16:9")


def frames(film: bytes) -> list[Image.Image]:
    with av.open(io.BytesIO(film), "r") as container:
        return [frame.to_image() for frame in container.decode(video=0)]  # type: ignore[no-untyped-call]


def difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (1920, 1080), (2160, 3840)])
def test_films_are_real(size: tuple[int, int]) -> None:
    film = encode_film(FilmSpec("A cat", "veo", *size, 1, "facts"))
    with av.open(io.BytesIO(film), "r") as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.codec_context.name == "h264"
        assert video.codec_context.pix_fmt == "yuv420p"
        assert (video.width, video.height) == size
        assert video.average_rate == 24
        assert video.frames == 24
        assert (audio.codec_context.name, audio.codec_context.sample_rate, audio.layout.name) == (
            "aac",
            48000,
            "stereo",
        )
        assert abs((container.duration or 0) / 1_000_000 - 1) < 0.1
    assert film.index(b"moov") < film.index(b"mdat")


def test_films_move_and_differ_by_prompt_and_number() -> None:
    film = frames(encode_film(BASE))
    assert difference(film[0], film[-1]) > 0.2
    for other in ({"prompt": "A dog"}, {"index": 1}):
        changed: dict[str, Any] = {**vars(BASE), **other}
        assert difference(film[0], frames(encode_film(FilmSpec(**changed)))[0]) > 5


def test_sound_can_be_left_out() -> None:
    film = encode_film(FilmSpec("A cat", "veo", 320, 180, 1, "", audio=False))
    with av.open(io.BytesIO(film), "r") as container:
        assert not container.streams.audio


def test_films_begin_on_the_first_frame_and_end_on_the_last() -> None:
    spec = FilmSpec("", "veo", 640, 360, 1, "", first=picture("red"), last=picture("blue"))
    film = frames(encode_film(spec))
    first, last = film[0].getpixel((320, 20)), film[-1].getpixel((320, 20))
    assert isinstance(first, tuple)
    assert isinstance(last, tuple)
    assert first[0] > 230
    assert first[2] < 25
    assert last[2] > 230
    assert last[0] < 25


def test_extension_continues_the_given_film() -> None:
    film = encode_film(BASE)
    longer = encode_film(FilmSpec("Go on", "veo", 640, 360, 2, "", extends=film))
    facts = probe(longer)
    assert facts is not None
    assert abs(facts.seconds - 3) < 0.1
    assert difference(frames(film)[5], frames(longer)[5]) < 3


def test_films_can_be_abandoned() -> None:
    with pytest.raises(Abandoned):
        encode_film(BASE, lambda: True)


def test_probe() -> None:
    facts = probe(encode_film(BASE))
    assert facts is not None
    assert (facts.width, facts.height, facts.fps, facts.codec, facts.ours) == (640, 360, 24.0, "h264", True)
    assert probe(b"no film") is None
