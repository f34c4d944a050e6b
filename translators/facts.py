"""What is known of a model and of the way to it, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from translators.canonical import Modality


class Lifecycle(StrEnum):
    """Whether the provider still serves a model."""

    ACTIVE = "active"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A list price in US dollars `per` "second" of film or per "image", by resolution or image size.

    `silent_usd` holds the price without sound where the provider has one.
    """

    per: str
    usd: Mapping[str, float]
    silent_usd: Mapping[str, float] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """One model on one platform. An empty tuple of values means: not limited, or not known.

    `durations` are in seconds, `resolutions` and `image_sizes` in the provider's spelling; `max_count` is how
    many results one call may ask for; `max_inputs` how many pictures it takes; `parameters` are the optional
    fields of MediaRequest that this model takes on this platform beside those with a list of values here.
    `always_on` are the switches that the model cannot turn off. `audio` is `always`, `optional` or `none`,
    and empty where it is not known. `locations` are those that serve it. `source` tells where the lifecycle
    is from and `limits_source` where the limits are; `lifecycle_date` is the day it ended or was said to end.
    """

    id: str
    wire: str
    modality: Modality
    platform: str
    lifecycle: Lifecycle = Lifecycle.ACTIVE
    lifecycle_date: str = ""
    replacement: str = ""
    source: str = ""
    limits_source: str = ""
    aspect_ratios: tuple[str, ...] = ()
    image_sizes: tuple[str, ...] = ()
    durations: tuple[int, ...] = ()
    resolutions: tuple[str, ...] = ()
    resolution_durations: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    input_types: tuple[str, ...] = ()
    max_inputs: int = 0
    max_count: int = 1
    last_frame: bool = False
    last_frame_needs_first: bool = False
    audio: str = ""
    frame_rates: tuple[int, ...] = ()
    parameters: frozenset[str] = frozenset()
    always_on: frozenset[str] = frozenset()
    locations: tuple[str, ...] = ()
    price: Price | None = None
    typical_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A model and the way to it: what an upstream's `start` needs beside the request.

    `project` and `location` are empty on platforms without them; `api_version` is the path's first part.
    """

    model: ModelFacts
    api_version: str
    project: str = ""
    location: str = ""

    @property
    def platform(self) -> str:
        """Where the model is served: `gemini`, `vertex` …"""
        return self.model.platform
