"""The config file as written: YAML with lines kept, variables filled in, every problem named by its place."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

Where = tuple[str | int, ...]
"""The keys and list positions that lead to a value, from the top of the file."""

MOST_VALUES = 50_000
_SECRET_PLACES = ("client_keys", "credentials")
_NAME_SHOWN = re.compile(r"[\w./@-]{1,32}\Z")
_VARIABLE = re.compile(r"\$\$\{|\$\{(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<default>:-(?:(?!\$\{)[^}])*)?\})?")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WHOLE = re.compile(r"[-+]?[0-9]+\Z")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq"))


@dataclass(frozen=True)
class Problem:
    """One thing wrong: `line` counts from 1 (0: no line), `key` is dotted and may be empty."""

    line: int
    key: str
    text: str


class ConfigError(Exception):
    """A config that cannot be used; its text has a line for each problem: `file:line: key: what is wrong`."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(self._lines()))

    def _lines(self) -> Iterator[str]:
        for problem in self.problems:
            place = f"{self.file}:{problem.line}" if problem.line else self.file
            yield ": ".join(part for part in (place, problem.key, problem.text) if part)


@dataclass
class Document:
    """A file's values with the line of each; `failed` are the places that already have a problem."""

    file: str
    value: dict[str, Any] = field(default_factory=dict)
    lines: dict[Where, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    failed: set[Where] = field(default_factory=set)

    def line(self, where: Where) -> int:
        """The line of the nearest written place at or above `where`, 0 when there is none."""
        return next((self.lines[where[:n]] for n in range(len(where), 0, -1) if where[:n] in self.lines), 0)

    def problem(self, where: Where, text: str) -> Problem:
        """A problem at `where`, with its line."""
        return Problem(self.line(where), dotted(where), text)

    def explained(self, where: Where) -> bool:
        """Whether a problem already noted at, above or below `where` is the likely cause of one there."""
        return any(where[: len(bad)] == bad or bad[: len(where)] == where for bad in self.failed)


def dotted(where: Where) -> str:
    """`upstreams.gemini.credentials[0].api_key`; a name that may be a misplaced secret is not shown."""
    text = ""
    for part in where:
        shown = f"[{part}]" if isinstance(part, int) else f".{part if _NAME_SHOWN.match(part) else '…'}"
        text += shown
    return text.removeprefix(".")


def read(path: Path | None, environ: Mapping[str, str]) -> Document:
    """The document at `path`, variables filled in from `environ`; an empty one for None.

    Raises ConfigError when the file cannot be read or is not YAML; lesser problems are kept in the document,
    and the value of a place that has one is a stand-in.
    """
    document = Document(str(path) if path else "")
    if path is None:
        return document
    try:
        root = yaml.compose(_text(path), Loader=_PlainLoader)
    except yaml.YAMLError as error:
        raise ConfigError(document.file, [_syntax_problem(error)]) from None
    except RecursionError:
        raise ConfigError(document.file, [Problem(0, "", "nested too deeply")]) from None
    if root is not None and not isinstance(root, yaml.ScalarNode | yaml.MappingNode):
        raise ConfigError(document.file, [Problem(_line(root), "", "must be a mapping of keys to values")])
    value = _Reader(document, environ).value(root, ()) if root is not None else None
    if value is not None and not isinstance(value, dict):
        raise ConfigError(document.file, [Problem(1, "", "must be a mapping of keys to values")])
    document.value = value or {}
    return document


def _text(path: Path) -> str:
    file = str(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(file, [Problem(0, "", "no such file")]) from None
    except IsADirectoryError:
        raise ConfigError(file, [Problem(0, "", "is a folder; name the file in it")]) from None
    except OSError as error:
        raise ConfigError(file, [Problem(0, "", f"cannot be read: {error.strerror}")]) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(file, [Problem(line, "", "is not UTF-8 text")]) from None


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader that guesses no types: YAML 1.1 would read `on` as true and `1:30` as 90."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  as PyYAML declares it


class _Reader:
    """Turns nodes into values.

    A scalar stays the text that was written, since the model knows the types; only in the free-form catalogue
    it gets the type of YAML 1.2.
    """

    def __init__(self, document: Document, environ: Mapping[str, str]) -> None:
        self._document = document
        self._environ = environ
        self._open: set[int] = set()
        self._count = 0

    def value(self, node: yaml.Node, where: Where) -> Any:
        self._count += 1
        if self._count > MOST_VALUES:
            raise ConfigError(
                self._document.file, [Problem(_line(node), "", f"more than {MOST_VALUES} values")]
            )
        self._document.lines.setdefault(where, _line(node))
        if node.tag not in _TAGS:
            return self._fail(where, "tags (!…) are not supported")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, where)
        if id(node) in self._open:
            return self._fail(where, "contains itself through an alias")
        self._open.add(id(node))
        value = self._mapping(node, where) if isinstance(node, yaml.MappingNode) else self._list(node, where)
        self._open.discard(id(node))
        return value

    def _list(self, node: yaml.Node, where: Where) -> list[Any]:
        return [self.value(item, (*where, n)) for n, item in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, item in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._fail(where, "a key must be a single word", _line(key))
                continue
            place = (*where, key.value)
            if key.value in values:
                again = f"given twice; first on line {self._document.lines[place]}"
                self._document.problems.append(Problem(_line(key), dotted(place), again))
                continue
            self._document.lines[place] = _line(key)
            values[key.value] = self.value(item, place)
        return values

    def _scalar(self, node: yaml.ScalarNode, where: Where) -> Any:
        text = self._filled(node.value, where)
        plain = node.style is None
        if text in _NULL and (plain or text != node.value):
            return None
        return _core_value(text) if plain and where[:2] == ("models", "catalogue") else text

    def _filled(self, text: str, where: Where) -> str:
        if "${" not in text:
            return text
        return _VARIABLE.sub(lambda match: self._variable(match, where), text)

    def _variable(self, match: re.Match[str], where: Where) -> str:
        name, default = match["name"], match["default"]
        if match[0] == "$${":
            return "${"
        if name is None:
            return self._fail(where, "write ${NAME} or ${NAME:-default}, and $${ for a plain ${")
        if default is not None:
            return self._environ.get(name) or default.removeprefix(":-")
        if name in self._environ:
            return self._environ[name]
        secret = any(place in where for place in _SECRET_PLACES)
        instead = "take this entry out" if secret else f"write ${{{name}:-default}}"
        return self._fail(where, f"the environment variable {name} is not set; set it, or {instead}")

    def _fail(self, where: Where, text: str, line: int | None = None) -> str:
        problem = self._document.problem(where, text)
        self._document.problems.append(Problem(line or problem.line, problem.key, text))
        self._document.failed.add(where)
        return f"unknown-{len(self._document.problems)}"


def _core_value(text: str) -> str | int | float | bool:
    if text in _TRUTH:
        return _TRUTH[text]
    if _WHOLE.match(text):
        return int(text)
    return float(text) if _DECIMAL.match(text) else text


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _syntax_problem(error: yaml.YAMLError) -> Problem:
    if isinstance(error, yaml.reader.ReaderError):
        return Problem(
            0, "", f"has a character that YAML does not allow, number {error.position + 1} of the file"
        )
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = str(getattr(error, "problem", None) or "cannot be read")
    # a misplaced secret may stand where the parser expected a name
    what = re.sub(r"'[^'<]{3,}'", "'…'", what)
    return Problem(mark.line + 1 if mark else 0, "", f"not valid YAML: {what}")


def wrong(text: str, *at: str | int) -> PydanticCustomError:
    """The error a validator raises: `text` says what is allowed and never quotes the value.

    `at` leads from the validated place to the one below it that is wrong.
    """
    return all_wrong([(at, text)])


def all_wrong(found: list[tuple[Where, str]]) -> PydanticCustomError:
    """Several errors of one validator, each with its place."""
    return PydanticCustomError(
        "config", "{text}", {"text": "; ".join(text for _, text in found), "found": found}
    )


_WORDS = {
    "missing": "required",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_type": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be a single value",
    "dict_type": "must be a mapping of names to values",
    "model_type": "must be a mapping of keys to values",
    "tuple_type": "must be a list",
    "byte_size": "must be a number of bytes, such as 104857600 or 100MiB",
    "byte_size_unit": "must be a number of bytes, such as 104857600 or 100MiB",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than_equal": "must be {le:g} or less",
}


def problems_of(error: ValidationError, model: type[BaseModel], document: Document) -> list[Problem]:
    """What pydantic found in `document`, in our words; what an earlier problem explains is left out."""
    found = [place for detail in error.errors(include_url=False) for place in _explain(detail, model)]
    return [document.problem(where, text) for where, text in found if not document.explained(where)]


def _explain(detail: ErrorDetails, model: type[BaseModel]) -> Iterator[tuple[Where, str]]:
    where = tuple(part for part in detail["loc"] if part != "[key]")
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "config":
        yield from (((*where, *at), text) for at, text in context["found"])
    elif kind == "extra_forbidden":
        yield where, unknown("unknown key", str(where[-1]), _known(model, where[:-1]))
    elif kind == "literal_error":
        allowed = re.findall(r"'([^']+)'", context["expected"])
        yield where, unknown("not one of the choices", str(detail["input"]), allowed)
    elif kind != "default_factory_not_called":
        has_none = detail["input"] is None and kind != "missing"
        yield where, "has no value" if has_none else _WORDS.get(kind, "is not valid").format(**context)


def unknown(text: str, name: str, allowed: Iterable[str]) -> str:
    """`text` with the nearest allowed name, or with all of them when none is near."""
    names = list(allowed)
    near = get_close_matches(name.lower(), names, n=1)
    return f'{text}; did you mean "{near[0]}"?' if near else f"{text}; allowed: {', '.join(names)}"


def _known(model: type[BaseModel], where: Where) -> list[str]:
    """The keys allowed at `where`, found by following the models' own annotations."""
    here: Any = model
    for part in where:
        if isinstance(here, type) and issubclass(here, BaseModel):
            here = here.model_fields[str(part)].annotation
        else:
            here = next(kind for kind in reversed(get_args(here)) if kind is not Ellipsis)
    return list(here.model_fields)
