"""A configured upstream as routing sees it: what it serves, whether it is ready, and where its hosts are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auth.credential import Credential
from proxy.config_upstream import GOOGLE_STORAGE, PLATFORMS, VERTEX_HOSTS, Upstream

_DEFAULT_LOCATION = "us-central1"
_SERVED_AS: Mapping[str, tuple[str, ...]] = {"simulator": ("gemini", "vertex")}
_NEEDS_NO_CREDENTIAL = frozenset({"simulator", "gemini-web", "sora-web"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredUpstream:
    """One upstream of the config, without its secrets. What was not given is empty.

    `models` is None unless the config lists them. `api_key_only` says that every credential is an API key: on
    Vertex AI without a project that is express mode.
    """

    name: str
    platform: str
    models: tuple[str, ...] | None = None
    project: str = ""
    location: str = ""
    base_url: str = ""
    storage_url: str = GOOGLE_STORAGE
    api_version: str | None = None
    has_credential: bool = False
    api_key_only: bool = False

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms whose models it can serve: its own, or those that it plays."""
        return _SERVED_AS.get(self.platform, (self.platform,))

    @property
    def simulated(self) -> bool:
        """Whether it only plays its platforms."""
        return self.platform in _SERVED_AS

    @property
    def express(self) -> bool:
        """Whether this is Vertex AI in express mode: API keys only, and no project in the paths."""
        return self.platform == "vertex" and self.api_key_only and not self.project

    @property
    def lacks(self) -> str:
        """What must be set before it can be used: `credentials`, `project`, or nothing."""
        if not self.has_credential and self.platform not in _NEEDS_NO_CREDENTIAL:
            return "credentials"
        return "project" if self.platform == "vertex" and not (self.project or self.express) else ""

    def place(self, platform: str, locations: Sequence[str]) -> tuple[str, str]:
        """Project and location in its paths, for a model that only `locations` serve (empty: any does)."""
        if platform != "vertex" or self.express:
            return "", ""
        location = self.location or _DEFAULT_LOCATION
        project = self.project or ("simulator" if self.simulated else "")
        return project, locations[0] if locations and location not in locations else location

    def host(self, platform: str, location: str) -> str:
        """The base URL of its calls: the one given, else the platform's own for that location."""
        if self.base_url:
            return self.base_url.rstrip("/")
        if self.simulated:
            return PLATFORMS[self.platform].base_url
        if platform == "vertex":
            regional = PLATFORMS["vertex"].base_url.format(location=location)
            return VERTEX_HOSTS.get(location or "global", regional)
        return PLATFORMS[platform].base_url

    def version(self, platform: str) -> str:
        """The API version in its paths."""
        return PLATFORMS[platform].api_version if self.api_version is None else self.api_version


def describe(name: str, upstream: Upstream, credentials: Sequence[Credential]) -> ConfiguredUpstream:
    """The record of an upstream of the config with the credentials that were found for it."""
    given = upstream.model_fields_set
    project = upstream.project or next((found.project for found in credentials if found.project), None)
    return ConfiguredUpstream(
        name=name,
        platform=upstream.platform,
        models=upstream.models,
        project=project or "",
        location=upstream.location or "",
        # the config fills in a host for its own location, yet a model may be served elsewhere
        base_url=upstream.base_url if "base_url" in given else "",
        storage_url=upstream.storage_url,
        api_version=upstream.api_version if "api_version" in given else None,
        has_credential=bool(credentials),
        api_key_only=bool(credentials) and all(found.kind == "api_key" for found in credentials),
    )
