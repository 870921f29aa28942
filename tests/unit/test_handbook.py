"""What HR's handbook tells to type or to open is there."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "handleiding.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
QUOTED = re.findall(r"`([^`]+)`", TEXT)
COMMANDS = sorted({found for quoted in QUOTED for found in re.findall(r"\bmake ([a-z-]+)", quoted)})
VARIABLES = sorted(
    {found for quoted in QUOTED for found in re.findall(r"make ([a-z-]+)((?: [A-Z]+=\S+)+)", quoted)}
)  # fmt: skip
FILES = sorted({quoted for quoted in QUOTED if re.fullmatch(r"(?:\w+/)+[\w.]+|domain\.yml", quoted)})
EXAMPLES = {"var/report.html"}  # made by the command


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_exists(command: str) -> None:
    assert re.search(rf"^{command}:.* ## ", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize(("command", "given"), VARIABLES)
def test_each_variable_is_one_that_the_command_takes(command: str, given: str) -> None:
    recipe = re.search(rf"^{command}:.*\n(?:\t.*\n)+", MAKEFILE, re.MULTILINE)
    assert recipe
    for variable in re.findall(r"([A-Z]+)=", given):
        assert re.search(rf"\b{variable}\b", recipe[0])


@pytest.mark.parametrize("name", FILES)
def test_each_file_exists(name: str) -> None:
    assert name in EXAMPLES or (ROOT / name).exists()


def test_the_picture_exists() -> None:
    (picture,) = re.findall(r"!\[[^]]+\]\(([^)]+)\)", TEXT)
    assert (ROOT / "docs" / picture).exists()


def test_what_is_looked_for_was_found() -> None:
    assert {"run", "test-fast", "eval", "import", "report", "outbox"} <= set(COMMANDS)
    assert {"assistant/facts.yml", "docs/infobundel.txt", "domain.yml", "data/aanbod/verlof.yml"} <= set(FILES)
    assert len(VARIABLES) >= 5
