"""The models that Filmgate knows: the shipped file with the config's own entries and aliases over it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from proxy.config import PLATFORMS
from proxy.routing.entry import CatalogueError, Entry, Where, read_entry
from translators.canonical import Modality
from translators.facts import Lifecycle, ModelFacts

__all__ = ["Catalogue", "CatalogueError"]

SHIPPED = Path(__file__).with_name("models.yaml")
_PREFIXES = ("models/", "google/", "gemini/", "publishers/google/models/", "vertex/", "vertex_ai/")
_DATED = re.compile(r"(.+)-\d{4}-\d\d-\d\d")
_REAL_PLATFORMS = tuple(name for name in PLATFORMS if name != "simulator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted:
    """The facts, by platform, of ids that match `match` and stand nowhere in the catalogue."""

    match: str
    facts: Mapping[str, ModelFacts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What is known of every model, by id and platform, and the names that lead to one.

    `aliases` are the config's own, `built_in` the shipped ones; `defaults` are for a request without a model.
    """

    entries: Mapping[str, Mapping[str, ModelFacts]]
    aliases: Mapping[str, str] = field(default_factory=dict)
    built_in: Mapping[str, str] = field(default_factory=dict)
    unlisted: tuple[Unlisted, ...] = ()
    defaults: Mapping[Modality, str] = field(default_factory=dict)

    @classmethod
    def load(
        cls,
        overrides: Mapping[str, Mapping[str, Any]] | None = None,
        aliases: Mapping[str, str] | None = None,
    ) -> Catalogue:
        """The shipped models with the config's `models.catalogue` and `models.aliases` over them.

        Raises CatalogueError, a ValueError whose text names the place and what is wrong there.
        """
        shipped = _shipped()
        entries = {model: dict(by_platform) for model, by_platform in shipped.entries.items()}
        for model, override in (overrides or {}).items():
            entries[model] = _overlaid(model, override)
        wires = {facts.wire for facts in shipped.models()}
        for model in overrides or ():
            _check_wire(entries[model], wires)
        own = dict(aliases or {})
        _check_loops(own)
        return replace(shipped, entries=entries, aliases=own)

    def models(self) -> tuple[ModelFacts, ...]:
        """Every model on each of its platforms, in the order of the files."""
        return tuple(facts for by_platform in self.entries.values() for facts in by_platform.values())

    def platforms(self, model: str) -> Mapping[str, ModelFacts]:
        """The facts of an id by platform; empty when it is not known. No alias is followed."""
        return self.entries.get(self.bare(model), {})

    def facts(self, model: str, platform: str) -> ModelFacts | None:
        """The facts of a model on a platform, its aliases followed where the id itself is not known there."""
        for name in self.trail(model):
            found = self.entries.get(name, {}).get(platform)
            if found:
                return found
        return None

    def guess(self, model: str, platform: str, modality: Modality | None) -> ModelFacts | None:
        """Facts for an id that is not in the catalogue, by its form; those that make `modality` first."""
        found = [
            row.facts[platform]
            for row in self.unlisted
            if platform in row.facts and fnmatchcase(model, row.match)
        ]
        found.sort(key=lambda facts: facts.modality is not modality)
        return replace(found[0], id=model) if found else None

    def bare(self, asked: str) -> str:
        """The id without the prefixes that clients put before it (`models/`, `google/` …)."""
        name = asked.strip()
        while not self._known(name):
            if name.startswith("projects/") and "/models/" in name:
                name = name.rpartition("/models/")[2]
            prefix = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), "")
            if not prefix:
                break
            name = name.removeprefix(prefix)
        return name

    def stands_for(self, name: str) -> str | None:
        """What the built-in alias of that name leads to; a dated form counts as the alias itself."""
        dated = _DATED.fullmatch(name)
        return self.built_in.get(name) or (self.built_in.get(dated[1]) if dated else None)

    def trail(self, asked: str) -> tuple[str, ...]:
        """The bare id and what its aliases lead to, one after the other."""
        name: str | None = self.bare(asked)
        seen: list[str] = []
        while name and name not in seen:
            seen.append(name)
            name = self.aliases.get(name) or self.stands_for(name)
        return tuple(seen)

    def modality(self, asked: str) -> Modality | None:
        """What the model makes, None when it is not known."""
        for name in reversed(self.trail(asked)):
            for facts in self.entries.get(name, {}).values():
                return facts.modality
        guesses = (row for row in self.unlisted if fnmatchcase(self.bare(asked), row.match))
        return next((facts.modality for row in guesses for facts in row.facts.values()), None)

    def nearest(self, name: str) -> tuple[str, ...]:
        """Up to three ids and aliases that look like `name`, the likeliest first; none is retired."""
        served = {facts.id for facts in self.models() if facts.lifecycle is not Lifecycle.RETIRED}
        retired = self.entries.keys() - served
        names = [known for known in (*served, *self.aliases, *self.built_in) if known not in retired]
        return tuple(get_close_matches(name.lower(), sorted(set(names)), n=3, cutoff=0.55))

    def _known(self, name: str) -> bool:
        return name in self.entries or name in self.aliases or name in self.built_in


@cache
def _document() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load(SHIPPED.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506  both are safe
    return document


@cache
def _shipped() -> Catalogue:
    document = _document()
    _check_loops(document["aliases"])
    return Catalogue(
        entries={
            model: _by_platform(model, list(_layers(entry, ("models", model))))
            for model, entry in document["models"].items()
        },
        built_in=document["aliases"],
        unlisted=tuple(_unlisted(row) for row in document["unlisted"]),
        defaults={Modality(name): model for name, model in document["defaults"].items()},
    )


def _unlisted(row: Mapping[str, Any]) -> Unlisted:
    entry = {name: value for name, value in row.items() if name not in ("match", "platforms")}
    layers = [(("unlisted", row["match"]), entry)]
    facts = {platform: read_entry(row["match"], platform, layers) for platform in row["platforms"]}
    return Unlisted(match=row["match"], facts=facts)


Layer = tuple[str, Where, Entry]
"""Some fields: the platform they are for, empty for all; the place they stand at; the fields themselves."""


def _overlaid(model: str, override: object) -> dict[str, ModelFacts]:
    where = ("models", "catalogue", model)
    shipped = _document()["models"].get(model, {})
    # the config's common fields win over the shipped ones of a platform
    layers = [*_layers(shipped, ("models", model)), *_layers(override, where)]
    facts = _by_platform(model, layers)
    if not facts:
        raise CatalogueError(
            (*where, "platforms"), f"required for a new model, such as {{vertex: {{}}}}; {_choices()}"
        )
    return facts


def _layers(entry: object, where: Where) -> Iterator[Layer]:
    if not isinstance(entry, Mapping):
        raise CatalogueError(where, "must be a mapping of fields to values")
    yield "", where, {name: value for name, value in entry.items() if name != "platforms"}
    platforms = entry.get("platforms", {})
    if isinstance(platforms, list | tuple):
        platforms = {platform: {} for platform in platforms}
    if not isinstance(platforms, Mapping):
        raise CatalogueError((*where, "platforms"), f"must be a mapping of platforms to fields; {_choices()}")
    for platform, fields in platforms.items():
        place = (*where, "platforms", str(platform))
        if platform not in _REAL_PLATFORMS:
            raise CatalogueError(place, f"no such platform; {_choices()}")
        if not isinstance(fields or {}, Mapping):
            raise CatalogueError(place, "must be a mapping of fields to values")
        yield platform, place, fields or {}


def _by_platform(model: str, layers: list[Layer]) -> dict[str, ModelFacts]:
    return {
        name: read_entry(
            model, name, [(where, entry) for platform, where, entry in layers if platform in ("", name)]
        )
        for name in dict.fromkeys(platform for platform, _, _ in layers if platform)
    }


def _choices() -> str:
    return f"platforms are {', '.join(_REAL_PLATFORMS)}"


def _check_wire(by_platform: Mapping[str, ModelFacts], wires: set[str]) -> None:
    for facts in by_platform.values():
        if facts.wire not in wires:
            allowed = ", ".join(sorted(wires - {""}))
            raise CatalogueError(("models", "catalogue", facts.id, "wire"), f"must be one of {allowed}")


def _check_loops(aliases: Mapping[str, str]) -> None:
    for alias in aliases:
        seen, name = {alias}, aliases[alias]
        while name in aliases and name not in seen:
            seen.add(name)
            name = aliases[name]
        if name in seen:
            raise CatalogueError(
                ("models", "aliases", alias), "leads back to itself; an alias must end at a model"
            )
