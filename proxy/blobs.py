"""Long base64 strings, cut out of a JSON body while it arrives and put back on the way out, never decoded."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson
import pybase64

from translators.canonical import JSON

CUT_FROM = 8192
"""Characters from which a base64 string is worth cutting out."""

_SPAN = 65536
"""Characters looked at or decoded at a time: a multiple of 4 that stays in the processor's cache."""

_CRUMB = 4096
"""Chunks of a body that arrives in crumbs are put together up to this size."""

_MARK = f"fg{secrets.token_hex(16)}"
_MARK_BYTES = _MARK.encode()
_MARKER = re.compile(rf"{_MARK}[0-9a-z]{{1,120}}Z".encode())
_SERIAL = itertools.count()
_DATA_URI = re.compile(rb"data:[!#-+\--\[\]-~]{0,200};base64,")
_COLON = re.compile(rb"[ \t\r\n]*:")
_QUOTE, _BACKSLASH, _PAD = b'"', b"\\", ord("=")


class BodyTooLarge(Exception):
    """More bytes arrived than `limit` allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than {limit} bytes.")
        self.limit = limit


def new_marker(body: str) -> str:
    """A string that stands for something else until `dump` replaces it. `body` is of [0-9a-z], 1 to 120.

    It holds 128 random bits of this process, so that no client can write one; it needs no escaping in JSON
    and may follow a `data:…;base64,` prefix.
    """
    return f"{_MARK}{body}Z"


class Blob:
    """Base64 text in the chunks in which it arrived. `size` is in characters."""

    __slots__ = ("_chunks", "size")

    def __init__(self, chunks: Iterable[bytes | memoryview]) -> None:
        self._chunks = [chunk for chunk in chunks if len(chunk)]
        self.size = sum(map(len, self._chunks))

    @property
    def decoded_size(self) -> int:
        """How many bytes the text stands for."""
        ending = b"".join(bytes(chunk[-2:]) for chunk in self._chunks[-2:])[-2:]
        return self.size // 4 * 3 - ending.count(b"=")

    def chunks(self) -> Iterator[bytes]:
        """The text, piece by piece. It can be gone through more than once."""
        for chunk in self._chunks:
            if isinstance(chunk, bytes):
                yield chunk
            else:
                for start in range(0, len(chunk), _SPAN):
                    yield bytes(chunk[start : start + _SPAN])

    def text(self) -> str:
        """The whole text as one string: a copy, for the rare place that needs it."""
        return b"".join(self._chunks).decode("ascii")

    def head(self, size: int) -> bytes:
        """The first `size` decoded bytes, or all of fewer. Raises ValueError where it is not base64."""
        return b"".join(_first(self.decoded(), size))

    def decoded(self) -> Iterator[bytes]:
        """The decoded bytes in pieces of some 48 KiB. Raises ValueError where it is not base64."""
        left = b""
        for chunk in self._chunks:
            view = memoryview(chunk)
            if left:
                head = min(-len(left) % 4, len(view))
                left, view = left + bytes(view[:head]), view[head:]
                if len(left) % 4:
                    continue
                yield pybase64.b64decode(left, validate=True)
            whole = len(view) // 4 * 4
            for start in range(0, whole, _SPAN):
                yield pybase64.b64decode(view[start : min(start + _SPAN, whole)], validate=True)
            left = bytes(view[whole:])
        if left:
            raise ValueError("The base64 text is cut off.")


def _first(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[:size]
        size -= len(piece)
        if size <= 0:
            return


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands in for a marker: `length` bytes, which `chunks()` gives anew at each call."""

    length: int
    chunks: Callable[[], AsyncIterator[bytes]]


class Source(Protocol):
    """Something that knows what some markers stand for."""

    def find(self, marker: str) -> Piece | None:
        """What the marker stands for, or None when it is not one of this source's."""


class Blobs:
    """The blobs of one exchange, by marker. They go when it goes."""

    __slots__ = ("_blobs",)

    def __init__(self) -> None:
        self._blobs: dict[str, Blob] = {}

    def add(self, chunks: Iterable[bytes | memoryview]) -> str:
        """Takes base64 text that was checked already and gives its marker."""
        return self.keep(Blob(chunks))

    def keep(self, blob: Blob) -> str:
        """The marker of a blob, which belongs to this exchange from now on."""
        marker = new_marker(f"b{next(_SERIAL):x}")
        self._blobs[marker] = blob
        return marker

    def is_marker(self, text: str) -> bool:
        """Whether the text stands for one of these blobs."""
        return text in self._blobs

    def get(self, marker: str) -> Blob:
        """The blob behind a marker. Raises KeyError for anything else."""
        return self._blobs[marker]

    def discard(self, marker: str) -> None:
        """Lets go of a blob. A marker that is not known is no error."""
        self._blobs.pop(marker, None)

    def find(self, marker: str) -> Piece | None:
        """The blob as a Piece: this makes Blobs a Source."""
        blob = self._blobs.get(marker)
        return None if blob is None else Piece(blob.size, lambda: _each(blob.chunks()))


async def _each(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


class _Run:
    """A base64 string on its way out of the document: what has come so far, all of it checked."""

    __slots__ = ("_left", "_padded", "chunks")

    def __init__(self) -> None:
        self.chunks: list[bytes | memoryview] = []
        self._left = b""
        self._padded = False

    @property
    def whole(self) -> bool:
        """Whether base64 may end here."""
        return not self._left

    def take(self, data: bytes, start: int, end: int) -> bool:
        """Adds `data[start:end]`, or returns False when base64 cannot go on like that."""
        if start == end:
            return True
        whole = end - start == len(data)
        view = memoryview(data) if whole else memoryview(data)[start:end]
        at = -len(self._left) % 4
        if at:
            self._left += bytes(view[:at])
            if len(self._left) == 4:
                if not self._check(self._left):
                    return False
                self._left = b""
        if not self._left:
            ends = at + (len(view) - at) // 4 * 4
            while at < ends:
                if not self._check(view[at : min(at + _SPAN, ends)]):
                    return False
                at += _SPAN
            self._left = bytes(view[ends:])
        self._keep(data if whole else view)
        return True

    def _keep(self, piece: bytes | memoryview) -> None:
        if self.chunks and len(piece) + len(self.chunks[-1]) <= _CRUMB:
            self.chunks[-1] = bytes(self.chunks[-1]) + piece
        elif isinstance(piece, memoryview) and len(piece) <= _SPAN:
            # A view would hold on to the whole chunk.
            self.chunks.append(bytes(piece))
        else:
            self.chunks.append(piece)

    def _check(self, groups: bytes | memoryview) -> bool:
        if self._padded:
            return False
        try:
            pybase64.b64decode(groups, validate=True)
        except ValueError:
            return False
        self._padded = groups[-1] == _PAD
        return True


class Cutter:
    """Parses a JSON body while it arrives, and diverts its long base64 strings to `blobs`.

    Each such string, or what follows its `data:…;base64,`, is a marker in the document. The result is the
    same as that of a full parse: whatever is not plain base64 with right padding stays in the document, and
    so does a key. `threshold` is the length in characters above which a string is looked at; above `limit`
    bytes of body BodyTooLarge is raised.

    It looks only at quotes with no other within `threshold` bytes: such a quote, if base64 follows and no
    backslash stands before it, opens a string, because nothing else may follow a closing one.
    """

    def __init__(self, blobs: Blobs, *, threshold: int = CUT_FROM, limit: int | None = None) -> None:
        self._blobs = blobs
        self._window = threshold + 1
        self._limit = limit
        self._size = 0
        self._skeleton: list[bytes] = []
        self._cuts: list[tuple[int, int]] = []
        self._waiting: list[bytes] = []
        self._waiting_size = 0
        self._open: _Run | None = None
        self._closed: _Run | None = None

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes, cut anywhere. Raises BodyTooLarge."""
        self._size += len(chunk)
        if self._limit is not None and self._size > self._limit:
            raise BodyTooLarge(self._limit)
        if self._open is None:
            self._waiting.append(chunk)
            self._waiting_size += len(chunk)
            if self._waiting_size <= self._window:
                return
            chunk = self._waited()
        self._go_through(chunk)

    def finish(self) -> JSON:
        """The document. Raises orjson.JSONDecodeError, with the position in the body, for what is no JSON."""
        if self._open is not None:
            self._skeleton += map(bytes, self._open.chunks)
            self._open = None
        rest = self._waited()
        if self._closed is not None:
            self._settle(rest, 0)
        self._skeleton.append(rest)
        skeleton = b"".join(self._skeleton)
        try:
            return orjson.loads(skeleton)
        except orjson.JSONDecodeError as error:
            raise self._relocated(error) from None

    def _waited(self) -> bytes:
        data = self._waiting[0] if len(self._waiting) == 1 else b"".join(self._waiting)
        self._waiting.clear()
        self._waiting_size = 0
        return data

    def _go_through(self, data: bytes) -> None:
        at = 0
        while True:
            if self._open is not None:
                at = self._divert(self._open, data, at)
                if self._open is not None:
                    return
            if len(data) - at <= self._window:
                break
            at = self._skim(data, at)
            if self._open is None:
                break
        if at < len(data):
            self._waiting.append(data[at:])
            self._waiting_size = len(data) - at

    def _divert(self, run: _Run, data: bytes, at: int) -> int:
        """Goes on with the open run up to its closing quote; gives the place from which to skim."""
        quote = data.find(_QUOTE, at)
        end = quote if quote >= 0 else len(data)
        taken = run.take(data, at, end)
        if taken and quote < 0:
            return end
        self._open = None
        if taken and run.whole:
            self._closed = run
            return quote + 1
        self._skeleton += map(bytes, run.chunks)
        return end if taken else at

    def _skim(self, data: bytes, at: int) -> int:
        """Copies up to the next string that may be a blob, which it opens, or else up to some quote."""
        if self._closed is not None:
            self._settle(data, at)
        start = at
        while len(data) - at > self._window:
            quote = data.rfind(_QUOTE, at, at + self._window)
            if quote > at:
                at = quote
                continue
            if quote == at and not self._escaped(data, start, at):
                prefix = _DATA_URI.match(data, at + 1)
                at = prefix.end() if prefix else at + 1
                self._skeleton.append(data[start:at])
                self._open = _Run()
                return at
            at = data.find(_QUOTE, at + self._window)
            if at < 0:
                at = len(data)
        if at > start:
            self._skeleton.append(data[start:at])
        return at

    def _escaped(self, data: bytes, start: int, at: int) -> bool:
        if at > start:
            return data[at - 1] == _BACKSLASH[0]
        return bool(self._skeleton) and self._skeleton[-1].endswith(_BACKSLASH)

    def _settle(self, data: bytes, at: int) -> None:
        """Decides on the string that ended before `data[at]`: a key goes back, a value becomes a blob."""
        run, self._closed = self._closed, None
        assert run is not None
        if _COLON.match(data, at):
            self._skeleton += map(bytes, run.chunks)
        else:
            marker = self._blobs.add(run.chunks)
            self._cuts.append((len(self._skeleton), self._blobs.get(marker).size - len(marker)))
            self._skeleton.append(marker.encode())
        self._skeleton.append(_QUOTE)

    def _relocated(self, error: orjson.JSONDecodeError) -> orjson.JSONDecodeError:
        """The error with its position in the body instead of the skeleton. No blob holds a line break."""
        place = len(error.doc[: error.pos].encode())
        line = len(error.doc[: max(error.pos - error.colno + 1, 0)].encode())
        offsets = list(itertools.accumulate(map(len, self._skeleton), initial=0))
        cuts = [(offsets[index], removed) for index, removed in self._cuts if offsets[index] < place]
        error.pos += sum(removed for _, removed in cuts)
        error.colno += sum(removed for offset, removed in cuts if offset >= line)
        error.args = (f"{error.msg}: line {error.lineno} column {error.colno} (char {error.pos})",)
        return error


class Body:
    """JSON on its way out: `length` bytes, in pieces. It can be gone through again, for a second attempt."""

    __slots__ = ("_parts", "length")

    def __init__(self, parts: Sequence[bytes | Piece]) -> None:
        self._parts = parts
        self.length = sum(len(part) if isinstance(part, bytes) else part.length for part in parts)

    @property
    def whole(self) -> bytes | None:
        """All of it, when it is one piece anyway; otherwise None."""
        return self._parts[0] if len(self._parts) == 1 and isinstance(self._parts[0], bytes) else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces. What a Piece's own source raises comes through."""
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
            else:
                async for chunk in part.chunks():
                    yield chunk

    async def read(self) -> bytes:
        """All of it in memory, for a body known to be small and for tests."""
        return b"".join([piece async for piece in self])


def dump(document: JSON, sources: Sequence[Source] = ()) -> Body:
    """The document as JSON in which the markers are replaced by what the first source that knows them has.

    A marker that no source knows stays what it is: text. Raises TypeError for what JSON cannot express.
    """
    return splice(orjson.dumps(document), sources)


def splice(text: bytes, sources: Sequence[Source]) -> Body:
    """JSON text, or server-sent events of it, as a Body in which the markers are replaced. See `dump`."""
    parts: list[bytes | Piece] = []
    done = 0
    place = text.find(_MARK_BYTES)
    while place >= 0:
        found = _MARKER.match(text, place)
        piece = _find(found.group().decode("ascii"), sources) if found else None
        if found and piece:
            parts += (text[done:place], piece)
            done = found.end()
        place = text.find(_MARK_BYTES, place + len(_MARK_BYTES))
    parts.append(text[done:] if done else text)
    return Body(parts)


def _find(marker: str, sources: Sequence[Source]) -> Piece | None:
    return next((piece for source in sources if (piece := source.find(marker))), None)
