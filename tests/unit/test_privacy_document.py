"""docs/privacy.md names every field that is kept, the terms as they are, and tests that exist."""

from __future__ import annotations

import importlib
import pkgutil
import re

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore

import assistant
from assistant.settings import RetentionSettings
from assistant.storage import metadata
from hr_backend.schema import metadata as hr_metadata
from hr_backend.settings import DatabaseSettings
from tests.conftest import ROOT

DOCUMENT = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")


def documented() -> dict[str, set[str]]:
    """The fields of each table, as the document has them under its heading."""
    tables: dict[str, set[str]] = {}
    for section in re.split(r"^#### ", DOCUMENT, flags=re.MULTILINE)[1:]:
        heading, _, rest = section.partition("\n")
        text = re.split(r"^##+ ", rest, flags=re.MULTILINE)[0]
        cells = re.findall(r"^\| (`.*?) \|", text, flags=re.MULTILINE) or re.findall(r"\(`.*?`\)", text)
        fields = {field for cell in cells for field in re.findall(r"`(\w+)`", cell)}
        tables.update(dict.fromkeys(re.findall(r"`(\w+)`", heading), fields))
    return tables


def kept() -> dict[str, set[str]]:
    """The columns of every table of the assistant, of Rasa and of the HR backend."""
    for module in pkgutil.walk_packages(assistant.__path__, "assistant."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    tables: list[sa.Table] = [*metadata.sorted_tables, *hr_metadata.sorted_tables, SQLTrackerStore.SQLEvent.__table__]
    return {table.name: set(table.columns.keys()) for table in tables}


def test_every_table_and_field_has_its_place() -> None:
    of_the_round = kept()["round_step"] | kept()["round_day"]
    expected = {**kept(), "round_step": of_the_round, "round_day": of_the_round}
    assert documented() == expected


def test_every_table_has_its_term() -> None:
    sections = re.split(r"^#### ", DOCUMENT, flags=re.MULTILINE)[1:]
    assert [section.partition("\n")[0] for section in sections if "Termijn: " not in section] == []


def test_the_terms_are_those_of_the_settings() -> None:
    settings = {**RetentionSettings.__fields__, **DatabaseSettings.__fields__}
    terms = {name.upper(): field.default for name, field in settings.items() if name.startswith("keep_")}
    stated = {name: int(days) for name, days in re.findall(r"`(KEEP_\w+)` \((\d+)\)", DOCUMENT)}
    assert stated == terms
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {name: int(days) for name, days in re.findall(r"\| `(KEEP_\w+)` \| (\d+) \|", readme)} == terms


def test_every_test_that_guards_a_threat_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", DOCUMENT)
    threats = DOCUMENT.partition("## 2. ")[2].count("\n| ") - 2  # without the head of the table
    assert len(named) == threats > 20
    assert [name for path, name in named if not re.search(rf"def {name}\b", (ROOT / path).read_text(encoding="utf-8"))] == []
