"""What must not stand in the repository: names of package indexes, paths of one machine, grab-bag files."""

import re
from pathlib import Path

import pytest

from tests.rules.tree import ROOT, files

LOCK = ROOT / "requirements.lock"

# Each word is broken by a bracket, so that this file does not hold it itself.
INDEX_HOSTS = re.compile(r"pyp[i]\.org|python[h]osted|registry\.npm[j]s|deb\.debia[n]")
MACHINE_PATHS = re.compile(r"(?<![\w.:~-])/(?:wor[k]|roo[t]|(?:home|Users)/(?!me/)[a-z]+)/")
GRAB_BAGS = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}


def texts() -> list[tuple[Path, str]]:
    found = []
    for path in files():
        data = (ROOT / path).read_bytes()
        if b"\0" not in data[:8192]:
            found.append((path, data.decode("utf-8")))
    return found


@pytest.mark.parametrize("pattern", [INDEX_HOSTS, MACHINE_PATHS], ids=["index hosts", "machine paths"])
def test_no_text_names(pattern: re.Pattern[str]) -> None:
    hits = [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not hits, "\n".join(hits)


def test_no_grab_bags() -> None:
    hits = [
        str(path)
        for path in files()
        if GRAB_BAGS.intersection((*path.parts[:-1], path.stem.removeprefix("test_")))
    ]
    assert not hits, f"a file is named after its one noun (docs/glossary.md): {hits}"


def test_lock_names_no_place() -> None:
    places = [
        line
        for line in LOCK.read_text().splitlines()
        if "://" in line or line.startswith("-") or " @ " in line
    ]
    assert not places


def test_lock_is_pinned_and_hashed() -> None:
    entries = LOCK.read_text().replace("\\\n", " ").splitlines()
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==\S+ ", entry), entry[:80]
        assert " --hash=sha256:" in entry, entry[:80]


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{path}: {link}"
        for path in files()
        if path.suffix == ".md"
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", (ROOT / path).read_text("utf-8"))
        if "://" not in link and not (ROOT / path.parent / link).exists()
    ]
    assert not broken
