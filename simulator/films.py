"""Films encoded with PyAV: H.264 with a quiet AAC tone, a static scene under a few small moving parts."""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageOps

from simulator.palette import palette_of, seeded
from simulator.posters import MARK, backdrop, caption, card, opened, panel, unit_of
from simulator.scene import Planes, Scene, counter_box
from simulator.sound import FRAME_SAMPLES, RATE, tone_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FPS = 24
# Written into every film, so that an extension can tell a film made here from any other.
SIGNATURE = "Filmgate simulator"
# A constant quantiser spares x264 its rate control; one thread leaves the other cores to whom they belong.
_X264 = {"preset": "ultrafast", "qp": "27", "threads": "1", "g": "96"}
_SOUND_BITS = 64_000


@dataclass(frozen=True)
class FilmSpec:
    """Everything a film depends on: the same spec always gives the same film.

    `seconds` is the length of the new part; with `extends` (the bytes of an MP4) the film begins with that
    one.
    """

    prompt: str
    model: str
    width: int
    height: int
    seconds: int
    facts: str
    audio: bool = True
    index: int = 0
    first: bytes | None = None
    last: bytes | None = None
    references: tuple[bytes, ...] = ()
    extends: bytes | None = None


@dataclass(frozen=True)
class FilmFacts:
    """What a probe of an MP4 finds; `seconds` is its length, `ours` whether it was made here."""

    width: int
    height: int
    fps: float
    seconds: float
    codec: str
    ours: bool


def probe(data: bytes) -> FilmFacts | None:
    """The facts of a film, or None when the bytes are no film that can be read."""
    import av

    try:
        with av.open(io.BytesIO(data)) as container:
            stream = container.streams.video[0]
            rate = float(stream.average_rate or 0)
            length = (
                float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
            )
            ours = container.metadata.get("comment") == SIGNATURE
            return FilmFacts(stream.width, stream.height, rate, length, stream.codec_context.name, ours)
    except (av.FFmpegError, IndexError, ValueError):
        return None


class Abandoned(Exception):
    """Raised instead of the rest of a film that nobody waits for any more."""


def encode_film(spec: FilmSpec, abandoned: Callable[[], bool] = bool) -> bytes:
    """The film as MP4 bytes: H.264 yuv420p at 24 frames a second, index first so that a browser plays at
    once.

    `abandoned` is asked before each frame; once it says yes, Abandoned is raised.
    """
    import av

    with tempfile.TemporaryDirectory(prefix="simulated-film-") as folder:
        path = Path(folder) / "film.mp4"
        with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
            container.metadata["comment"] = SIGNATURE
            container.metadata["title"] = spec.prompt[:200]
            _write(container, spec, abandoned)
        return path.read_bytes()


def _write(container: Any, spec: FilmSpec, abandoned: Callable[[], bool]) -> None:
    picture = container.add_stream("libx264", rate=FPS, options=_X264)
    picture.width, picture.height, picture.pix_fmt = spec.width, spec.height, "yuv420p"
    # BT.709, limited range: what players assume of high definition.
    context = picture.codec_context
    context.colorspace, context.color_primaries, context.color_trc, context.color_range = 1, 1, 1, 1
    sound = container.add_stream("aac", rate=RATE, layout="stereo") if spec.audio else None
    if sound:
        sound.bit_rate = _SOUND_BITS
    tone = tone_frames(palette_of(seeded(spec.prompt, spec.index, spec.model)).tone) if sound else None
    samples = 0
    for frames, frame in enumerate(_frames(spec), 1):
        if abandoned():
            raise Abandoned
        frame.pts, frame.time_base = frames - 1, Fraction(1, FPS)
        container.mux(picture.encode(frame))
        while sound and tone and samples + FRAME_SAMPLES <= frames * RATE // FPS:
            container.mux(sound.encode(tone(samples)))
            samples += FRAME_SAMPLES
    container.mux(picture.encode(None))
    if sound:
        container.mux(sound.encode(None))


def _frames(spec: FilmSpec) -> Iterator[Any]:
    closing: Image.Image | None = None
    if spec.extends:
        import av

        frame = None
        with av.open(io.BytesIO(spec.extends), "r") as source:
            for frame in source.decode(video=0):
                yield frame.reformat(spec.width, spec.height, "yuv420p")
            if frame is not None:
                closing = frame.to_image()  # type: ignore[no-untyped-call]
    yield from _scene(spec, closing).frames(spec.seconds * FPS)


def _scene(spec: FilmSpec, closing: Image.Image | None) -> Scene:
    size = (spec.width, spec.height)
    dice = seeded(spec.prompt, spec.index, spec.model)
    palette = palette_of(dice)
    start = opened(spec.first) if spec.first else closing
    end = opened(spec.last) if spec.last else None
    plain = backdrop(size, palette, dice) if start is None else ImageOps.fit(start, size)
    stills = [plain] if end is None else [plain, ImageOps.fit(end, size)]
    for still in stills:
        _letter(still, spec, pictured=bool(start))
    return Scene([Planes.of(still) for still in stills], palette, dice)


def _letter(image: Image.Image, spec: FilmSpec, *, pictured: bool) -> None:
    unit = unit_of(image.size)
    strip = 0
    if spec.references:
        strip = round(unit * 20)
        side, gap = round(unit * 17), round(unit * 2)
        for number, data in enumerate(spec.references):
            tile = ImageOps.expand(ImageOps.fit(opened(data), (side, side)), max(1, round(unit / 3)), "white")
            image.paste(
                tile, (round(unit * 5) + number * (side + gap), image.height - strip - round(unit * 9))
            )
    # A given first frame stays in sight: the prompt takes less room on it.
    card(image, spec.prompt, bottom=image.height - strip - round(unit * 11), tall=0.24 if pictured else 0.45)
    caption(image, MARK, f"{spec.model}   {spec.facts}")
    panel(image, counter_box(image.size), round(unit * 2.5), (8, 10, 18), 150)
