from typing import Any

import pytest

from simulator.samples import sample


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "w"),
        ({"type": "STRING"}, "w"),
        ({"type": "string", "enum": ["a", "b"]}, "a"),
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": ["boolean", "null"]}, True),
        ({"const": 3}, 3),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, 1.5),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 1]),
        ({"properties": {"a": {"type": "null"}}}, {"a": None}),
        ({"$ref": "#/$defs/T", "$defs": {"T": {"type": "integer"}}}, 1),
        ({}, "w"),
    ],
)
def test_samples_fit(schema: dict[str, Any], value: object) -> None:
    assert sample(schema, "w") == value


def test_endless_schemas_end() -> None:
    assert sample({"$ref": "#/$defs/T", "$defs": {"T": {"$ref": "#/$defs/T"}}}, "w") is None
