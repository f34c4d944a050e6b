"""Cutting base64 out of JSON and putting it back, against the full parse."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import orjson
import pybase64
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.blobs import CUT_FROM, Blob, Blobs, BodyTooLarge, Cutter, Piece, dump, new_marker, splice

pytestmark = pytest.mark.anyio

THRESHOLD = 24
PICTURE = pybase64.b64encode(bytes(range(256)) * 90).decode()


def pieces(body: bytes, sizes: Sequence[int]) -> Iterable[bytes]:
    """The body cut at the given sizes, which repeat."""
    at = turn = 0
    while at < len(body):
        size = sizes[turn % len(sizes)]
        yield body[at : at + size]
        at, turn = at + size, turn + 1


def cut(body: bytes, sizes: Sequence[int] = (1 << 16,), threshold: int = THRESHOLD) -> tuple[Any, Blobs]:
    """The document and the blobs of a body that arrives in pieces."""
    blobs = Blobs()
    cutter = Cutter(blobs, threshold=threshold)
    for piece in pieces(body, sizes):
        cutter.feed(piece)
    return cutter.finish(), blobs


def restored(value: Any, blobs: Blobs) -> Any:
    """The document with every marker in a value replaced by its text. Keys are left alone."""
    if isinstance(value, dict):
        return {key: restored(item, blobs) for key, item in value.items()}
    if isinstance(value, list):
        return [restored(item, blobs) for item in value]
    if isinstance(value, str):
        prefix, comma, data = value.rpartition(",")
        if blobs.is_marker(data):
            return prefix + comma + blobs.get(data).text()
    return value


base64_text = st.binary(min_size=0, max_size=120).map(lambda data: pybase64.b64encode(data).decode())
url_safe_text = st.binary(min_size=12, max_size=90).map(
    lambda data: pybase64.urlsafe_b64encode(data).decode()
)
damaged_text = st.tuples(
    base64_text, st.sampled_from(["=", "==", "-", "\\", '"', "\n", "é", " ", "A", "/"]), st.integers(0, 160)
).map(lambda parts: parts[0][: parts[2]] + parts[1] + parts[0][parts[2] :])
data_uri = st.tuples(
    st.sampled_from(
        [
            "data:image/png;base64,",
            "data:;base64,",
            "data:image/jpeg;charset=x;base64,",
            "data:a,b;base64,",
            "data:x",
        ]
    ),
    base64_text | damaged_text,
).map("".join)
strings = st.one_of(
    st.text(max_size=60), base64_text, url_safe_text, damaged_text, data_uri, st.just(PICTURE[:400])
)
documents = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), strings),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(strings, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """JSON text in the ways that different writers have."""
    document = draw(documents)
    pretty = orjson.OPT_INDENT_2 if draw(st.booleans()) else 0
    text = orjson.dumps(document, option=pretty)
    if draw(st.integers(0, 3)) == 0:
        text = text.replace(b"/", b"\\/")
    if draw(st.booleans()):
        text = text.replace(b'":', b'"  :')
    return draw(st.sampled_from([b"", b"\n  "])) + text + draw(st.sampled_from([b"", b" \r\n"]))


chunkings = st.lists(st.integers(1, 90), min_size=1, max_size=6) | st.just([1]) | st.just([1 << 20])


@settings(max_examples=80, deadline=None)
@given(bodies(), chunkings, st.sampled_from([1, 7, THRESHOLD, 64]))
def test_cut_and_restored_equals_full_parse(body: bytes, sizes: list[int], threshold: int) -> None:
    document, blobs = cut(body, sizes, threshold)
    assert restored(document, blobs) == orjson.loads(body)


@settings(max_examples=60, deadline=None)
@given(bodies(), chunkings)
async def test_dump_of_a_cut_document_parses_equal(body: bytes, sizes: list[int]) -> None:
    document, blobs = cut(body, sizes)
    out = dump(document, [blobs])
    sent = await out.read()
    assert orjson.loads(sent) == orjson.loads(body)
    assert out.length == len(sent)
    assert await out.read() == sent


@settings(max_examples=60, deadline=None)
@given(st.one_of(bodies(), st.binary(max_size=80)), st.integers(0, 400), st.binary(max_size=3), chunkings)
def test_malformed_json_is_refused_where_the_full_parse_refuses(
    body: bytes, place: int, junk: bytes, sizes: list[int]
) -> None:
    broken = body[:place] + junk + body[place + 1 :]
    try:
        expected = orjson.loads(broken)
    except orjson.JSONDecodeError as error:
        refused = error
    else:
        document, blobs = cut(broken, sizes, threshold=4)
        assert restored(document, blobs) == expected
        return
    with pytest.raises(orjson.JSONDecodeError) as raised:
        cut(broken, sizes, threshold=4)
    if refused.doc and raised.value.msg == refused.msg:
        assert str(raised.value) == str(refused)
        assert (raised.value.pos, raised.value.colno) == (refused.pos, refused.colno)


CUT = {
    "plain": f'{{"a":"{PICTURE}"}}',
    "data URI": f'{{"a":"data:image/png;base64,{PICTURE}"}}',
    "parameters": f'{{"a":"data:image/png;name=x.png;base64,{PICTURE}"}}',
    "pretty": f'{{\n  "a" :\n    "{PICTURE}"\n}}',
    "in a list": f'[1, "{PICTURE}" , 2]',
    "alone": f' "{PICTURE}" ',
    "after an escaped quote": f'["\\"", "{PICTURE}"]',
    "after a backslash": f'["\\\\","{PICTURE}"]',
}
NOT_CUT = {
    "escaped slashes": f'{{"a":"{PICTURE}"}}'.replace("/", "\\/"),
    "url-safe": f'{{"a":"{PICTURE}"}}'.replace("/", "_").replace("+", "-"),
    "no padding": f'{{"a":"{PICTURE}A"}}',
    "too much padding": f'{{"a":"{PICTURE}===="}}',
    "padding within": f'{{"a":"{PICTURE}AA=={PICTURE}"}}',
    "a space at the end": f'{{"a":"{PICTURE} "}}',
    "a letter at the end": f'{{"a":"{PICTURE[:-1]}é"}}',
    "a key": f'{{"{PICTURE}" : 1}}',
    "words": '{"a":"' + "so many words " * 2000 + '"}',
    "behind an escaped quote": f'["x\\"{PICTURE}"]',
    "behind text": f'["x {PICTURE}"]',
    "short": '["AAAA"]',
    "other scheme": f'["http:image/png;base64,{PICTURE}"]',
}


@pytest.mark.parametrize("size", [1 << 20, 4096, 997, 3])
@pytest.mark.parametrize("name", CUT)
def test_base64_values_are_cut(name: str, size: int) -> None:
    body = CUT[name].encode()
    document, blobs = cut(body, (size,), threshold=1000)
    assert PICTURE not in orjson.dumps(document).decode()
    assert restored(document, blobs) == orjson.loads(body)


@pytest.mark.parametrize("size", [1 << 20, 4096, 997, 3])
@pytest.mark.parametrize("name", NOT_CUT)
def test_other_strings_stay(name: str, size: int) -> None:
    body = NOT_CUT[name].encode()
    document, _ = cut(body, (size,), threshold=1000)
    assert document == orjson.loads(body)


def test_the_default_threshold_leaves_short_pictures_alone() -> None:
    text = "A" * 8000
    document, _ = cut(f'["{text}"]'.encode(), threshold=CUT_FROM)
    assert document == [text]


def test_a_blob_is_made_of_the_chunks_that_arrived() -> None:
    body = f'["{PICTURE}"]'.encode()
    chunks = list(pieces(body, (4096,)))
    blobs = Blobs()
    cutter = Cutter(blobs, threshold=1000)
    for chunk in chunks:
        cutter.feed(chunk)
    (marker,) = cutter.finish()
    kept = {id(chunk) for chunk in blobs.get(marker).chunks()}
    assert all(id(chunk) in kept for chunk in chunks[1:-1])


def test_truncated_bodies_are_refused() -> None:
    body = f'{{"a":"{PICTURE}"}}'.encode()
    for length in (0, 1, 6, 5000, 20_000, len(body) - 2, len(body) - 1):
        with pytest.raises(orjson.JSONDecodeError) as expected:
            orjson.loads(body[:length])
        with pytest.raises(orjson.JSONDecodeError) as raised:
            cut(body[:length], (8192,), threshold=1000)
        assert str(raised.value) == str(expected.value)


def test_junk_after_a_string_does_not_vanish() -> None:
    for body in (f'["a"{PICTURE}"b"]', f'["a"{PICTURE}', f'"a"{PICTURE}"', f'{{"a"{PICTURE}":1}}'):
        with pytest.raises(orjson.JSONDecodeError):
            cut(body.encode(), (1 << 20,), threshold=100)


def test_the_limit_is_kept_while_the_body_arrives() -> None:
    cutter = Cutter(Blobs(), limit=100)
    cutter.feed(b" " * 100)
    with pytest.raises(BodyTooLarge) as raised:
        cutter.feed(b" ")
    assert raised.value.limit == 100


def test_a_blob_tells_its_size_and_decodes_in_pieces() -> None:
    data = bytes(range(256)) * 300 + b"x"
    text = pybase64.b64encode(data)
    for sizes in ((1 << 20,), (4096,), (997,), (1, 20, 3)):
        blob = Blob(pieces(text, sizes))
        assert (blob.size, blob.decoded_size) == (len(text), len(data))
        assert [blob.head(count) for count in (0, 1, 33, 70_000, 1 << 20)] == [
            data[:count] for count in (0, 1, 33, 70_000, 1 << 20)
        ]
        assert b"".join(blob.decoded()) == data
        assert max(map(len, blob.decoded())) <= 49_152
        assert blob.text() == text.decode()
        assert b"".join(blob.chunks()) == text


@pytest.mark.parametrize("text", [b"AAA", b"A?AA", b"AA==AAAA", b"AAAA\n"])
def test_what_is_not_base64_does_not_decode(text: bytes) -> None:
    with pytest.raises(ValueError, match="base64"):
        list(Blob([text]).decoded())


def test_sizes_with_padding_split_over_chunks() -> None:
    assert Blob([b"AAA", b"="]).decoded_size == 2
    assert Blob([b"AA", b"=", b"="]).decoded_size == 1
    assert Blob([b"AA=", b"", b"="]).decoded_size == 1
    assert Blob([]).decoded_size == 0


class Stored:
    """A Source with one marker, whose text comes in pieces."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.marker = new_marker("astored")
        self._texts = texts

    def find(self, marker: str) -> Piece | None:
        return Piece(sum(map(len, self._texts)), self._chunks) if marker == self.marker else None

    async def _chunks(self) -> AsyncIterator[bytes]:
        for text in self._texts:
            yield text


async def test_dump_takes_from_each_source() -> None:
    blobs = Blobs()
    marker = blobs.add([b"AAAA", memoryview(b"BBBB")])
    stored = Stored([b"CCCC", b"DDDD"])
    body = dump({"a": f"data:image/png;base64,{marker}", "b": [stored.marker, marker, "é"]}, [blobs, stored])
    sent = await body.read()
    assert orjson.loads(sent) == {
        "a": "data:image/png;base64,AAAABBBB",
        "b": ["CCCCDDDD", "AAAABBBB", "é"],
    }
    assert body.length == len(sent)
    assert body.whole is None


async def test_a_body_without_markers_is_one_piece() -> None:
    body = dump({"a": 1})
    assert body.whole == b'{"a":1}' == await body.read()


async def test_an_unknown_marker_is_text() -> None:
    mine, other = Blobs(), Blobs()
    theirs = other.add([b"AAAA"])
    known = mine.add([b"BBBB"])
    texts = [theirs, theirs[:-1], theirs[:10], new_marker("b0"), known + theirs, theirs[:-1] + known]
    sent = await dump(texts, [mine]).read()
    assert orjson.loads(sent) == [
        theirs,
        theirs[:-1],
        theirs[:10],
        new_marker("b0"),
        "BBBB" + theirs,
        theirs[:-1] + "BBBB",
    ]
    assert not mine.is_marker(theirs)
    assert mine.find(theirs) is None
    with pytest.raises(KeyError):
        mine.get(theirs)


async def test_splice_serves_server_sent_events() -> None:
    blobs = Blobs()
    marker = blobs.add([b"AAAA"])
    assert await splice(f'data: {{"a":"{marker}"}}\n\n'.encode(), [blobs]).read() == b'data: {"a":"AAAA"}\n\n'


def test_a_discarded_blob_is_gone() -> None:
    blobs = Blobs()
    marker = blobs.add([b"AAAA"])
    blobs.discard(marker)
    blobs.discard(marker)
    assert not blobs.is_marker(marker)


def test_markers_are_short_plain_and_never_twice() -> None:
    blobs = Blobs()
    markers = {blobs.add([b"AAAA"]) for _ in range(100)} | {Blobs().add([b"AAAA"])}
    assert len(markers) == 101
    assert all(marker.isalnum() and marker.isascii() and len(marker) < 60 for marker in markers)
