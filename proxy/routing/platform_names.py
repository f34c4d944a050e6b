"""How platforms are called in sentences, and what must be set to use each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from translators.facts import Lifecycle, ModelFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformName:
    """`name` is for sentences, `environment` the variables that suffice, `keys` what the config needs."""

    name: str
    environment: str = ""
    keys: str


PLATFORM_NAMES: Mapping[str, PlatformName] = {
    "gemini": PlatformName(
        name="the Gemini API",
        environment="GEMINI_API_KEY (or GOOGLE_API_KEY)",
        keys="platform: gemini and credentials: [{api_key: …}]",
    ),
    "vertex": PlatformName(
        name="Vertex AI",
        environment="GOOGLE_APPLICATION_CREDENTIALS and GOOGLE_CLOUD_PROJECT (and GOOGLE_CLOUD_LOCATION)",
        keys="platform: vertex, project and credentials: [{service_account: FILE}] or [{adc: true}]",
    ),
    "code-assist": PlatformName(
        name="Code Assist", keys="platform: code-assist and credentials: [{oauth_file: FILE}]"
    ),
    "openai": PlatformName(
        name="an OpenAI-style server",
        environment="OPENAI_API_KEY",
        keys="platform: openai, base_url and credentials: [{api_key: …}]",
    ),
    "gemini-web": PlatformName(name="the Gemini web session", keys="platform: gemini-web"),
    "sora-web": PlatformName(name="the Sora web session", keys="platform: sora-web"),
    "simulator": PlatformName(name="the simulator", keys="platform: simulator"),
}


def joined(names: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    *first, end = [*names] or [""]
    return f"{', '.join(first)} {last} {end}" if first else end


def called(platforms: Iterable[str], last: str = "and") -> str:
    """The platforms as a sentence has them."""
    return joined((PLATFORM_NAMES[platform].name for platform in platforms), last)


def retired_when(by_platform: Mapping[str, ModelFacts]) -> str:
    """Where and when the model was retired, without a full stop; empty where it is still served."""
    if not by_platform or any(facts.lifecycle is not Lifecycle.RETIRED for facts in by_platform.values()):
        return ""
    dates = dict.fromkeys(facts.lifecycle_date for facts in by_platform.values() if facts.lifecycle_date)
    model = next(iter(by_platform.values())).id
    when = f" on {joined(dates)}" if dates else ""
    return f"{model} was retired on {called(by_platform)}{when}"
