"""Pixel sizes as OpenAI's clients write them, in the terms of Google's models, and back."""

from __future__ import annotations

import math
import re

from translators.clients._fields import wrong_value

_PIXELS = re.compile(r"([0-9]{1,5})\s*[x×*]\s*([0-9]{1,5})")
_SIDES = range(16, 8193)

# reference: google_wire.md 3.1, the fourteen ratios of the image models, and its rule for OpenAI's `size`
PICTURE_RATIOS = (
    "1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9", "1:4", "4:1", "1:8", "8:1",
)  # fmt: skip
_TIERS = ((1536, "1K"), (2800, "2K"), (max(_SIDES), "4K"))
_TIER = re.compile(r"512|[0-9]+(\.[0-9]+)?k", re.IGNORECASE)

# reference: google_wire.md 4.6
_LONG_SIDES = {"720p": 1280, "1080p": 1920, "4k": 3840}
_FILM_SIZES = {
    f"{size[0]}x{size[1]}": (ratio, resolution)
    for resolution, side in _LONG_SIDES.items()
    for ratio, size in (("16:9", (side, side * 9 // 16)), ("9:16", (side * 9 // 16, side)))
}
_RESOLUTION = re.compile(r"[0-9]+p|4k", re.IGNORECASE)
_RATIO = re.compile(r"([0-9]{1,4}):([0-9]{1,4})")


def picture_size(text: str, param: str) -> tuple[str | None, str | None]:
    """Aspect ratio and size tier for `1536x1024`, `2K` or `auto`; None for what it leaves open."""
    if text.lower() == "auto":
        return None, None
    if _TIER.fullmatch(text):
        return None, text.upper()
    pixels = _PIXELS.fullmatch(text.lower())
    sides = [int(side) for side in pixels.groups()] if pixels else []
    if not sides or any(side not in _SIDES for side in sides):
        wrong_value(param, '"auto" or a size such as "1024x1024" with sides from 16 to 8192 pixels', text)
    asked = math.log(sides[0] / sides[1])
    ratio = min(PICTURE_RATIOS, key=lambda ratio: abs(math.log(_quotient(ratio)) - asked))
    tier = next(tier for side, tier in _TIERS if max(sides) <= side)
    return ratio, tier


def film_size(text: str, param: str) -> tuple[str | None, str | None]:
    """Aspect ratio and resolution for `1280x720`, `1080p` or `auto`; None for what it leaves open."""
    if text.lower() == "auto":
        return None, None
    if _RESOLUTION.fullmatch(text):
        return None, text.lower()
    pixels = _PIXELS.fullmatch(text.lower())
    size = "x".join(pixels.groups()) if pixels else ""
    if size not in _FILM_SIZES:
        wrong_value(param, f"one of {', '.join(_FILM_SIZES)}", text)
    return _FILM_SIZES[size]


def film_pixels(aspect_ratio: str | None, resolution: str | None) -> str:
    """The size in pixels of a film that is not there yet, as well as the request tells."""
    long_side = _LONG_SIDES.get(resolution or "", 1280)
    match = _RATIO.fullmatch(aspect_ratio or "")
    wide, high = (int(part) for part in match.groups()) if match else (16, 9)
    if not wide or not high:
        wide, high = 16, 9
    if wide < high:
        return f"{_even(long_side * wide / high)}x{long_side}"
    return f"{long_side}x{_even(long_side * high / wide)}"


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)


def _quotient(ratio: str) -> float:
    wide, high = ratio.split(":")
    return int(wide) / int(high)
