"""Pictures drawn with Pillow: a seeded poster with the prompt, the facts of the request and a «simulated»
mark."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from simulator.lettering import fitted, font_for
from simulator.palette import Colour, Palette, palette_of, seeded

if TYPE_CHECKING:
    import random

MARK = "SIMULATED"
# The backdrop is soft, so it is drawn small and enlarged.
_DRAFT = 320
# Panels of fewer pixels get smooth corners; on larger ones nobody sees them.
_SMALL = 400_000


@dataclass(frozen=True)
class PictureSpec:
    """Everything a picture depends on: the same spec always gives the same bytes."""

    prompt: str
    model: str
    width: int
    height: int
    facts: str
    mime: str = "image/png"
    quality: int = 88
    index: int = 0
    draft: bool = False
    inputs: tuple[bytes, ...] = ()


def encode_picture(spec: PictureSpec) -> bytes:
    """The picture as PNG, JPEG or WebP bytes of exactly `width`×`height` pixels."""
    image = draw_picture(spec)
    out = io.BytesIO()
    if spec.mime == "image/png":
        image.save(out, "PNG", compress_level=3)
    elif spec.mime == "image/webp":
        image.save(out, "WEBP", quality=spec.quality)
    else:
        image.save(out, "JPEG", quality=spec.quality)
    return out.getvalue()


def draw_picture(spec: PictureSpec) -> Image.Image:
    """The poster as an RGB image; a draft (an interim thought) is blurred and says so."""
    dice = seeded(spec.prompt, spec.index, spec.model)
    palette = palette_of(dice)
    image = backdrop((spec.width, spec.height), palette, dice)
    if spec.draft:
        image = image.filter(ImageFilter.GaussianBlur(min(image.size) / 60))
    unit = unit_of(image.size)
    strip = _thumbnails(image, spec.inputs, unit) if spec.inputs else 0
    card(image, spec.prompt, bottom=image.height - strip - round(unit * 7))
    mark = MARK + (" · interim draft" if spec.draft else "")
    caption(image, mark, f"{spec.model}   {spec.facts}")
    return image


def unit_of(size: tuple[int, int]) -> float:
    """A hundredth of the side that limits the layout, in pixels; all lettering is measured in it."""
    width, height = size
    return min(width, height * 1.6, (width + height) / 2) / 100


def backdrop(size: tuple[int, int], palette: Palette, dice: random.Random) -> Image.Image:
    """A gradient with soft lights and a fine pattern, as an RGB image."""
    scale = _DRAFT / max(size)
    small = (max(2, round(size[0] * scale)), max(2, round(size[1] * scale)))
    slope = (
        Image.linear_gradient("L").rotate(palette.angle, Image.Resampling.BICUBIC).crop((38, 38, 218, 218))
    )
    draft = Image.composite(
        Image.new("RGB", small, palette.bright), Image.new("RGB", small, palette.deep), slope.resize(small)
    )
    lights = ImageDraw.Draw(draft)
    for number in range(6):
        radius = dice.uniform(0.08, 0.24) * max(small)
        x, y = dice.uniform(0, small[0]), dice.uniform(0, small[1])
        colour = palette.accents[number % len(palette.accents)]
        lights.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    draft = draft.filter(ImageFilter.GaussianBlur(_DRAFT / 13))
    image = draft.resize(size, Image.Resampling.BICUBIC)
    _engrave(image, palette.pattern, dice)
    return image


def _engrave(image: Image.Image, pattern: str, dice: random.Random) -> None:
    width, height = image.size
    unit = unit_of(image.size)
    ink = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(ink)
    stroke = max(1, round(unit / 5))
    x, y = dice.uniform(0.55, 0.95) * width, dice.uniform(0.05, 0.45) * height
    if pattern == "rings":
        for step in range(1, 12):
            radius = step * unit * 7
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=48, width=stroke)
    elif pattern == "rays":
        reach = width + height
        for step in range(48):
            angle = step * math.tau / 48
            pen.line((x, y, x + reach * math.cos(angle), y + reach * math.sin(angle)), fill=36, width=stroke)
    elif pattern == "dots":
        pitch = max(6, round(unit * 5))
        for row in range(height // pitch + 1):
            for column in range(width // pitch + 1):
                cx, cy = column * pitch + (row % 2) * pitch // 2, row * pitch
                pen.ellipse((cx - stroke, cy - stroke, cx + stroke, cy + stroke), fill=64)
    else:
        pitch = max(12, round(unit * 9))
        for start in range(-height, width, pitch):
            pen.line((start, height, start + height, 0), fill=26, width=pitch // 2)
    image.paste((255, 255, 255), mask=ink)


def panel(
    image: Image.Image, box: tuple[int, int, int, int], radius: int, shade: Colour, strength: int
) -> None:
    """A rounded rectangle laid over the picture; `strength` 0 leaves the picture, 255 hides it."""
    width, height = box[2] - box[0], box[3] - box[1]
    if width < 2 or height < 2:
        return
    fine = 3 if width * height < _SMALL else 1
    mask = Image.new("L", (width * fine, height * fine), 0)
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, width * fine - 1, height * fine - 1), radius * fine, fill=strength
    )
    if fine > 1:
        mask = mask.resize((width, height), Image.Resampling.BOX)
    image.paste(shade, (box[0], box[1]), mask)


def card(image: Image.Image, prompt: str, *, bottom: int, tall: float = 0.5) -> None:
    """The prompt in large letters on a dark card that ends at `bottom`, at most `tall` of the height."""
    unit = unit_of(image.size)
    margin, padding = round(unit * 5), round(unit * 4)
    draw = ImageDraw.Draw(image)
    width = image.width - 2 * (margin + padding)
    room = round(image.height * tall) - 2 * padding
    largest, smallest = max(11, round(unit * 8)), max(9, round(unit * 2.6))
    step = max(1, round(unit * 0.6))
    sizes = range(largest, smallest - 1, -step)
    font, lines, pitch = fitted(draw, prompt or "(no prompt)", (width, room), sizes)
    height = len(lines) * pitch + 2 * padding
    top = bottom - height
    panel(image, (margin, top, image.width - margin, bottom), round(unit * 2.5), (8, 10, 18), 150)
    for number, line in enumerate(lines):
        draw.text((margin + padding, top + padding + number * pitch), line, fill=(250, 250, 252), font=font)


def caption(image: Image.Image, mark: str, facts: str) -> None:
    """The mark in a pill at the top left, the facts in one line at the foot."""
    unit = unit_of(image.size)
    draw = ImageDraw.Draw(image)
    margin = round(unit * 5)
    size = max(10, round(unit * 3))
    font = font_for(mark, size)
    wide = round(draw.textlength(mark, font=font))
    panel(image, (margin, margin, margin + wide + size * 2, margin + size * 2), size, (255, 214, 74), 255)
    draw.text((margin + size, margin + size), mark, fill=(30, 24, 0), font=font, anchor="lm",
              stroke_width=max(1, size // 30), stroke_fill=(30, 24, 0))  # fmt: skip
    small, room = max(9, round(unit * 2.2)), image.width - 2 * margin
    while small > 7 and draw.textlength(facts, font=font_for(facts, small)) > room:
        small -= 1
    place = (margin + round(unit), image.height - round(unit * 3.5))
    draw.text(place, facts, fill=(255, 255, 255), font=font_for(facts, small), anchor="lm",
              stroke_width=max(1, small // 12), stroke_fill=(20, 20, 28))  # fmt: skip


def _thumbnails(image: Image.Image, inputs: tuple[bytes, ...], unit: float) -> int:
    """The input pictures in a row along the bottom, in their order; returns the height taken, in pixels."""
    gap, margin = max(2, round(unit * 1.5)), round(unit * 5)
    room = image.width - 2 * margin - gap * (len(inputs) - 1)
    side = max(8, min(round(unit * 22), room // len(inputs), image.height // 4))
    top = image.height - side - round(unit * 7)
    for number, data in enumerate(inputs):
        tile = ImageOps.fit(opened(data), (side, side))
        left = margin + number * (side + gap)
        frame = max(1, round(unit / 3))
        image.paste((255, 255, 255), (left - frame, top - frame, left + side + frame, top + side + frame))
        image.paste(tile, (left, top))
    return side + round(unit * 3)


def opened(data: bytes) -> Image.Image:
    """An input picture as RGB, turned as its EXIF data say; what Pillow cannot read becomes a hatched
    tile."""
    try:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
            layer = image.convert("RGBA")
            flat = Image.new("RGB", layer.size, (255, 255, 255))
            flat.paste(layer, mask=layer.getchannel("A"))
            return flat
        return image.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        tile = Image.new("RGB", (240, 240), (70, 74, 88))
        pen = ImageDraw.Draw(tile)
        for start in range(-240, 240, 24):
            pen.line((start, 240, start + 240, 0), fill=(104, 110, 128), width=6)
        return tile
