"""The boxes of films: what they say, and that a file cut off or made of noise is told from a whole one."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.assets.boxes import Box, BrokenBoxesError, boxes, film_facts
from tests.proxy.assets.conftest import Film

UNKNOWN_LENGTH = 0xFFFFFFFF


def box(kind: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def found(data: bytes) -> list[Box]:
    return list(boxes(io.BytesIO(data), 0, len(data)))


def movie(version: int, scale: int, length: int) -> bytes:
    """A film that has a header and no track."""
    width = 8 if version else 4
    header = bytes([version, 0, 0, 0]) + bytes(2 * width) + scale.to_bytes(4, "big")
    return box(b"moov", box(b"mvhd", header + length.to_bytes(width, "big"))) + box(b"mdat")


def test_boxes_follow_each_other() -> None:
    assert found(box(b"ftyp", b"isom") + box(b"free") + box(b"mdat", b"xyz")) == [
        Box(b"ftyp", 8, 12),
        Box(b"free", 20, 20),
        Box(b"mdat", 28, 31),
    ]


def test_a_box_may_have_a_long_size_or_reach_to_the_end() -> None:
    long = b"\0\0\0\1mdat" + (19).to_bytes(8, "big") + b"xyz"
    assert found(long + b"\0\0\0\0free12345") == [Box(b"mdat", 16, 19), Box(b"free", 27, 32)]


def test_a_few_bytes_after_the_last_box_do_no_harm() -> None:
    assert found(box(b"free") + b"\0\0\0\0") == [Box(b"free", 8, 8)]
    assert found(b"") == []


@pytest.mark.parametrize(
    "data",
    [
        box(b"mdat", b"xyz")[:-1],
        b"\0\0\0\x07mdat",
        b"\0\0\0\1mdat" + (15).to_bytes(8, "big"),
        b"\0\0\0\1mdat",
        b"\0\0\0\1mdat" + b"\xff" * 8,
    ],
)
def test_a_box_that_cannot_be_is_told(data: bytes) -> None:
    with pytest.raises(BrokenBoxesError):
        found(data)


@given(st.binary(max_size=200))
def test_noise_gives_boxes_inside_the_file_or_the_error(data: bytes) -> None:
    with suppress(BrokenBoxesError):
        assert all(8 <= item.start <= item.end <= len(data) for item in found(data))


@pytest.mark.parametrize("flags", ["", "faststart"])
def test_the_facts_of_a_film(film: Film, flags: str) -> None:
    data = film("mp4", "libx264", sound=True, flags=flags)
    facts = film_facts(io.BytesIO(data), len(data))
    assert (facts.width, facts.height, facts.codec, facts.has_audio) == (64, 48, "h264", True)
    assert facts.duration_seconds == pytest.approx(1.0, abs=0.1)


def test_a_film_in_fragments_is_whole(film: Film) -> None:
    data = film("mp4", "libx264", flags="frag_keyframe+empty_moov")
    facts = film_facts(io.BytesIO(data), len(data))
    assert (facts.width, facts.codec, facts.has_audio) == (64, "h264", False)


@pytest.mark.parametrize("flags", ["", "faststart"])
def test_a_film_cut_off_anywhere_is_broken(film: Film, flags: str) -> None:
    data = film("mp4", "mpeg4", flags=flags)
    for size in (*range(0, len(data), 37), len(data) - 1):
        with pytest.raises(BrokenBoxesError):
            film_facts(io.BytesIO(data[:size]), size)


@pytest.mark.parametrize("version", [0, 1])
def test_both_forms_of_the_header(version: int) -> None:
    data = movie(version, 1000, 2500)
    assert film_facts(io.BytesIO(data), len(data)).duration_seconds == 2.5


@pytest.mark.parametrize(
    ("version", "scale", "length"),
    [(0, 0, 2500), (0, 1000, UNKNOWN_LENGTH), (1, 1000, UNKNOWN_LENGTH << 32 | UNKNOWN_LENGTH)],
)
def test_an_unknown_length_is_none(version: int, scale: int, length: int) -> None:
    data = movie(version, scale, length)
    assert film_facts(io.BytesIO(data), len(data)).duration_seconds == 0


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=20))
def test_damage_gives_facts_or_the_error(film: Film, damage: list[tuple[int, int]]) -> None:
    data = bytearray(film("mp4", "mpeg4", sound=True, flags="faststart"))
    for place, value in damage:
        data[place % len(data)] = value
    with suppress(BrokenBoxesError):
        facts = film_facts(io.BytesIO(data), len(data))
        assert min(facts.width, facts.height, facts.duration_seconds, facts.fps) >= 0
