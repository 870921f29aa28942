"""What must never be committed is not."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.conftest import ROOT

TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
TEXTS = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in TRACKED
    if not name.endswith(".png") and (ROOT / name).exists()
}


@pytest.mark.parametrize(
    "pattern",
    [r"pypi\.(?:org|python)", r"pythonhosted", r"npmjs\.(?:org|com)", r"deb\.debian", r"/home/\w+", r"/root/", r"\B/work/"],
)
def test_no_registry_and_no_path_of_a_machine_is_named(pattern: str) -> None:
    own = "tests/unit/test_repository.py"
    assert [name for name, text in TEXTS.items() if name != own and re.search(pattern, text)] == []


def test_every_dependency_has_its_reason() -> None:
    lines = [line for line in TEXTS["requirements.in"].splitlines() if re.match(r"[a-z]", line)]
    reasoned = [line for line in lines if re.search(r"\s# \w+", line) or line.startswith("types-")]
    unreasoned = set(lines) - set(reasoned) - {"pytest"}
    assert unreasoned == set()


def test_every_dependency_is_locked_with_hashes() -> None:
    packages = re.findall(r"^[a-z0-9].*", TEXTS["requirements.txt"], flags=re.MULTILINE)
    assert len(packages) > 100
    assert all(re.fullmatch(r"[\w.-]+(?:\[[\w,-]+\])?==\S+ \\", package) for package in packages), packages
    assert TEXTS["requirements.txt"].count("--hash=sha256:") >= len(packages)
