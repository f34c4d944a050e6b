from PIL import Image, ImageStat

from simulator.palette import palette_of, seeded
from simulator.scene import Planes, Scene, counter_box

SIZE = (360, 200)


def planes(colour: str) -> Planes:
    return Planes.of(Image.new("RGB", SIZE, colour))


def luma(shown: Planes) -> float:
    return ImageStat.Stat(shown.layers[0].crop((0, 0, *SIZE))).mean[0]


def test_planes_are_limited_range() -> None:
    assert [round(luma(planes(colour))) for colour in ("black", "white")] == [16, 235]


def test_blending_and_restoring() -> None:
    black, white = planes("black"), planes("white")
    assert abs(luma(black.blended(white, 0.5)) - 125) < 2
    copy = black.copy()
    copy.fill((0, 0, *SIZE), (235, 128, 128))
    assert luma(copy) > 230
    copy.restore(black, (0, 0, *SIZE))
    assert luma(copy) == luma(black)


def test_frames_move_and_fade() -> None:
    dice = seeded("x")
    scene = Scene([planes("black"), planes("white")], palette_of(dice), dice)
    frames = [frame.to_image() for frame in scene.frames(12)]
    assert len(frames) == 12
    assert all(frame.size == SIZE for frame in frames)
    light = [ImageStat.Stat(frame).mean[0] for frame in frames]
    assert light[0] < 60
    assert light[-1] > 180
    assert frames[0].tobytes() != frames[1].tobytes()


def test_the_counter_stands_inside_on_even_pixels() -> None:
    for size in ((1280, 720), (720, 1280), SIZE):
        left, top, right, bottom = counter_box(size)
        assert 0 <= left < right <= size[0]
        assert 0 <= top < bottom <= size[1]
        assert not any(edge % 2 for edge in (left, top, right, bottom))
