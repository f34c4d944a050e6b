"""Why no route was found, in words that say what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from proxy.routing.catalogue import Catalogue
from proxy.routing.configured import ConfiguredUpstream
from proxy.routing.platform_names import PLATFORM_NAMES, called, joined, retired_when
from translators.canonical import Modality
from translators.errors import Fault, MediaError
from translators.facts import Lifecycle

_MOST_NAMED = 6
_MAKES = {Modality.IMAGE: "images", Modality.VIDEO: "videos"}


def not_served(
    catalogue: Catalogue, upstreams: Sequence[ConfiguredUpstream], trail: Sequence[str]
) -> MediaError:
    """No configured upstream serves the last name of `trail`, the asked id and what its aliases led to."""
    name = trail[-1]
    by_platform = catalogue.entries.get(name, {})
    if not by_platform:
        return _unknown(catalogue, trail)
    live = [platform for platform, facts in by_platform.items() if facts.lifecycle is not Lifecycle.RETIRED]
    if not live:
        return _retired(catalogue, trail)
    left_out = [upstream for upstream in upstreams if upstream.models is not None and _can(upstream, live)]
    if left_out:
        lists = joined((f"upstreams.{upstream.name}.models" for upstream in left_out), "or")
        message = f"No configured upstream serves {name}: {lists} does not list it."
        return _not_configured(message, [f"Add {name} to {lists}.", *_force_advice(catalogue, trail)])
    message = f"{_subject(trail)} is served on {called(live)}; no upstream of that platform is configured."
    return _not_configured(message, [_setup_advice(live), *_force_advice(catalogue, trail)])


def not_ready(
    catalogue: Catalogue, trail: Sequence[str], offering: Sequence[ConfiguredUpstream]
) -> MediaError:
    """The upstreams that serve the model all lack something that must be set first."""
    lacking = joined(f"upstreams.{upstream.name} has no {_LACKING[upstream.lacks]}" for upstream in offering)
    message = f"{_subject(trail)} cannot be asked for: {lacking}."
    advice = [_lacking_advice(upstream) for upstream in offering]
    return _not_configured(message, [*advice, *_force_advice(catalogue, trail)])


def wrong_modality(
    trail: Sequence[str], wanted: Modality, makes: Modality, models: tuple[Sequence[str], Sequence[str]]
) -> MediaError:
    """The model makes something else than was asked for; `models` are the right ones, ready and not."""
    ready, others = models
    ready, others = ready[:_MOST_NAMED], others[: max(0, _MOST_NAMED - len(ready))]
    advice = [f"For {_MAKES[wanted]} use {joined(ready, 'or')}."] if ready else []
    if others:
        advice.append(f"Known, but with no upstream configured for it: {', '.join(others)}.")
    return MediaError(
        fault=Fault.INVALID_REQUEST,
        message=f"{_subject(trail)} makes {_MAKES[makes]}, not {_MAKES[wanted]}.",
        advice=" ".join(advice),
        param="model",
        code="invalid_value",
    )


def no_wire(upstream: ConfiguredUpstream, model: str) -> MediaError:
    """The config says that the upstream serves the model, and nothing says how to ask for it."""
    return _not_found(
        f"upstreams.{upstream.name}.models lists {model}, but Filmgate does not know how to ask for it.",
        f"Describe it in models.catalogue.{model}: wire, modality and platforms.",
    )


def _unknown(catalogue: Catalogue, trail: Sequence[str]) -> MediaError:
    name = trail[-1]
    origin = f", to which {trail[0]} leads," if len(trail) > 1 else ""
    near = catalogue.nearest(name)
    advice = f"Nearest: {', '.join(near)}." if near else "GET /v1/models lists the models."
    return _not_found(f"No model{origin} is called {name}.", advice)


def _retired(catalogue: Catalogue, trail: Sequence[str]) -> MediaError:
    by_platform = catalogue.entries[trail[-1]]
    replacement = next((facts.replacement for facts in by_platform.values() if facts.replacement), "")
    origin = f"{trail[0]} stands for {trail[-1]}. " if len(trail) > 1 else ""
    advice = [f"Use {replacement} instead."] if replacement else []
    return _not_found(
        f"{origin}{retired_when(by_platform)}.", " ".join([*advice, *_force_advice(catalogue, trail)])
    )


def _not_found(message: str, advice: str) -> MediaError:
    return MediaError(
        fault=Fault.UNKNOWN_MODEL, message=message, advice=advice, param="model", code="model_not_found"
    )


def _not_configured(message: str, advice: Iterable[str]) -> MediaError:
    return MediaError(
        fault=Fault.NOT_CONFIGURED,
        message=message,
        advice=" ".join(advice),
        param="model",
        code="upstream_not_configured",
    )


def _subject(trail: Sequence[str]) -> str:
    return trail[-1] if len(trail) == 1 else f"{trail[-1]}, for which {trail[0]} stands,"


def _can(upstream: ConfiguredUpstream, platforms: Iterable[str]) -> bool:
    return not set(upstream.platforms).isdisjoint(platforms)


_LACKING = {"credentials": "usable credential", "project": "project"}


def _lacking_advice(upstream: ConfiguredUpstream) -> str:
    if upstream.lacks == "project":
        return (
            f"Set upstreams.{upstream.name}.project or GOOGLE_CLOUD_PROJECT; "
            "only API keys work without a project (express mode)."
        )
    environment = PLATFORM_NAMES[upstream.platform].environment
    return f"Set upstreams.{upstream.name}.credentials{f', or {environment}' if environment else ''}."


def _setup_advice(platforms: Iterable[str]) -> str:
    ways = []
    for platform in platforms:
        about = PLATFORM_NAMES[platform]
        environment = f"set {about.environment}, or " if about.environment else ""
        ways.append(f"For {about.name} {environment}add an upstream with {about.keys} to the config.")
    return " ".join(ways)


def _force_advice(catalogue: Catalogue, trail: Sequence[str]) -> list[str]:
    """How to send the asked retired id anyway, for an account that still has it."""
    known = catalogue.entries.get(trail[0], {})
    if not retired_when(known) or not any(facts.wire for facts in known.values()):
        return []
    way = f"set models.catalogue.{trail[0]}.lifecycle: active"
    other = f"list it in the models of an upstream of {called(known, 'or')}"
    return [f"If your account still has {trail[0]}, {way}, or {other}."]
