"""Sample values for JSON schemas: what a text model answers in JSON mode and passes to functions."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_SIMPLE = {"integer": 1, "number": 1.5, "boolean": True, "null": None}


def sample(schema: Schema, words: str, defs: Schema | None = None, depth: int = 0) -> Any:
    """A value that fits a JSON schema, or Google's OpenAPI subset with types in capitals; strings are
    `words`."""
    known = defs if defs is not None else {**schema.get("$defs", {}), **schema.get("definitions", {})}
    if "$ref" in schema:
        target = known.get(str(schema["$ref"]).rsplit("/", 1)[-1], {})
        return sample(target, words, known, depth + 1) if depth < 16 else None
    for name in ("anyOf", "oneOf", "allOf"):
        if schema.get(name):
            return sample(schema[name][0], words, known, depth + 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = str(kind[0] if isinstance(kind, list) else kind).lower()
    if kind == "object":
        return {
            name: sample(item, words, known, depth + 1) for name, item in schema.get("properties", {}).items()
        }
    if kind == "array":
        count = max(1, int(schema.get("minItems", 1)))
        return [sample(schema.get("items", {}), words, known, depth + 1)] * count
    if kind in _SIMPLE:
        return schema.get("minimum", _SIMPLE[kind]) if kind in {"integer", "number"} else _SIMPLE[kind]
    return words[: int(schema.get("maxLength", 200))]
