"""The topic files as tests read them."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from tests.conftest import ROOT

CONVERSATION_FOLDER = "gesprek"


@cache
def topic_files() -> dict[str, dict[str, Any]]:
    """Return the content of each file under data/, by its path from there without the ending."""
    data = ROOT / "data"
    return {
        path.relative_to(data).with_suffix("").as_posix(): yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(data.glob("**/*.yml"))
    }


@cache
def examples() -> dict[str, list[str]]:
    """Return the training examples, by intent."""
    return {
        entry["intent"]: [line.strip()[2:] for line in entry["examples"].splitlines() if line.strip()]
        for content in topic_files().values()
        for entry in content.get("nlu", [])
    }


@cache
def responses() -> dict[str, list[dict[str, Any]]]:
    """Return all responses, by name."""
    return {
        name: variations for content in topic_files().values() for name, variations in content.get("responses", {}).items()
    }
