import pytest

from simulator import fields
from simulator.errors import GoogleError


def test_both_spellings() -> None:
    body = b'{"generation_config": {"image_config": {"aspect_ratio": "1:1"}}, "labels": {"my_team": "a_b"}}'
    assert fields.read_json(body) == {
        "generationConfig": {"imageConfig": {"aspectRatio": "1:1"}},
        "labels": {"my_team": "a_b"},
    }


def test_the_callers_own_words_stay() -> None:
    schema = {"properties": {"my_name": {"type": "STRING"}}}
    value = {"function_call": {"args": {"my_arg": 1}}, "response_schema": schema}
    assert fields.normalise(value) == {"functionCall": {"args": {"my_arg": 1}}, "responseSchema": schema}


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(GoogleError, match="Invalid JSON payload"):
        fields.read_json(body)


def test_unknown_members() -> None:
    fields.only({"a": 1}, {"a"}, "here")
    with pytest.raises(GoogleError, match="Unknown name \"b\" at 'here'"):
        fields.only({"b": 1}, {"a"}, "here")


@pytest.mark.parametrize(("value", "number"), [(8, 8), ("8", 8), (8.0, 8), (None, None)])
def test_whole_numbers(value: object, number: int | None) -> None:
    assert fields.integer({"n": value}, "n") == number


@pytest.mark.parametrize("value", [True, "x", 8.5, [], "nan", "inf"])
def test_what_is_no_whole_number(value: object) -> None:
    with pytest.raises(GoogleError, match="whole number"):
        fields.integer({"n": value}, "n")


def test_types() -> None:
    assert fields.child({}, "x") == {}
    assert fields.children({"x": {"a": 1}}, "x") == [{"a": 1}]
    assert fields.boolean({"x": False}, "x") is False
    for read in (fields.child, fields.children, fields.text, fields.boolean):
        with pytest.raises(GoogleError, match="expected"):
            read({"x": 1}, "x")


@pytest.mark.parametrize("value", ["+/8=", "-_8=", "-_8"])
def test_base64_of_either_alphabet(value: str) -> None:
    assert fields.decode(value, "x") == b"\xfb\xff"


@pytest.mark.parametrize("value", ["", "a", "%%%%", 5, None])
def test_what_is_no_base64(value: object) -> None:
    with pytest.raises(GoogleError, match="TYPE_BYTES"):
        fields.decode(value, "x")
