"""The weights that were learned (`make train-conversation`), as they are read once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from assistant.conversation.choice import Choice
from assistant.conversation.follow_ups import Expected

WEIGHTS_FILE = Path(__file__).with_name("weights.json")
CUTTING, FOLLOWING = "several questions", "follow-ups"  # kinds of choice
EXPECTED = "expected next"


@cache
def weights(kind: str) -> Choice:
    """Return the weights for one kind of choice."""
    return Choice(_learned()[kind])


def expected_next() -> Expected:
    """Return how often people asked about a topic right after the answer about another."""
    return _learned()[EXPECTED]


def write_weights(learned: Mapping[str, Any]) -> None:
    """Write what was learned."""
    WEIGHTS_FILE.write_text(json.dumps(learned, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@cache
def _learned() -> dict[str, Any]:
    return dict(json.loads(WEIGHTS_FILE.read_text(encoding="utf-8")))
