import array

import pytest

from simulator.sound import FRAME_SAMPLES, RATE, tone_frames


def samples(frame: object) -> list[float]:
    plane = frame.planes[0]  # type: ignore[attr-defined]
    return list(array.array("f", bytes(plane)))[:FRAME_SAMPLES]


def test_frames_are_quiet_stereo() -> None:
    frame = tone_frames(220)(0)
    assert (frame.sample_rate, frame.samples, frame.layout.name) == (RATE, FRAME_SAMPLES, "stereo")
    loudest = max(abs(value) for value in samples(frame))
    assert 0.01 < loudest < 0.1


def test_the_tone_goes_on_across_seconds() -> None:
    tone = tone_frames(262)
    early, late = samples(tone(RATE - 512)), samples(tone(2 * RATE - 512))
    assert early == late
    assert early[512:] == pytest.approx(samples(tone(0))[:512], abs=1e-6)
