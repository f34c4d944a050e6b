"""The vectors of the client dialects: one JSON file a case, read into the values of the contract.

A case has `from` (where it is taken from) and `body`, and of these what it is about:
- `request` with `ask`, the parsed request, or `error`, the answer to a body that cannot be parsed;
- `view`, a job's view without its request, with `answer`, or with `events` and the `stream` they give.
"""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from translators.canonical import (
    JSON,
    Asset,
    MediaResult,
    Modality,
    Status,
    Usage,
    request_to_json,
    with_modality,
)
from translators.clients import DIALECTS
from translators.clients.base import Answer, Ask, ServerEvent, View
from translators.errors import MediaError, error_from_json
from translators.progress import Accepted, AssetReady, Event, Finished, Progress, TextDelta, UsageKnown

FOLDER = Path(__file__).parents[2] / "vectors" / "clients"


def cases(dialect: str, key: str) -> dict[str, dict[str, JSON]]:
    """The cases of a dialect that are about this key, by name."""
    documents = {
        path.stem: json.loads(path.read_text()) for path in sorted((FOLDER / dialect).glob("*.json"))
    }
    return {name: document for name, document in documents.items() if key in document}


def parsed(dialect: str, body: JSON) -> dict[str, JSON]:
    """What a body is parsed to, as a vector says it: `request` and `ask`, or `error`."""
    try:
        ask = DIALECTS[dialect].parse(body)
    except MediaError as error:
        return {"error": told(DIALECTS[dialect].render_error(error))}
    rest = {name: value for name, value in asdict(ask).items() if name != "request"}
    return _object({"request": request_to_json(ask.request), "ask": rest})


def told(answer: Answer) -> dict[str, JSON]:
    """An answer as a vector says it."""
    return _object(asdict(answer))


def sent(events: list[ServerEvent]) -> list[JSON]:
    """Server-sent events as a vector says them."""
    listed: list[JSON] = plain(
        [{name: value for name, value in asdict(event).items() if value} for event in events]
    )
    return listed


def plain(value: Any) -> JSON:
    """The value as it is after a way through JSON."""
    return json.loads(json.dumps(value))


def _object(value: dict[str, Any]) -> dict[str, JSON]:
    document = plain(value)
    assert isinstance(document, dict)
    return document


def asked(dialect: str, document: dict[str, JSON]) -> tuple[Ask, View]:
    """The parsed request of a case, and the view of its job."""
    values = dict(document["view"])
    modality = Modality(values.pop("modality", "video" if dialect == "openai-videos" else "image"))
    ask = DIALECTS[dialect].parse(document["body"])
    ask = replace(ask, request=with_modality(ask.request, modality))
    defaults = {
        "served_model": ask.request.model,
        "upstream": "vertex/media",
        "created_at": 1_795_000_000.25,
    }
    result, error = values.pop("result", None), values.pop("error", None)
    return ask, View(
        **(defaults | values | {"status": Status(values["status"])}),
        request=ask.request,
        result=_result(result) if result else None,
        error=error_from_json(error) if error else None,
    )


def event(document: dict[str, JSON]) -> Event:
    """A progress event from `{"Progress": {"message": …}}`."""
    ((kind, values),) = document.items()
    match kind:
        case "AssetReady":
            return AssetReady(asset=Asset(**values["asset"]), index=values["index"])
        case "UsageKnown":
            return UsageKnown(usage=Usage(**values["usage"]))
        case "Progress":
            return Progress(**values)
        case "TextDelta":
            return TextDelta(**values)
        case "Accepted":
            return Accepted()
        case _:
            return Finished()


def _result(document: dict[str, JSON]) -> MediaResult:
    usage = document.get("usage")
    return MediaResult(
        assets=tuple(Asset(**asset) for asset in document.get("assets", ())),
        text=document.get("text", ""),
        notes=tuple(document.get("notes", ())),
        usage=Usage(**usage) if usage else None,
    )
