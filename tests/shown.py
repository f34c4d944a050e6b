"""What a picture or film really is, by libraries that know nothing of Filmgate."""

import base64
import io
from dataclasses import dataclass

import av
from PIL import Image


@dataclass(frozen=True)
class Film:
    """The facts of an MP4's first video stream."""

    width: int
    height: int
    seconds: float
    codec: str
    pixels: str


def film(data: bytes) -> Film:
    """A film, every frame of which was decoded."""
    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.video[0]
        frames = sum(1 for _ in container.decode(stream))
        assert stream.average_rate
        context = stream.codec_context
        return Film(
            width=context.width,
            height=context.height,
            seconds=frames / float(stream.average_rate),
            codec=context.name,
            pixels=str(context.pix_fmt),
        )


def picture(data: bytes) -> Image.Image:
    """A picture, all of it decoded."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def data_of(uri: str, mime_type: str) -> bytes:
    """The bytes of a data URI, which must be of this type."""
    head, _, text = uri.partition(",")
    assert head == f"data:{mime_type};base64", head
    return base64.b64decode(text, validate=True)


def drawn(size: tuple[int, int] = (64, 48), colour: str = "red", form: str = "PNG") -> bytes:
    """A small picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form)
    return out.getvalue()


def data_uri(data: bytes, mime_type: str = "image/png") -> str:
    """The bytes as a data URI."""
    return f"data:{mime_type};base64,{base64.b64encode(data).decode()}"
