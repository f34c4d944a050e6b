"""What a waiting client may be told while a job goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from translators.canonical import Asset, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The job exists and has its id. Always the first event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Still at work. `message` says what is happening, for people.

    The numbers to show with it stand in the job's own view, so that all who wait see the same ones.
    """

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelta:
    """Some more of the model's words; `thought` marks its reasoning."""

    text: str
    thought: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetReady:
    """A picture or film is there, the `index`-th of the job."""

    asset: Asset
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageKnown:
    """The provider's count so far; a later one replaces it."""

    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The job has ended, well or not; its view says how. Always the last event."""


Event: TypeAlias = Accepted | Progress | TextDelta | AssetReady | UsageKnown | Finished
