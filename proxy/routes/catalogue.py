"""`GET /v1/models`: what can be asked for, in OpenAI's shape with the limits beside it."""

from __future__ import annotations

from typing import Any

from starlette.types import Receive, Scope, Send

from auth.client_keys import ClientKeys
from proxy.routes.answering import Client
from proxy.routes.asking import identify
from proxy.routing.router import Router
from translators.canonical import JSON
from translators.clients.base import Answer
from translators.errors import Fault, MediaError
from translators.facts import ModelFacts

_CREATED = 1735689600
"""OpenAI's shape wants a moment of creation, which providers do not publish: the start of 2025 for all."""

_LISTS = ("aspect_ratios", "image_sizes", "durations", "resolutions", "input_types")
_NUMBERS = ("max_inputs", "max_count")


class ModelsEndpoint:
    """`/v1/models` and `/v1/models/{model}` as an ASGI application. Raises MediaError."""

    def __init__(self, router: Router, keys: ClientKeys) -> None:
        self._router = router
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        identify(scope, self._keys)
        client = Client(scope, receive, send)
        listed = self._listed()
        wanted: str | None = scope["path_params"].get("model")
        if not wanted:
            await client.answer(Answer(status=200, body={"object": "list", "data": list(listed.values())}))
        elif wanted in listed:
            await client.answer(Answer(status=200, body=listed[wanted]))
        else:
            raise MediaError(
                Fault.UNKNOWN_MODEL,
                f"The model {wanted[:80]!r} is not served here.",
                advice="GET /v1/models lists those that are.",
                param="model",
                code="model_not_found",
            )

    def _listed(self) -> dict[str, JSON]:
        models = {facts.id: _shown(facts) for facts in self._router.served()}
        for alias, target in self._router.aliases().items():
            if target in models and alias not in models:
                models[alias] = {**models[target], "id": alias, "alias_of": target}
        return models


def _shown(facts: ModelFacts) -> dict[str, Any]:
    limits = {name: list(getattr(facts, name)) for name in _LISTS if getattr(facts, name)}
    limits |= {name: getattr(facts, name) for name in _NUMBERS if getattr(facts, name)}
    shown: dict[str, Any] = {
        "id": facts.id,
        "object": "model",
        "created": _CREATED,
        "owned_by": "google" if facts.platform in ("gemini", "vertex") else facts.platform,
        "modality": facts.modality.value,
        "platform": facts.platform,
        "lifecycle": facts.lifecycle.value,
        "limits": limits,
    }
    if facts.lifecycle_date:
        shown["shutdown_date"] = facts.lifecycle_date
    if facts.replacement:
        shown["replacement"] = facts.replacement
    return shown
