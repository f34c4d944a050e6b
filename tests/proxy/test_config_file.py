"""Reading a config file: places, variables, YAML's traps, and errors that name file, line and key."""

from pathlib import Path
from typing import Any

import pytest

from proxy.config_file import ConfigError, Document, dotted, read, unknown

CANARY = "canary-7d1f-secret"


def document(folder: Path, text: str | bytes, **environ: str) -> Document:
    file = folder / "config.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(file, environ)


def problems(folder: Path, text: str | bytes, **environ: str) -> list[str]:
    """The problems of a file, each without its path."""
    try:
        found = document(folder, text, **environ).problems
    except ConfigError as error:
        found = list(error.problems)
    return [f"{problem.line}: {problem.key}: {problem.text}" for problem in found]


def test_no_file_is_an_empty_document() -> None:
    assert read(None, {}).value == {}


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "~\n", "\ufeff"])
def test_an_empty_file_is_an_empty_document(tmp_path: Path, text: str) -> None:
    assert document(tmp_path, text).value == {}


def test_values_keep_their_lines(tmp_path: Path) -> None:
    read = document(tmp_path, "a: 1\nb:\n  c:\n    - x\n    - d: y\n")
    assert read.value == {"a": "1", "b": {"c": ["x", {"d": "y"}]}}
    assert [read.line(where) for where in (("a",), ("b", "c"), ("b", "c", 1, "d"))] == [1, 3, 5]


def test_a_missing_place_has_the_line_of_the_one_above(tmp_path: Path) -> None:
    read = document(tmp_path, "a: 1\nb:\n  c: 2\n")
    assert read.line(("b", "gone", "deeper")) == 2
    assert read.line(("gone",)) == 0


@pytest.mark.parametrize(
    "text", ["on", "no", "yes", "1:30", "190:20:30", "0123", "1_000", "2026-01-01", "0x1F", ".5"]
)
def test_yaml_1_1_guesses_nothing(tmp_path: Path, text: str) -> None:
    assert document(tmp_path, f"{text}: {text}").value == {text: text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("512", 512),
        ("-3", -3),
        ("0123", 123),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("on", "on"),
        ("1:30", "1:30"),
        ("'512'", "512"),
        ('"true"', "true"),
        ("2026-01-01", "2026-01-01"),
        ("veo-3.1", "veo-3.1"),
        ("[1, a]", [1, "a"]),
    ],
)
def test_the_catalogue_has_yaml_1_2_types(tmp_path: Path, text: str, value: Any) -> None:
    read = document(tmp_path, f"models: {{catalogue: {{m: {{fact: {text}}}}}}}")
    found = read.value["models"]["catalogue"]["m"]["fact"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${A}", "one"),
        ("x-${A}-${B}", "x-one-two"),
        ("'${A}'", "one"),
        ('"${A}"', "one"),
        ("|-\n  ${A}", "one"),
        ("${GONE:-d}", "d"),
        ("${EMPTY:-d}", "d"),
        ("${A:-d}", "one"),
        ("${GONE:-}", None),
        ('"${GONE:-}"', None),
        ("${EMPTY}", None),
        ("${EMPTY}x", "x"),
        ("${GONE:-a:b-$c}", "a:b-$c"),
        ("$${A}", "${A}"),
        ("$A", "$A"),
        ("$", "$"),
        ("a$${b", "a${b"),
        ("${NESTED}", "${A}"),
        ("${GONE:-null}", None),
        ("[0, '${A}']", ["0", "one"]),
    ],
)
def test_variables_are_filled_in(tmp_path: Path, text: str, value: Any) -> None:
    read = document(tmp_path, f"key: {text}\n", A="one", B="two", EMPTY="", NESTED="${A}")
    assert read.value == {"key": value}
    assert read.problems == []


def test_keys_and_comments_are_not_filled_in(tmp_path: Path) -> None:
    assert document(tmp_path, "${A}: 1  # ${B}\n").value == {"${A}": "1"}


def test_what_a_variable_holds_is_not_yaml(tmp_path: Path) -> None:
    assert document(tmp_path, "key: ${A}", A="{x: 1}\ny: 2").value == {"key": "{x: 1}\ny: 2"}


def test_an_unset_variable(tmp_path: Path) -> None:
    assert problems(tmp_path, "server:\n  port: ${PORT}\n  client_keys:\n    me: ${KEY}\n") == [
        "2: server.port: the environment variable PORT is not set; set it, or write ${PORT:-default}",
        "4: server.client_keys.me: the environment variable KEY is not set; set it, or take this entry out",
    ]


@pytest.mark.parametrize("text", ["${", "${}", "${a b}", "${A:-${B}}", "${A-d}", "${A", "${1}", "${A:?gone}"])
def test_a_malformed_variable(tmp_path: Path, text: str) -> None:
    found = problems(tmp_path, f"key: '{text}'", A="one", B="two")
    assert "1: key: write ${NAME} or ${NAME:-default}, and $${ for a plain ${" in found


def test_duplicate_keys_name_both_lines(tmp_path: Path) -> None:
    text = "server:\n  port: 1\n  host: h\n  port: 2\nserver: {}\n"
    assert problems(tmp_path, text) == [
        "4: server.port: given twice; first on line 2",
        "5: server: given twice; first on line 1",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [1\nb: 2\n", 2),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 'open\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: *gone\n", 1),
        ("a: b: c\n", 1),
    ],
)
def test_syntax_errors_name_the_line(tmp_path: Path, text: str, expected: int) -> None:
    (found,) = problems(tmp_path, text)
    assert found.startswith(f"{expected}: : not valid YAML: ")


@pytest.mark.parametrize(
    "text", [f"a: *{CANARY}\n", f"a: !{CANARY}!x y\n", f"a: !{CANARY} y\n", f'a: "\\{CANARY}"\n']
)
def test_syntax_errors_do_not_show_what_is_there(tmp_path: Path, text: str) -> None:
    found = problems(tmp_path, text)
    assert found
    assert CANARY not in str(found)


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n", "'512'\n"])
def test_a_file_that_is_no_mapping(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text) == ["1: : must be a mapping of keys to values"]


def test_a_file_with_a_forbidden_character(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "a: 1\nb: \x00\n")
    assert "does not allow" in found


@pytest.mark.parametrize("data", [b"a: 1\nb: \xe4\n", "a: ä\n".encode("utf-16")])
def test_a_file_that_is_not_utf_8(tmp_path: Path, data: bytes) -> None:
    (found,) = problems(tmp_path, data)
    assert found.endswith("is not UTF-8 text")
    assert found.startswith("2:" if data.startswith(b"a: 1") else "1:")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        read(tmp_path / "gone.yaml", {})
    assert str(raised.value) == f"{tmp_path / 'gone.yaml'}: no such file"


def test_a_folder(tmp_path: Path) -> None:
    assert_error(tmp_path, "is a folder; name the file in it")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert_error(tmp_path / "config.yaml", "cannot be read: Permission denied")


def assert_error(path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(path, {})
    assert str(raised.value) == f"{path}: {text}"


def test_anchors_and_aliases_work(tmp_path: Path) -> None:
    assert document(tmp_path, "a: &x {b: 1}\nc: *x\n").value == {"a": {"b": "1"}, "c": {"b": "1"}}


def test_an_alias_inside_itself(tmp_path: Path) -> None:
    assert problems(tmp_path, "a: &x\n  b: *x\n") == ["2: a.b: contains itself through an alias"]


def test_aliases_that_multiply(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    (found,) = problems(tmp_path, "\n".join(lines))
    assert "more than 50000 values" in found


def test_deep_nesting(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "a: " + "[" * 500)
    assert found == "0: : nested too deeply"


@pytest.mark.parametrize("text", ["a: !!python/object:os.system x", "a: !custom {b: 1}", "a: !!binary aGk="])
def test_tags_are_refused(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text) == ["1: a: tags (!…) are not supported"]


def test_a_key_that_is_a_list(tmp_path: Path) -> None:
    assert problems(tmp_path, "a:\n  ? [b, c]\n  : d\n") == ["2: a: a key must be a single word"]


def test_places_do_not_show_what_may_be_a_secret() -> None:
    assert dotted(("upstreams", "g", "credentials", 0, "api_key")) == "upstreams.g.credentials[0].api_key"
    assert dotted(("a", "AIzaSy" + "x" * 33)) == "a.…"
    assert dotted(("a", "two words")) == "a.…"


def test_the_error_is_in_line_order_with_and_without_places() -> None:
    one = Document("f.yaml", lines={("b",): 9, ("a",): 2})
    error = ConfigError(
        "f.yaml", [one.problem(("b",), "is bad"), one.problem(("a",), "too"), one.problem((), "all")]
    )
    assert str(error) == "f.yaml: all\nf.yaml:2: a: too\nf.yaml:9: b: is bad"


def test_the_nearest_name_is_offered() -> None:
    assert unknown("unknown key", "prot", ["host", "port"]) == 'unknown key; did you mean "port"?'
    assert unknown("unknown key", "zzz", ["host", "port"]) == "unknown key; allowed: host, port"
