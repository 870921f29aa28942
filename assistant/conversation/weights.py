"""The weights that were learned (`make train-conversation`), as they are read once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from assistant.conversation.choice import Choice
from assistant.conversation.follow_ups import Expected
from assistant.conversation.trees import Scoring, Trees

WEIGHTS_FILE = Path(__file__).with_name("weights.json")
CUTTING, FOLLOWING, EXPECTED = "several questions", "follow-ups", "expected next"
CHOICE, TREES = "choice", "trees"  # what is kept of the first two


@cache
def scoring(kind: str) -> Scoring:
    """Return what was learned of one kind of decision."""
    learned = _learned()[kind]
    return Scoring(Choice(learned[CHOICE]), Trees.of_numbers(learned[TREES]))


def expected_next() -> Expected:
    """Return how often people asked about a topic right after the answer about another."""
    return _learned()[EXPECTED]


def write_weights(learned: Mapping[str, Any]) -> None:
    """Write what was learned, each kind on a line of its own."""
    lines = (f"{json.dumps(name)}: {json.dumps(each, ensure_ascii=False)}" for name, each in learned.items())
    WEIGHTS_FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


@cache
def _learned() -> dict[str, Any]:
    return dict(json.loads(WEIGHTS_FILE.read_text(encoding="utf-8")))
