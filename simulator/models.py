"""The models the simulator serves, as tables: Google's published ids, ratios, sizes and limits of late
2026."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

GEMINI = "gemini"
VERTEX = "vertex"
BOTH = frozenset({GEMINI, VERTEX})

BASE_RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
WIDE_RATIOS = (*BASE_RATIOS, "1:4", "4:1", "1:8", "8:1")

# Width and height at 1K; 2K doubles and 4K quadruples them, 512 halves them.
PIXELS_3 = {
    "1:1": (1024, 1024), "2:3": (848, 1264), "3:2": (1264, 848), "3:4": (896, 1200), "4:3": (1200, 896),
    "4:5": (928, 1152), "5:4": (1152, 928), "9:16": (768, 1376), "16:9": (1376, 768), "21:9": (1584, 672),
    "1:4": (512, 2048), "4:1": (2048, 512), "1:8": (384, 3072), "8:1": (3072, 384),
}  # fmt: skip
PIXELS_25 = {
    "1:1": (1024, 1024), "2:3": (832, 1248), "3:2": (1248, 832), "3:4": (864, 1184), "4:3": (1184, 864),
    "4:5": (896, 1152), "5:4": (1152, 896), "9:16": (768, 1344), "16:9": (1344, 768), "21:9": (1536, 672),
}  # fmt: skip
SIZE_FACTORS = {"512": Fraction(1, 2), "1K": Fraction(1), "2K": Fraction(2), "4K": Fraction(4)}
IMAGE_TOKENS = {"512": 747, "1K": 1120, "2K": 1680, "4K": 2520}


@dataclass(frozen=True)
class TextModel:
    """A model that answers in words."""

    id: str
    thinks: bool = True
    platforms: frozenset[str] = BOTH


@dataclass(frozen=True)
class ImageModel:
    """A model that answers with pictures; `sizes` empty means the size field itself is refused."""

    id: str
    ratios: tuple[str, ...]
    sizes: tuple[str, ...]
    inputs: int = 14
    mime: str = "image/jpeg"
    thinks: bool = True
    signs: bool = True
    pixels: str = "3"
    platforms: frozenset[str] = BOTH

    def dimensions(self, ratio: str, size: str) -> tuple[int, int]:
        """Width and height in pixels of a picture of that ratio (`16:9`) and size (`1K`)."""
        width, height = (PIXELS_25 if self.pixels == "2.5" else PIXELS_3)[ratio]
        factor = SIZE_FACTORS[size]
        return int(width * factor), int(height * factor)


@dataclass(frozen=True)
class VideoModel:
    """A model that answers with films through a long-running operation."""

    id: str
    platforms: frozenset[str]
    resolutions: tuple[str, ...] = ("720p", "1080p", "4k")
    durations: tuple[int, ...] = (4, 6, 8)
    references: int = 3
    styles: bool = False
    extends: bool = True
    masks: bool = False
    audio: bool = True
    legacy: bool = False


Model = TextModel | ImageModel | VideoModel

TEXT_MODELS = tuple(
    TextModel(name)
    for name in (
        "gemini-3.8-flash", "gemini-3.7-flash", "gemini-3.6-flash", "gemini-3.5-flash",
        "gemini-3.5-flash-lite", "gemini-3.1-pro-preview", "gemini-2.5-pro", "gemini-2.5-flash",
        "gemini-2.5-flash-lite",
    )
)  # fmt: skip
IMAGE_MODELS = (
    ImageModel("gemini-nano-banana-2.1", WIDE_RATIOS, ("1K", "2K", "4K")),
    ImageModel("gemini-3.1-flash-image", WIDE_RATIOS, ("512", "1K", "2K", "4K")),
    ImageModel("gemini-3.1-flash-lite-image", BASE_RATIOS, ("1K",), thinks=False),
    ImageModel("gemini-3-pro-image", BASE_RATIOS, ("1K", "2K", "4K")),
    ImageModel(
        "gemini-2.5-flash-image", BASE_RATIOS, (), 3, "image/png", thinks=False, signs=False, pixels="2.5"
    ),
)
VIDEO_MODELS = (
    VideoModel("veo-3.1-generate-001", frozenset({VERTEX})),
    VideoModel("veo-3.1-fast-generate-001", frozenset({VERTEX})),
    VideoModel("veo-3.1-lite-generate-001", frozenset({VERTEX}), ("720p", "1080p"), references=0,
               extends=False),
    # Shut down by Google on 2026-10-22; served here so that the Gemini API's film wire stays testable.
    VideoModel("veo-3.1-generate-preview", frozenset({GEMINI}), legacy=True),
    VideoModel("veo-3.1-fast-generate-preview", frozenset({GEMINI}), legacy=True),
    VideoModel("veo-3.1-lite-generate-preview", frozenset({GEMINI}), ("720p", "1080p"), references=0,
               extends=False, legacy=True),
    # The only ids that take masks and style references; whether Google still serves them is not known.
    VideoModel("veo-2.0-generate-exp", frozenset({VERTEX}), ("720p",), (5, 6, 7, 8), styles=True,
               masks=True, audio=False, legacy=True),
    VideoModel("veo-2.0-generate-preview", frozenset({VERTEX}), ("720p",), (5, 6, 7, 8), styles=True,
               masks=True, audio=False, legacy=True),
)  # fmt: skip
_ALL: tuple[Model, ...] = (*IMAGE_MODELS, *VIDEO_MODELS, *TEXT_MODELS)
MODELS: dict[str, Model] = {model.id: model for model in _ALL}

RETIRED = frozenset({
    "gemini-3-pro-image-preview", "gemini-3.1-flash-image-preview", "gemini-2.5-flash-image-preview",
    "gemini-2.0-flash-preview-image-generation", "gemini-2.0-flash-exp", "gemini-2.0-flash",
    "veo-2.0-generate-001", "veo-3.0-generate-001", "veo-3.0-fast-generate-001", "veo-3.0-generate-preview",
    "veo-3.0-fast-generate-preview", "imagen-4.0-generate-001", "imagen-4.0-fast-generate-001",
    "imagen-4.0-ultra-generate-001", "imagen-3.0-generate-002", "gemini-omni-flash-preview",
})  # fmt: skip
RETIRED_ON_VERTEX = frozenset({
    "veo-3.1-generate-preview", "veo-3.1-fast-generate-preview", "veo-3.1-lite-generate-preview",
})  # fmt: skip
INTERACTIONS_ONLY = frozenset({"gemini-omni-1.1-flash", "gemini-omni-1.2-flash"})

FRAMES = {
    ("720p", "16:9"): (1280, 720), ("1080p", "16:9"): (1920, 1080), ("4k", "16:9"): (3840, 2160),
    ("720p", "9:16"): (720, 1280), ("1080p", "9:16"): (1080, 1920), ("4k", "9:16"): (2160, 3840),
}  # fmt: skip


def methods_of(model: Model) -> list[str]:
    """The `supportedGenerationMethods` Google lists for a model of this kind."""
    if isinstance(model, VideoModel):
        return ["predictLongRunning"]
    return ["generateContent", "countTokens", "batchGenerateContent"]


def served_on(platform: str) -> list[Model]:
    """The models listed on one platform (`gemini` or `vertex`), in the order of the tables."""
    return [model for model in MODELS.values() if platform in model.platforms]


def nearest_ratio(width: int, height: int, ratios: tuple[str, ...]) -> str:
    """The ratio of `ratios` nearest to a picture's own shape, by the larger quotient."""
    shape = width / height

    def distance(ratio: str) -> float:
        across, down = (int(part) for part in ratio.split(":"))
        quotient = shape / (across / down)
        return max(quotient, 1 / quotient)

    return min(ratios, key=distance)
