"""The Gemini API's surface: models, content, films by predictLongRunning, under /v1, /v1beta and /v1alpha."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator import content
from simulator.access import gemini_account
from simulator.errors import GoogleError, invalid
from simulator.faults import OTHER, Fault
from simulator.generation import interactions_only
from simulator.models import (
    GEMINI,
    INTERACTIONS_ONLY,
    MODELS,
    RETIRED,
    ImageModel,
    Model,
    TextModel,
    VideoModel,
    methods_of,
    served_on,
)
from simulator.polls import poll_film
from simulator.service import served
from simulator.submits import submit_film

if TYPE_CHECKING:
    from starlette.requests import Request

VERSIONS = ("v1", "v1beta", "v1alpha")
_PAGE = 50


async def _list(request: Request) -> Response:
    gemini_account(request)
    version = _version(request)

    async def work(_: Fault | None) -> Response:
        models = served_on(GEMINI)
        start, size = _page(request, len(models))
        page: dict[str, Any] = {
            "models": [_resource(model, version) for model in models[start : start + size]]
        }
        if start + size < len(models):
            page["nextPageToken"] = str(start + size)
        return JSONResponse(page)

    return await served(request, OTHER, work)


async def _get(request: Request) -> Response:
    gemini_account(request)
    version = _version(request)

    async def work(_: Fault | None) -> Response:
        return JSONResponse(
            _resource(_model(request.path_params["name"], version, "generateContent"), version)
        )

    return await served(request, OTHER, work)


async def _call(request: Request) -> Response:
    account = gemini_account(request)
    name, _, method = request.path_params["name"].rpartition(":")
    model = _model(name, _version(request), method)
    if isinstance(model, VideoModel):
        if method == "predictLongRunning":
            return await submit_film(request, model, GEMINI, account, f"models/{name}")
    elif isinstance(model, (TextModel, ImageModel)):
        if method == "generateContent":
            return await content.generate(request, model, GEMINI, account)
        if method == "streamGenerateContent":
            return await content.stream(request, model, GEMINI, account)
        if method == "countTokens":
            return await content.count_tokens(request, model, GEMINI)
    raise _not_found(name, _version(request), method)


async def _operation(request: Request) -> Response:
    account = gemini_account(request)
    name = f"models/{request.path_params['name']}/operations/{request.path_params['operation']}"
    return await poll_film(request, name, GEMINI, account, _version(request))


async def _tuned(request: Request) -> Response:
    gemini_account(request)
    return JSONResponse({})


def _version(request: Request) -> str:
    return request.url.path.split("/")[1]


def _page(request: Request, count: int) -> tuple[int, int]:
    token, size = request.query_params.get("pageToken", "0"), request.query_params.get("pageSize", str(_PAGE))
    if not token.isdigit() or int(token) > count:
        raise invalid("Invalid page token.", "page_token")
    if not size.isdigit():
        raise invalid("Invalid page size.", "page_size")
    return int(token), min(int(size) or _PAGE, 1000)


def _model(name: str, version: str, method: str) -> Model:
    if name in INTERACTIONS_ONLY:
        raise interactions_only(name)
    if name in RETIRED:
        raise GoogleError(404, f"This model models/{name} is no longer available. Please use a newer model.")
    model = MODELS.get(name)
    if model is None or GEMINI not in model.platforms:
        raise _not_found(name, version, method)
    return model


def _not_found(name: str, version: str, method: str) -> GoogleError:
    return GoogleError(
        404,
        f"models/{name} is not found for API version {version}, or is not supported for {method}. "
        "Call ModelService.ListModels to see the list of available models and their supported methods.",
    )


def _resource(model: Model, version: str) -> dict[str, Any]:
    words = isinstance(model, TextModel)
    resource: dict[str, Any] = {
        "name": f"models/{model.id}",
        "version": version,
        "displayName": model.id.replace("-", " ").title()
        + (" (legacy)" if getattr(model, "legacy", False) else ""),
        "description": "Simulated stand-in.",
        "inputTokenLimit": 1_048_576 if words else 65_536,
        "outputTokenLimit": 65_536 if words else 32_768,
        "supportedGenerationMethods": methods_of(model),
    }
    if not isinstance(model, VideoModel):
        resource |= {
            "temperature": 1,
            "topP": 0.95,
            "topK": 64,
            "maxTemperature": 2,
            "thinking": model.thinks,
        }
    return resource


ROUTES = [
    route
    for version in VERSIONS
    for route in (
        Route(f"/{version}/models", _list, methods=["GET"]),
        Route(f"/{version}/models/{{name}}", _get, methods=["GET"]),
        Route(f"/{version}/models/{{name}}", _call, methods=["POST"]),
        Route(f"/{version}/models/{{name}}/operations/{{operation}}", _operation, methods=["GET"]),
        Route(f"/{version}/tunedModels", _tuned, methods=["GET"]),
    )
]
