"""Finds the route and the account for a job, and finds both again after a restart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auth.credential import Credential, build
from proxy.routing.catalogue import Catalogue
from proxy.routing.choose import Route, choose, served
from proxy.routing.configured import ConfiguredUpstream
from translators.canonical import MediaRequest
from translators.errors import Fault, MediaError
from translators.facts import Facts, ModelFacts

_SIMULATED: Mapping[str, tuple[str, str]] = {
    "gemini": ("api_key", "simulated"),
    "vertex": ("access_token", "simulated"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedRoute:
    """A route and the credential of the account that takes it, for all calls of one job."""

    route: Route
    credential: Credential

    @property
    def account(self) -> str:
        """The account's label, without secrets."""
        return self.credential.account

    @property
    def facts(self) -> Facts:
        """The model, and the way to it."""
        return self.route.facts


class Router:
    """All routes of one configuration. `credentials` are those of each upstream, in the config's order."""

    def __init__(
        self,
        catalogue: Catalogue,
        upstreams: Sequence[ConfiguredUpstream],
        credentials: Mapping[str, Sequence[Credential]],
    ) -> None:
        self._catalogue = catalogue
        self._upstreams = tuple(upstreams)
        self._credentials = credentials

    def choose(self, request: MediaRequest) -> PinnedRoute:
        """The route of a new job, on its upstream's first account. Raises MediaError."""
        modality = request.modality if request.modalities else None
        route = choose(self._catalogue, self._upstreams, request.model, modality)
        accounts = self._accounts(route.upstream, route.platform)
        if not accounts:
            raise MediaError(
                Fault.NOT_CONFIGURED,
                f"The upstream {route.upstream} has no account for {route.served_model}.",
                advice=f"Give upstreams.{route.upstream} a credential, or use another model.",
                param="model",
            )
        return PinnedRoute(route=route, credential=accounts[0])

    def reopen(
        self, *, upstream: str, account: str, model: str, platform: str, project: str, location: str
    ) -> PinnedRoute | None:
        """The route that a recorded job took, or None while the configuration does not have it.

        A model that has left the catalogue since is no hindrance where its id shows what it is: all else that
        is needed of it stands in the job's state.
        """
        configured = next((found for found in self._upstreams if found.name == upstream), None)
        facts = self._catalogue.facts(model, platform) or self._catalogue.guess(model, platform, None)
        if configured is None or platform not in configured.platforms or facts is None:
            return None
        credentials = self._accounts(upstream, platform)
        credential = next((found for found in credentials if found.account == account), None)
        if credential is None:
            return None
        route = Route(
            upstream=upstream,
            platform=platform,
            base_url=configured.host(platform, location),
            storage_url=configured.storage_url,
            facts=Facts(
                model=facts, api_version=configured.version(platform), project=project, location=location
            ),
            served_model=model,
        )
        return PinnedRoute(route=route, credential=credential)

    def served(self) -> tuple[ModelFacts, ...]:
        """The models that can be used now."""
        return served(self._catalogue, self._upstreams)

    def accounts(self) -> tuple[str, ...]:
        """`upstream/account` of all that have a credential, in the order in which they are tried."""
        return tuple(
            f"{upstream.name}/{credential.account}"
            for upstream in self._upstreams
            for credential in self._credentials.get(upstream.name, ())
        )

    def aliases(self) -> Mapping[str, str]:
        """Other names that a client may use, and the model that each leads to."""
        return {**self._catalogue.built_in, **self._catalogue.aliases}

    def _accounts(self, upstream: str, platform: str) -> Sequence[Credential]:
        known = self._credentials.get(upstream, ())
        simulated = any(found.simulated for found in self._upstreams if found.name == upstream)
        if known or not simulated:
            return known
        kind, value = _SIMULATED[platform]
        return (build(kind, value),)
