import io

import pytest
from PIL import Image, ImageChops, ImageStat

from simulator.posters import PictureSpec, draw_picture, encode_picture, opened, unit_of
from tests.simulator.wire import picture


def spec(prompt: str = "A cat", **changes: object) -> PictureSpec:
    values = {"prompt": prompt, "model": "m", "width": 640, "height": 360, "facts": "16:9", **changes}
    return PictureSpec(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mime", "form"), [("image/png", "PNG"), ("image/jpeg", "JPEG"), ("image/webp", "WEBP")]
)
@pytest.mark.parametrize("size", [(1024, 1024), (384, 3072), (3072, 384)])
def test_pictures_are_real(mime: str, form: str, size: tuple[int, int]) -> None:
    image = Image.open(io.BytesIO(encode_picture(spec(mime=mime, width=size[0], height=size[1]))))
    image.load()
    assert (image.format, image.size) == (form, size)


def test_the_same_spec_gives_the_same_bytes() -> None:
    assert encode_picture(spec()) == encode_picture(spec())


def test_prompts_and_numbers_change_the_pixels() -> None:
    one = draw_picture(spec())
    for other in (spec("A dog"), spec(index=1), spec(draft=True)):
        assert max(ImageStat.Stat(ImageChops.difference(one, draw_picture(other))).mean) > 1


@pytest.mark.parametrize("prompt", ["", "x" * 3000, "日本の猫 😀", "a\nb\tc", "قطة"])
def test_any_prompt_can_be_drawn(prompt: str) -> None:
    assert draw_picture(spec(prompt, width=96, height=64)).size == (96, 64)


def test_many_inputs_fit() -> None:
    inputs = tuple(picture(colour) for colour in ("red", "lime", "blue") * 4)
    image = draw_picture(spec(inputs=inputs, width=1024, height=1024))
    colours = {colour for _, colour in image.getcolors(1_000_000) or []}
    assert {(255, 0, 0), (0, 255, 0), (0, 0, 255)} <= colours


def test_inputs_of_any_kind_are_opened() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(out, "PNG")
    assert opened(out.getvalue()).getpixel((4, 4)) == (255, 255, 255)
    assert opened(b"not a picture").mode == "RGB"


def test_the_unit_follows_the_short_side() -> None:
    assert unit_of((1280, 720)) == 10.0
    assert unit_of((384, 3072)) == 3.84
    assert round(unit_of((3072, 384)), 2) == 6.14
