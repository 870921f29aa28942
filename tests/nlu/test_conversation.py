"""Conversations that nobody trained on are understood at least as well as was measured (docs/nlu.md)."""

from __future__ import annotations

import pytest
from rasa.core.agent import Agent

from assistant.parsing import reader
from tools.evaluate import TEST_SETS, questions
from tools.evaluate_conversation import rows, table
from tools.model import model


@pytest.fixture(scope="module")
def measured() -> dict[str, float]:
    found = list(rows(reader(Agent.load(str(model()))), questions(TEST_SETS)))
    print(table(found))
    return {name: right for name, right, _ in found}


@pytest.mark.parametrize(
    ("row", "least"),
    [
        ("several questions, all parts right, set a", 0.83),
        ("several questions, all parts right, set b", 0.83),
        ("several questions, all parts right, set c", 0.86),
        ("single questions not cut, set a", 0.94),
        ("single questions not cut, set b", 0.94),
        ("single questions not cut, set c", 0.98),
        ("single questions not cut, the question sets", 0.98),
        ("follow-ups right, set a", 0.89),
        ("follow-ups right, set b", 0.90),
        ("follow-ups right, set c", 0.90),
        ("first right after another answer", 0.94),
        ("out-of-scope refused after another answer", 0.93),
    ],
)
def test_what_was_measured_does_not_get_lost(measured: dict[str, float], row: str, least: float) -> None:
    assert measured[row] >= least


@pytest.mark.parametrize("kind", ["one edit", "two edits", "a missing space", "autocorrect"])
def test_typing_errors_cost_little(measured: dict[str, float], kind: str) -> None:
    assert measured[f"first right, {kind}"] >= measured["first right, typed rightly"] - 0.04
