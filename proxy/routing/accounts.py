"""The configured upstreams with their credentials: those of the config, else those that lie about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from auth.credential import Credential, CredentialError, build
from auth.discovery import Found, discover
from proxy.config import Config
from proxy.config_file import ConfigError, Document, problems_of
from proxy.config_upstream import Upstream, completed
from proxy.routing.configured import ConfiguredUpstream, describe

_KINDS_NOT_SERVED = frozenset({"oauth_file"})


class Accounts:
    """What routing needs to know of every upstream, and the credentials of each, in the config's order.

    Raises ConfigError for a credential that is missing or broken, in the config or in the environment.
    """

    def __init__(self, config: Config, environ: Mapping[str, str], home: Path) -> None:
        self.upstreams: list[ConfiguredUpstream] = []
        self.credentials: dict[str, Sequence[Credential]] = {}
        self.sources: dict[str, str] = {}
        found = discover(environ, home)
        for name, upstream in (config.upstreams or _upstreams_for(found, environ)).items():
            credentials = _configured(config, name, upstream)
            if not credentials:
                credentials = self._discovered(config, name, upstream, found)
            self.credentials[name] = credentials
            self.upstreams.append(describe(name, upstream, credentials))

    def _discovered(
        self, config: Config, name: str, upstream: Upstream, found: Sequence[Found]
    ) -> list[Credential]:
        item = next((item for item in found if item.platform == upstream.platform), None)
        if item is None:
            return []
        self.sources[name] = item.source
        try:
            return [build(item.kind, item.value, token_url=upstream.token_url)]
        except CredentialError as error:
            raise config.error(f"{item.source}: {error} {error.advice}", "upstreams", name) from error


def _configured(config: Config, name: str, upstream: Upstream) -> list[Credential]:
    credentials = []
    for place, entry in enumerate(upstream.credentials):
        kind = entry.kind
        # True has the credential looked for where google-auth does: the config names no file
        value: str | bool = entry.adc or entry.value
        if kind in _KINDS_NOT_SERVED:
            raise config.error(
                f"credentials of the kind {kind} are not supported by this version",
                "upstreams", name, "credentials", place, kind,
            )  # fmt: skip
        if kind == "service_account":
            value = config.expand(entry.value)
        try:
            credentials.append(build(kind, value, token_url=upstream.token_url))
        except CredentialError as error:
            raise config.error(
                f"{error} {error.advice}", "upstreams", name, "credentials", place, kind
            ) from error
    return credentials


def _upstreams_for(found: Sequence[Found], environ: Mapping[str, str]) -> dict[str, Upstream]:
    """With no upstream configured, one for each platform that the environment has a credential for."""
    upstreams: dict[str, dict[str, str]] = {}
    for item in found:
        place = {"project": item.project, "location": item.location} if item.platform == "vertex" else {}
        given = {name: value for name, value in place.items() if value}
        if item.platform == "vertex" and "project" not in given:
            continue
        upstreams.setdefault(item.platform, {"platform": item.platform, **given})
    whole = completed({"upstreams": upstreams}, environ)["upstreams"]
    try:
        return {name: Upstream.model_validate(values) for name, values in whole.items()}
    except ValidationError as error:
        raise ConfigError("environment", problems_of(error, Upstream, Document("environment"))) from None
