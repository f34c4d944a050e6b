"""Colours and shapes seeded from a prompt, so that different prompts give different pixels."""

from __future__ import annotations

import colorsys
import hashlib
import random
from dataclasses import dataclass

Colour = tuple[int, int, int]

PATTERNS = ("rings", "rays", "dots", "bands")


@dataclass(frozen=True)
class Palette:
    """The colours of one picture: a dark and a bright end of the gradient, and accents between."""

    deep: Colour
    bright: Colour
    accents: tuple[Colour, ...]
    angle: int
    pattern: str
    tone: int


def seeded(*words: object) -> random.Random:
    """A generator that gives the same numbers for the same words."""
    digest = hashlib.sha256("\0".join(str(word) for word in words).encode()).digest()
    return random.Random(digest)  # noqa: S311 - decoration, not secrecy


def palette_of(dice: random.Random) -> Palette:
    """A pleasant palette: neighbouring hues and one opposite accent. `tone` is a frequency in Hz for a
    film's sound."""
    hue = dice.random()
    turn = dice.choice((-1, 1))
    return Palette(
        deep=_colour(hue, 0.72, 0.26),
        bright=_colour(hue + turn * 0.13, 0.62, 0.80),
        accents=(
            _colour(hue + turn * 0.06, 0.55, 0.62),
            _colour(hue + turn * 0.22, 0.60, 0.88),
            _colour(hue + 0.5, 0.45, 0.92),
            _colour(hue - turn * 0.08, 0.75, 0.48),
        ),
        angle=dice.randrange(0, 360, 15),
        pattern=dice.choice(PATTERNS),
        tone=dice.choice((196, 220, 247, 262, 294, 330)),
    )


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)
