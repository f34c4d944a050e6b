"""Typed reading of JSON fields, and what is said of wrong ones."""

import pytest

from translators.canonical import JSON
from translators.clients._fields import Fields, Layer, fields_of, shown
from translators.errors import Fault, MediaError


@pytest.mark.parametrize(("value", "number"), [(8, 8), (8.0, 8), ("8", 8), (" 8 ", 8), ("8.0", 8), ("8s", 8)])
def test_a_number_may_be_text(value: JSON, number: int) -> None:
    assert fields_of({"n": value}).whole("n", low=1, high=10, unit="s") == number


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0, "invalid_value"), (11, "invalid_value"), (2.5, "invalid_value"), (10**400, "invalid_value"),
        (float("inf"), "invalid_value"), (float("nan"), "invalid_value"), ("99999", "invalid_value"),
        ("two", "invalid_type"), ("8s", "invalid_type"), ("8 or 9", "invalid_type"), (True, "invalid_type"),
        ([8], "invalid_type"), ({}, "invalid_type"), ("٨x", "invalid_type"),
    ],
)  # fmt: skip
def test_a_wrong_number_is_refused(value: JSON, code: str) -> None:
    with pytest.raises(MediaError) as caught:
        fields_of({"n": value}, "config").whole("n", low=1, high=10)
    error = caught.value
    assert (error.fault, error.code, error.param) == (Fault.INVALID_REQUEST, code, "config.n")
    assert "from 1 to 10" in str(error)


@pytest.mark.parametrize(("value", "flag"), [(True, True), (False, False), ("true", True), ("False", False)])
def test_a_flag_may_be_text(value: JSON, flag: bool) -> None:
    assert fields_of({"f": value}).flag("f") is flag


@pytest.mark.parametrize("value", [1, "yes", [], {}])
def test_a_wrong_flag_is_refused(value: JSON) -> None:
    with pytest.raises(MediaError, match="'f' must be true or false"):
        fields_of({"f": value}).flag("f")


def test_null_and_empty_text_are_not_given() -> None:
    fields = fields_of({"a": None, "b": "", "c": "  ", "d": "x"})
    assert [fields.text(name) for name in "abcde"] == [None, None, None, "x", None]
    assert fields.text("a", "d") == "x"
    assert fields.flag("a") is None
    assert fields.whole("b", low=1, high=2) is None
    assert fields.texts("a") == ()
    assert fields.words("a") is None


def test_an_earlier_layer_hides_a_later_one() -> None:
    fields = Fields((Layer({"seconds": 4}), Layer({"duration": 8, "fps": 24}, "video_config")))
    assert fields.given("duration", "seconds") == ("seconds", 4)
    assert fields.given("fps") == ("video_config.fps", 24)


def test_a_section_is_an_object() -> None:
    body = fields_of({"config": {"a": "x"}, "bad": 5})
    assert body.section("config").given("a") == ("config.a", "x")
    assert body.section("none").given("a") is None
    with pytest.raises(MediaError, match="'bad' must be an object, not 5"):
        body.section("bad")


@pytest.mark.parametrize("body", [None, 5, "x", [], [1], True])
def test_a_body_is_an_object(body: JSON) -> None:
    with pytest.raises(MediaError, match="must be a JSON object") as caught:
        fields_of(body)
    assert caught.value.param is None


def test_lists_and_objects_of_text() -> None:
    fields = fields_of({"list": ["a", 1], "words": {"a": 1}, "text": "a"})
    for read, param in ((fields.texts, "list[1]"), (fields.words, "words.a")):
        with pytest.raises(MediaError) as caught:
            read(param.split("[")[0].split(".")[0])
        assert caught.value.param == param
    with pytest.raises(MediaError, match="a list of texts"):
        fields.texts("text")


def test_a_choice_lists_what_is_allowed() -> None:
    allowed = {"data": "data", "url": "url"}
    assert fields_of({"d": "URL"}).choice(allowed, "d") == "url"
    with pytest.raises(MediaError, match='"data" or "url", not "post"'):
        fields_of({"d": "post"}).choice(allowed, "d")


def test_what_cannot_be_done_is_refused_and_not_dropped() -> None:
    fields_of({"mask": None, "video": []}).refuse_any(("mask", "video"), "is not done.")
    with pytest.raises(MediaError, match="'mask' is not done") as caught:
        fields_of({"mask": {"image": "x"}}).refuse_any(("mask",), "is not done.")
    assert caught.value.code == "unsupported_parameter"


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "null"), (True, "true"), (1.5, "1.5"), ([], "an empty list"), ([1], "a list"), ({}, "an object"),
     (10**400, "so large a number")],
)  # fmt: skip
def test_a_value_in_a_few_words(value: JSON, words: str) -> None:
    assert shown(value) == words


def test_no_message_repeats_a_whole_picture() -> None:
    assert len(shown("A" * 1_000_000)) < 50
