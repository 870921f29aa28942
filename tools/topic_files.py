"""The topic files under data/ as plain data: their examples and their responses."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from tools.model import ROOT

_DATA = ROOT / "data"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C, where it is built: ten times as fast


@cache
def topic_files() -> dict[str, dict[str, Any]]:
    """Return the content of each file under data/, by its path from there without the ending."""
    return {
        path.relative_to(_DATA).with_suffix("").as_posix(): yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506
        for path in sorted(_DATA.glob("**/*.yml"))
    }


@cache
def examples_by_topic() -> dict[str, list[str]]:
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
