"""A moving scene over still planes: orbiting lights, a progress bar and a frame counter, drawn where they
change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageFilter

from simulator.lettering import font_for
from simulator.posters import unit_of

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from simulator.palette import Colour, Palette

Box = tuple[int, int, int, int]

_BT709 = 1
_LIMITED = 1
_LIGHT = 235


@dataclass
class Planes:
    """The Y, U and V planes of one frame as grey images; each is as wide as the encoder's lines are long."""

    layers: tuple[Image.Image, Image.Image, Image.Image]
    width: int
    height: int

    @classmethod
    def of(cls, image: Image.Image) -> Planes:
        """The planes of an RGB image, in limited-range BT.709."""
        import av

        picture = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
        frame = picture.reformat(format="yuv420p", dst_colorspace=_BT709, dst_color_range=_LIMITED)
        layers = [
            Image.frombytes("L", (plane.line_size, plane.buffer_size // plane.line_size), bytes(plane))
            for plane in frame.planes
        ]
        return cls((layers[0], layers[1], layers[2]), image.width, image.height)

    def copy(self) -> Planes:
        """Planes of their own with the same content."""
        first, second, third = (layer.copy() for layer in self.layers)
        return Planes((first, second, third), self.width, self.height)

    def blended(self, other: Planes, share: float) -> Planes:
        """A mix of two: 0 is this one, 1 the other."""
        mixed = [Image.blend(a, b, share) for a, b in zip(self.layers, other.layers, strict=True)]
        return Planes((mixed[0], mixed[1], mixed[2]), self.width, self.height)

    def restore(self, still: Planes, box: Box) -> None:
        """Bring one box (even pixels) back from a still."""
        for number, (layer, source) in enumerate(zip(self.layers, still.layers, strict=True)):
            part = box if number == 0 else _halved(box)
            layer.paste(source.crop(part), part[:2])

    def fill(self, box: Box, colour: tuple[int, int, int]) -> None:
        """Paint one box (even pixels) in a colour given as Y, U, V."""
        for number, layer in enumerate(self.layers):
            layer.paste(colour[number], box if number == 0 else _halved(box))

    def stamp(
        self, place: tuple[int, int], masks: tuple[Image.Image, Image.Image], colour: tuple[int, int, int]
    ) -> None:
        """Paint a colour through a mask (full and half size) at an even place."""
        half = (place[0] // 2, place[1] // 2)
        for number, layer in enumerate(self.layers):
            layer.paste(colour[number], place if number == 0 else half, masks[0] if number == 0 else masks[1])

    def frame(self) -> Any:
        """A new video frame with this content."""
        import av

        frame = av.VideoFrame(self.width, self.height, "yuv420p")
        for plane, layer in zip(frame.planes, self.layers, strict=True):
            plane.update(layer.tobytes())
        return frame


class Scene:
    """One still, or a fade between two, under moving parts that are redrawn where they were."""

    def __init__(self, stills: list[Planes], palette: Palette, dice: random.Random) -> None:
        self._stills = stills
        self._size = (stills[0].width, stills[0].height)
        self._unit = unit_of(self._size)
        self._lights = [self._light(colour, dice) for colour in palette.accents[1:3]]
        self._counter_font = font_for("", max(10, round(self._unit * 3)))

    def frames(self, count: int) -> Iterator[Any]:
        """`count` video frames; with two stills it rests on the first, fades, and rests on the second."""
        canvas = self._stills[0].copy()
        dirty: list[Box] = []
        still = self._stills[0]
        for number in range(count):
            share = _fade(number / max(1, count - 1)) if len(self._stills) > 1 else 0.0
            if share in {0.0, 1.0}:
                resting = self._stills[int(share)]
                if resting is not still:
                    still, canvas, dirty = resting, resting.copy(), []
            else:
                still = self._stills[0].blended(self._stills[1], share)
                canvas, dirty = still.copy(), []
            for box in dirty:
                canvas.restore(still, box)
            dirty = self._move(canvas, number, count)
            yield canvas.frame()

    def _move(self, canvas: Planes, number: int, count: int) -> list[Box]:
        boxes = [light.draw(canvas, number) for light in self._lights]
        boxes.append(self._counter(canvas, number, count))
        width, height = self._size
        foot = _even(self._unit * 7.5)
        left, right = _even(self._unit * 5), _even(width - self._unit * 5)
        bar = (left, height - foot, right, height - foot + max(4, _even(self._unit)))
        canvas.fill(bar, (70, 128, 128))
        reached = left + _even((right - left) * (number + 1) / count)
        canvas.fill((left, bar[1], max(left + 2, reached), bar[3]), (_LIGHT, 128, 128))
        return boxes

    def _counter(self, canvas: Planes, number: int, count: int) -> Box:
        box = counter_box(self._size)
        centre = ((box[0] + box[2]) // 2, (box[1] + box[3]) // 2)
        pen = ImageDraw.Draw(canvas.layers[0])
        words = f"{number + 1:03d}/{count}"
        pen.text(centre, words, fill=_LIGHT, font=self._counter_font, anchor="mm")
        return box

    def _light(self, colour: Colour, dice: random.Random) -> _Light:
        width, height = self._size
        side = _even(self._unit * dice.uniform(11, 17))
        full = Image.new("L", (side, side), 0)
        edge = max(1, side // 6)
        ImageDraw.Draw(full).ellipse((edge, edge, side - edge, side - edge), fill=235)
        full = full.filter(ImageFilter.GaussianBlur(edge / 3))
        return _Light(
            masks=(full, full.resize((side // 2, side // 2))),
            colour=_yuv(colour),
            side=side,
            centre=(dice.uniform(0.35, 0.65) * width, dice.uniform(0.24, 0.34) * height),
            reach=(dice.uniform(0.18, 0.30) * width, dice.uniform(0.08, 0.14) * height),
            period=dice.uniform(60, 130) * dice.choice((-1, 1)),
            limits=(width - side, height - side),
        )


@dataclass(frozen=True)
class _Light:
    """A soft disc on an elliptic path."""

    masks: tuple[Image.Image, Image.Image]
    colour: tuple[int, int, int]
    side: int
    centre: tuple[float, float]
    reach: tuple[float, float]
    period: float
    limits: tuple[int, int]

    def draw(self, canvas: Planes, number: int) -> Box:
        angle = math.tau * number / self.period
        x = self.centre[0] + self.reach[0] * math.cos(angle) - self.side / 2
        y = self.centre[1] + self.reach[1] * math.sin(angle) - self.side / 2
        left, top = _even(min(max(x, 0), self.limits[0])), _even(min(max(y, 0), self.limits[1]))
        canvas.stamp((left, top), self.masks, self.colour)
        return (left, top, left + self.side, top + self.side)


def counter_box(size: tuple[int, int]) -> Box:
    """Where the frame counter stands, at the top right: left, top, right and bottom in even pixels."""
    unit = unit_of(size)
    left, top = _even(size[0] - unit * 22), _even(unit * 5)
    return (left, top, left + _even(unit * 17), top + _even(unit * 6))


def _fade(moment: float) -> float:
    """How far the second still shows at a moment 0…1 of the film: rest, smooth fade, rest."""
    share = min(1.0, max(0.0, (moment - 0.15) / 0.7))
    return share * share * (3 - 2 * share)


def _even(value: float) -> int:
    return int(value) // 2 * 2


def _halved(box: Box) -> Box:
    return (box[0] // 2, box[1] // 2, box[2] // 2, box[3] // 2)


def _yuv(colour: Colour) -> tuple[int, int, int]:
    red, green, blue = (part / 255 for part in colour)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (
        round(16 + 219 * luma),
        round(128 + 224 * (blue - luma) / 1.8556),
        round(128 + 224 * (red - luma) / 1.5748),
    )
