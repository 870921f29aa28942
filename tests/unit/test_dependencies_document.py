"""docs/dependencies.md speaks of the versions that are installed."""

from __future__ import annotations

import re

from tests.conftest import ROOT

DOCUMENT = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
LOCKED = dict(
    re.findall(r"^([\w.-]+)(?:\[.*\])?==(\S+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
)


def test_the_versions_are_those_of_the_lock_file() -> None:
    stated = dict(re.findall(r"`([\w.-]+)` (\d[\d.]*\d)", DOCUMENT))
    tools = {"pip-audit"}  # fetched when it is run
    assert len(stated) > 10
    assert {name: version for name, version in stated.items() if name not in tools and LOCKED.get(name) != version} == {}


def test_what_is_said_to_come_with_rasa_is_installed() -> None:
    (names,) = re.findall(r"^Other old libraries.*?\.$", DOCUMENT, flags=re.MULTILINE | re.DOTALL)
    assert [name for name in re.findall(r"`([\w-]+)`", names) if name not in LOCKED] == []
