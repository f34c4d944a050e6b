"""Films that are whole, cut off, damaged or none at all, with PyAV and without it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.assets.boxes import FilmFacts
from proxy.assets.film import probe
from proxy.assets.store import UnreadableMediaError
from tests.proxy.assets.conftest import Film

MP4, WEBM, MKV = "video/mp4", "video/webm", "video/x-matroska"
EBML, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
ANYTHING = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

Probe = Callable[[bytes, str], FilmFacts]


@pytest.fixture
def probed(tmp_path: Path) -> Probe:
    def run(data: bytes, mime_type: str) -> FilmFacts:
        path = tmp_path / "film"
        path.write_bytes(data)
        return probe(path, mime_type)

    return run


@pytest.fixture(params=[True, False], ids=["with PyAV", "without PyAV"])
def pyav(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if not request.param:
        monkeypatch.setitem(sys.modules, "av", None)
    return bool(request.param)


@pytest.mark.parametrize("codec", ["mpeg4", "libx264"])
@pytest.mark.parametrize("mime_type", [MP4, "video/quicktime", "video/3gpp"])
def test_an_mp4_film(film: Film, probed: Probe, pyav: bool, codec: str, mime_type: str) -> None:
    facts = probed(film("mp4", codec, sound=True), mime_type)
    assert (facts.width, facts.height, facts.has_audio) == (64, 48, True)
    assert facts.codec == {"mpeg4": "mpeg4", "libx264": "h264"}[codec]
    assert facts.duration_seconds == pytest.approx(1.0, abs=0.1)
    assert facts.fps == pytest.approx(24, abs=1)


@pytest.mark.parametrize(("suffix", "mime_type"), [("webm", WEBM), ("mkv", MKV)])
def test_a_matroska_film(film: Film, probed: Probe, suffix: str, mime_type: str) -> None:
    facts = probed(film(suffix, "libvpx"), mime_type)
    assert (facts.width, facts.height, facts.codec, facts.fps) == (64, 48, "vp8", 24.0)


def test_of_webm_nothing_is_known_without_pyav(
    film: Film, probed: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    assert probed(film("webm", "libvpx"), WEBM) == FilmFacts()


@pytest.mark.parametrize(
    ("suffix", "codec", "flags", "mime_type"),
    [("mp4", "mpeg4", "", MP4), ("mp4", "libx264", "faststart", MP4), ("webm", "libvpx", "", WEBM)],
)
def test_a_film_cut_off_anywhere_is_refused(
    film: Film, probed: Probe, pyav: bool, suffix: str, codec: str, flags: str, mime_type: str
) -> None:
    data = film(suffix, codec, flags=flags)
    for size in (*range(0, len(data), len(data) // 15), len(data) - 1):
        with pytest.raises(UnreadableMediaError, match="damaged or cut off"):
            probed(data[:size], mime_type)


def test_a_film_of_sound_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        voice = container.add_stream("aac", rate=44100)
        tone = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        tone.rate = 44100
        for channel in tone.planes:
            channel.update(bytes(channel.buffer_size))
        container.mux(voice.encode(tone))
        container.mux(voice.encode())
    with pytest.raises(UnreadableMediaError):
        probe(path, MP4)


def test_a_film_of_an_unheard_codec_is_refused(film: Film, probed: Probe) -> None:
    with pytest.raises(UnreadableMediaError):
        probed(film("mp4", "libx264").replace(b"avc1", b"zzzz"), MP4)


def test_a_segment_of_unknown_length_is_not_cut_off(probed: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    for size in (b"\xff", b"\x01" + b"\xff" * 7):
        assert probed(EBML + b"\x80" + SEGMENT + size + b"film", WEBM) == FilmFacts()
    with pytest.raises(UnreadableMediaError):
        probed(EBML + b"\x80" + SEGMENT + b"\x85film", WEBM)


@pytest.mark.parametrize("head", [b"", b"\0", b"\xff", b"\x10\xff\xff\xff", b"\x80", b"\x80" + SEGMENT])
def test_a_header_without_a_film_is_refused(probed: Probe, pyav: bool, head: bytes) -> None:
    with pytest.raises(UnreadableMediaError):
        probed(EBML + head, WEBM)


@ANYTHING
@given(st.sampled_from([MP4, WEBM]), st.binary(max_size=200))
def test_noise_is_refused_and_nothing_else(probed: Probe, mime_type: str, data: bytes) -> None:
    start = EBML if mime_type == WEBM else b"\0\0\0\x14ftypisom"
    with pytest.raises(UnreadableMediaError):
        probed(start + data, mime_type)


@ANYTHING
@given(
    st.sampled_from([("mp4", "mpeg4", MP4), ("webm", "libvpx", WEBM)]),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=15),
)
def test_damage_gives_facts_or_the_error(
    film: Film, probed: Probe, kind: tuple[str, str, str], damage: list[tuple[int, int]]
) -> None:
    suffix, codec, mime_type = kind
    data = bytearray(film(suffix, codec))
    for place, value in damage:
        data[place % len(data)] = value
    with suppress(UnreadableMediaError):
        assert probed(bytes(data), mime_type).duration_seconds >= 0
