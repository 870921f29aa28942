"""Reads the topic files (data/) for what the report needs of them: names that people know, and the words of questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from assistant.answers import UTTER

FOLDER = Path("data")
SMALL_TALK = "gesprek"  # the folder of what is said between questions


@dataclass(frozen=True)
class TopicFile:
    """One topic."""

    name: str
    folder: str
    title: str
    examples: tuple[str, ...]


def topic_files(folder: Path = FOLDER) -> dict[str, TopicFile]:
    """Return every topic by its name."""
    return {topic.name: topic for topic in _read(folder)}


def _read(folder: Path) -> Iterator[TopicFile]:
    for path in sorted(folder.glob("*/*.yml")):
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        metadata = (content.get("responses", {}).get(UTTER + path.stem) or [{}])[0].get("metadata", {})
        lines = [line.strip() for entry in content.get("nlu", []) for line in entry["examples"].splitlines()]
        title = metadata.get("titel") or path.stem.replace("_", " ").capitalize()
        yield TopicFile(path.stem, path.parent.name, title, tuple(line[2:] for line in lines if line))
