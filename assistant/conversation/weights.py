"""The weights that were learned (`make train-conversation`), as they are read once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from assistant.conversation.choice import Choice
from assistant.conversation.follow_ups import Expected
from assistant.conversation.several_questions import Cutting
from assistant.conversation.trees import Trees

WEIGHTS_FILE = Path(__file__).with_name("weights.json")
CUTTING, TREES, FOLLOWING, EXPECTED = "several questions", "several questions, trees", "follow-ups", "expected next"


@cache
def cutting() -> Cutting:
    """Return what was learned of cutting messages."""
    return Cutting(Choice(_learned()[CUTTING]), Trees.of_numbers(_learned()[TREES]))


@cache
def following() -> Choice:
    """Return the weights for the topic of a follow-up."""
    return Choice(_learned()[FOLLOWING])


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
