"""Credential files from a path, from text, from a mapping."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from auth.credential_error import CredentialError
from auth.key_file import KeyFile, expanded, text_field


def test_reads_a_path_a_text_and_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text('{"type": "x"}', "utf-8")
    for value in (path, str(path), ' {"type": "x"}', {"type": "x"}):
        assert KeyFile(value).read() == {"type": "x"}


def test_expands_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "key.json").write_text("{}", "utf-8")
    assert KeyFile("~/key.json").read() == {}


def test_a_path_stays_when_no_home_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless(self: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", homeless)
    assert expanded("~/key.json") == Path("~/key.json")


def test_reads_a_changed_file_anew(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text('{"n": 1}', "utf-8")
    file = KeyFile(path)
    assert file.read() == {"n": 1}
    path.write_text('{"n": 2}', "utf-8")
    assert file.read() == {"n": 2}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'{"private_key": "canary", ', "is not valid JSON"),
        (b'["canary"]', "is not a JSON object"),
        (b"\xff\xfecanary", "is not UTF-8 text"),
    ],
)
def test_a_broken_file_is_named_but_not_shown(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "key.json"
    path.write_bytes(content)
    with pytest.raises(CredentialError, match=f"key.json {fault}") as caught:
        KeyFile(path).read()
    assert caught.value.reason == "unreadable"
    assert caught.value.__context__ is None
    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_broken_inline_text_is_not_shown() -> None:
    with pytest.raises(CredentialError, match=r"^The inline JSON is not valid JSON\.$"):
        KeyFile('{"private_key": "canary"').read()


@pytest.mark.parametrize("value", ["", None, True, 3])
def test_a_value_that_names_no_file(value: object) -> None:
    with pytest.raises(CredentialError, match="names no file"):
        KeyFile(value)


def test_repr_shows_where_not_what() -> None:
    assert "canary" not in repr(KeyFile('{"private_key": "canary"}'))


def test_text_field_takes_only_text() -> None:
    info = {"a": "x", "b": "", "c": 1}
    assert [text_field(info, name) for name in "abcd"] == ["x", None, None, None]
