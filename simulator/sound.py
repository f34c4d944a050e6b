"""A quiet chord for the sound track of a film."""

from __future__ import annotations

import math
from array import array
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

RATE = 48_000
FRAME_SAMPLES = 1024
_LOUDNESS = 0.04


def tone_frames(frequency: int) -> Callable[[int], Any]:
    """A function that gives the stereo audio frame which begins at a sample number; the chord stands on
    `frequency` Hz."""
    import av

    second = _second(frequency)

    def frame(start: int) -> Any:
        offset = start % RATE * 4
        chunk = second[offset : offset + FRAME_SAMPLES * 4]
        sound = av.AudioFrame(format="fltp", layout="stereo", samples=FRAME_SAMPLES)
        for plane in sound.planes:
            plane.update(chunk)
        sound.sample_rate, sound.pts, sound.time_base = RATE, start, Fraction(1, RATE)
        return sound

    return frame


@lru_cache(maxsize=16)
def _second(frequency: int) -> bytes:
    """One second of the chord and one frame more, as 32-bit floats: whole frequencies repeat every second."""
    turn = math.tau * frequency / RATE
    samples = (
        _LOUDNESS * (math.sin(turn * number) + 0.5 * math.sin(1.5 * turn * number) * (frequency % 2 == 0))
        for number in range(RATE + FRAME_SAMPLES)
    )
    return array("f", samples).tobytes()
