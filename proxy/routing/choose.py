"""Which upstream serves an asked model, and with what facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from proxy.routing import refusal
from proxy.routing.catalogue import Catalogue
from proxy.routing.configured import ConfiguredUpstream
from proxy.routing.platform_names import retired_when
from translators.canonical import Modality
from translators.facts import Facts, Lifecycle, ModelFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The way to a model.

    `upstream` is the configured name, `platform` the one whose wire is spoken; `notes` say in whole sentences
    where the served model is not simply the asked one.
    """

    upstream: str
    platform: str
    base_url: str
    storage_url: str
    facts: Facts
    served_model: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model that a configured upstream would serve."""

    upstream: ConfiguredUpstream
    facts: ModelFacts


def choose(
    catalogue: Catalogue,
    upstreams: Sequence[ConfiguredUpstream],
    asked: str,
    modality: Modality | None = None,
) -> Route:
    """The route for the model that a client asked for; without a name, the default of `modality`.

    Raises MediaError: UNKNOWN_MODEL for an id that is not known or is retired, NOT_CONFIGURED where no
    configured upstream can serve it, INVALID_REQUEST where it makes something else than `modality`.
    """
    trail = [catalogue.bare(asked or catalogue.defaults[modality or Modality.IMAGE])]
    while True:
        name = trail[-1]
        target = catalogue.aliases.get(name)
        offers = [] if target else offers_of(catalogue, upstreams, name, modality)
        if offers:
            return _route(catalogue, upstreams, trail, offers, modality)
        listing = None if target else _listing(catalogue, upstreams, name)
        if listing:
            raise refusal.no_wire(listing, name)
        target = target or catalogue.stands_for(name)
        if target is None or target in trail:
            known = next(iter(catalogue.entries.get(name, {}).values()), None)
            _check_modality(catalogue, upstreams, trail, modality, known.modality if known else None)
            raise refusal.not_served(catalogue, upstreams, trail)
        trail.append(catalogue.bare(target))


def offers_of(
    catalogue: Catalogue,
    upstreams: Sequence[ConfiguredUpstream],
    model: str,
    modality: Modality | None = None,
) -> list[Offer]:
    """The upstreams that serve this very id, in the config's order, ready or not. No alias is followed."""
    found = [
        Offer(upstream=upstream, facts=facts)
        for upstream in upstreams
        for platform in upstream.platforms
        if (facts := _facts_at(catalogue, upstream, platform, model, modality))
    ]
    return found or _catch_all(catalogue, upstreams, model, modality)


def served(catalogue: Catalogue, upstreams: Sequence[ConfiguredUpstream]) -> tuple[ModelFacts, ...]:
    """The models that can be used now, each once, in the catalogue's order; ids that it lacks come last."""
    listed = [catalogue.bare(model) for upstream in upstreams for model in upstream.models or ()]
    offers = (
        next((offer for offer in offers_of(catalogue, upstreams, model) if not offer.upstream.lacks), None)
        for model in dict.fromkeys([*catalogue.entries, *listed])
    )
    return tuple(offer.facts for offer in offers if offer)


def _facts_at(
    catalogue: Catalogue, upstream: ConfiguredUpstream, platform: str, model: str, modality: Modality | None
) -> ModelFacts | None:
    facts = catalogue.entries.get(model, {}).get(platform)
    if upstream.models is None:
        return facts if facts and facts.lifecycle is not Lifecycle.RETIRED else None
    if model not in map(catalogue.bare, upstream.models):
        return None
    if facts is None:
        return catalogue.guess(model, platform, modality)
    return facts if facts.wire else None


def _listing(
    catalogue: Catalogue, upstreams: Sequence[ConfiguredUpstream], model: str
) -> ConfiguredUpstream | None:
    """The first upstream whose `models` name this id."""
    return next((found for found in upstreams if model in map(catalogue.bare, found.models or ())), None)


def _catch_all(
    catalogue: Catalogue, upstreams: Sequence[ConfiguredUpstream], model: str, modality: Modality | None
) -> list[Offer]:
    """An `openai` upstream without a list serves what no other one does, save the ids of the catalogue."""
    if model in catalogue.entries:
        return []
    guesses = (
        (upstream, catalogue.guess(model, upstream.platform, modality))
        for upstream in upstreams
        if upstream.platform == "openai" and upstream.models is None
    )
    return [Offer(upstream=upstream, facts=facts) for upstream, facts in guesses if facts]


def _route(
    catalogue: Catalogue,
    upstreams: Sequence[ConfiguredUpstream],
    trail: Sequence[str],
    offers: Sequence[Offer],
    modality: Modality | None,
) -> Route:
    _check_modality(catalogue, upstreams, trail, modality, offers[0].facts.modality)
    ready = next((offer for offer in offers if not offer.upstream.lacks), None)
    if ready is None:
        raise refusal.not_ready(catalogue, trail, [offer.upstream for offer in offers])
    upstream, model = ready.upstream, ready.facts
    project, location = upstream.place(model.platform, model.locations)
    notes = [*_alias_notes(catalogue, trail), *_state_notes(ready, location)]
    return Route(
        upstream=upstream.name,
        platform=model.platform,
        base_url=upstream.host(model.platform, location),
        storage_url=upstream.storage_url,
        facts=Facts(
            model=model, api_version=upstream.version(model.platform), project=project, location=location
        ),
        served_model=trail[-1],
        notes=tuple(notes),
    )


def _check_modality(
    catalogue: Catalogue,
    upstreams: Sequence[ConfiguredUpstream],
    trail: Sequence[str],
    wanted: Modality | None,
    makes: Modality | None,
) -> None:
    if wanted and makes and makes is not wanted:
        raise refusal.wrong_modality(trail, wanted, makes, _models_making(catalogue, upstreams, wanted))


def _models_making(
    catalogue: Catalogue, upstreams: Sequence[ConfiguredUpstream], modality: Modality
) -> tuple[list[str], list[str]]:
    """The models that make `modality` and are here to stay: those ready to use, then the other ones."""

    def lasting(models: Iterable[ModelFacts]) -> list[str]:
        fitting = (facts.id for facts in models if facts.modality is modality)
        active = {facts.id for facts in catalogue.models() if facts.lifecycle is Lifecycle.ACTIVE}
        return [model for model in dict.fromkeys(fitting) if model in active]

    ready = lasting(served(catalogue, upstreams))
    return ready, [model for model in lasting(catalogue.models()) if model not in ready]


def _alias_notes(catalogue: Catalogue, trail: Sequence[str]) -> list[str]:
    if len(trail) == 1:
        return []
    ended = [retired_when(known) for name in trail[:-1] if (known := catalogue.entries.get(name))]
    if ended and ended[-1]:
        return [f"{ended[-1]}; {trail[-1]} is used instead."]
    return [f"{trail[0]} stands for {trail[-1]}."]


def _state_notes(offer: Offer, location: str) -> list[str]:
    model, upstream = offer.facts, offer.upstream
    notes = []
    if model.lifecycle is Lifecycle.RETIRED:
        notes.append(
            f"{retired_when({model.platform: model})}, yet upstreams.{upstream.name}.models lists it."
        )
    if model.lifecycle is Lifecycle.DEPRECATED:
        when = (
            f"; its end was announced for {model.lifecycle_date} at the earliest"
            if model.lifecycle_date
            else ""
        )
        successor = f"; {model.replacement} replaces it" if model.replacement else ""
        notes.append(f"{model.id} is deprecated{when}{successor}.")
    if model.platform == "vertex" and upstream.location and location and location != upstream.location:
        notes.append(f"{model.id} is asked for in {location}: {upstream.location} does not serve it.")
    return notes
