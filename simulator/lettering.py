"""Text on pictures: fonts that know the prompt's script where the machine has one, wrapping and fitting."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import ImageFont

if TYPE_CHECKING:
    from PIL import ImageDraw

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

# Tried by name in the system's own font folders; Pillow's built-in font knows Latin, Greek and Cyrillic
# letters only.
_SYSTEM_FONTS = (
    "DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc", "NotoSansDevanagari-Regular.ttf",
    "Arial Unicode.ttf", "PingFang.ttc", "msyh.ttc", "arial.ttf",
)  # fmt: skip
_NO_GLYPH = "\U0010fffe"
_LONGEST = 900


def font_for(words: str, size: int) -> Font:
    """The font that knows most of the letters of `words`, at that size in pixels."""
    letters = frozenset(letter for letter in words[:_LONGEST] if ord(letter) > 126 and not letter.isspace())
    return _font(_best(letters) if letters else None, size)


def plain(words: str) -> str:
    """The words on one line, without control and format characters (directions are left to the font's
    layout)."""
    kept = (" " if letter.isspace() else letter for letter in words)
    line = "".join(letter for letter in kept if unicodedata.category(letter)[0] != "C")
    return " ".join(line.split())


def fitted(
    draw: ImageDraw.ImageDraw, words: str, box: tuple[int, int], sizes: range
) -> tuple[Font, list[str], int]:
    """The largest font of `sizes` with which the words, wrapped, fit in (width, height); the last line may
    end in …

    Returns the font, the lines, and the height of a line in pixels.
    """
    words = plain(words)
    if len(words) > _LONGEST:
        words = words[: _LONGEST - 1] + "…"
    width, height = box
    for size in sizes:
        pitch = round(size * 1.28)
        if len(wrapped(draw, words, font_for(words, size), width)) * pitch <= height:
            break
    else:
        size = sizes[-1]
    font, pitch = font_for(words, size), round(size * 1.28)
    lines = wrapped(draw, words, font, width)
    room = max(1, height // pitch)
    if len(lines) > room:
        lines = [*lines[: room - 1], lines[room - 1].rstrip(" .,") + "…"]
    return font, lines, pitch


def wrapped(draw: ImageDraw.ImageDraw, words: str, font: Font, width: int) -> list[str]:
    """The words broken into lines of at most `width` pixels; a word too long for a line is broken inside."""
    lines: list[str] = []
    line = ""
    for word in words.split():
        grown = f"{line} {word}" if line else word
        if draw.textlength(grown, font=font) <= width:
            line = grown
            continue
        if line:
            lines.append(line)
        while draw.textlength(word, font=font) > width and len(word) > 1:
            length = _fitting(draw, word, font, width)
            lines.append(word[:length])
            word = word[length:]
        line = word
    return [*lines, line] if line else lines


def _fitting(draw: ImageDraw.ImageDraw, word: str, font: Font, width: int) -> int:
    low, high = 1, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        if draw.textlength(word[:middle], font=font) <= width:
            low = middle
        else:
            high = middle - 1
    return low


@lru_cache(maxsize=256)
def _best(letters: frozenset[str]) -> str | None:
    known = {name: _known(name, letters) for name in (None, *_SYSTEM_FONTS)}
    return max(known, key=lambda name: known[name])


def _known(name: str | None, letters: frozenset[str]) -> int:
    try:
        font = _font(name, 20)
    except OSError:
        return -1
    unknown = bytes(font.getmask(_NO_GLYPH))
    return sum(bytes(font.getmask(letter)) != unknown for letter in letters)


@lru_cache(maxsize=64)
def _font(name: str | None, size: int) -> Font:
    return ImageFont.load_default(size) if name is None else ImageFont.truetype(name, size)
