"""Google's JSON credential files, from a path, from text or from a mapping."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auth.credential_error import CredentialError

CHECK_ADVICE = "Check the path and the file in the config."


class KeyFile:
    """Where a credential's JSON object stands. It is read anew at every use, for keys get rotated.

    value: a path (`~` is expanded), the JSON text itself (starts with `{`), or a mapping from the config.
    """

    __slots__ = ("_inline", "name", "path")

    def __init__(self, value: object) -> None:
        self._inline: str | None = None
        self.path: Path | None = None
        if isinstance(value, Mapping):
            self._inline = json.dumps(dict(value), default=str)
        elif isinstance(value, str) and value.lstrip().startswith("{"):
            self._inline = value
        elif isinstance(value, (str, Path)) and str(value).strip():
            self.path = expanded(value)
        else:
            raise unreadable("The credential names no file", "the credential")
        self.name = "the inline JSON" if self.path is None else str(self.path)

    def read(self) -> dict[str, Any]:
        """The JSON object. Raises CredentialError(unreadable) when missing, not JSON, or not an object."""
        text, fault = self._text()
        info: dict[str, Any] = {}
        if not fault:
            info, fault = _parsed(text)
        # Raised here and not where the parser failed: its error carries the whole document along.
        if fault:
            raise unreadable(f"{self.name[:1].upper()}{self.name[1:]} {fault}", self.name)
        return info

    def _text(self) -> tuple[str, str]:
        if self.path is None:
            return self._inline or "", ""
        try:
            return self.path.read_text("utf-8"), ""
        except OSError as error:
            return "", f"cannot be read: {error.strerror or type(error).__name__}"
        except UnicodeDecodeError:
            return "", "is not UTF-8 text"

    def __repr__(self) -> str:
        return f"KeyFile({self.name})"


def unreadable(sentence: str, account: str, advice: str = CHECK_ADVICE) -> CredentialError:
    """A CredentialError for a file or value that cannot be used as it stands."""
    return CredentialError(f"{sentence}.", reason="unreadable", account=account, advice=advice)


def changed_account(name: str, account: str) -> CredentialError:
    """The file names another account now; jobs are pinned to the one that paid, so it is not taken."""
    return unreadable(f"{name} now names another account", account, "Restart to use the new account.")


def text_field(info: Mapping[str, Any], name: str) -> str | None:
    """A field of a credential file when it holds non-empty text, else None."""
    value = info.get(name)
    return value if isinstance(value, str) and value else None


def expanded(value: str | Path) -> Path:
    """The path with `~` replaced by the home folder, where one is known."""
    path = Path(str(value).strip())
    try:
        return path.expanduser()
    except RuntimeError:  # no home folder is known; the read will say that the file is missing
        return path


def _parsed(text: str) -> tuple[dict[str, Any], str]:
    try:
        info = json.loads(text)
    except (ValueError, RecursionError):
        return {}, "is not valid JSON"
    return (info, "") if isinstance(info, dict) else ({}, "is not a JSON object")
