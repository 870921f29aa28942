"""Conversations that nobody trained on are understood at least as well as was measured (docs/nlu.md)."""

from __future__ import annotations

import pytest
from rasa.core.agent import Agent

from assistant.answers import offerable, topics_of
from assistant.conversation.reading import Reader
from assistant.parsing import reader
from tools.evaluate import TEST_SETS, questions
from tools.evaluate_conversation import rows, table
from tools.model import model
from tools.topic_files import responses


@pytest.fixture(scope="module")
def conversation() -> Reader:
    return reader(Agent.load(str(model())))


def test_what_stands_on_a_button_is_understood_when_it_is_typed(conversation: Reader) -> None:
    """Titles also stand before follow-ups that the classifier learned, and those are about other topics."""
    topics = {topic: metadata.titel for topic, metadata in topics_of(responses()).items() if offerable(metadata)}
    read = {topic: conversation.whole(title).topic for topic, title in topics.items()}
    assert {topic: other for topic, other in read.items() if topic != other} == {}


@pytest.fixture(scope="module")
def measured(conversation: Reader) -> dict[str, float]:
    found = list(rows(conversation, questions(TEST_SETS)))
    print(table(found))
    return {name: right for name, right, _ in found}


@pytest.mark.parametrize(
    ("row", "least"),
    [
        ("several questions, all parts right, set a", 0.82),
        ("several questions, all parts right, set b", 0.83),
        ("several questions, all parts right, set c", 0.82),
        ("single questions not cut, set a", 0.93),
        ("single questions not cut, set b", 0.92),
        ("single questions not cut, set c", 0.96),
        ("single questions not cut, the question sets", 0.98),
        ("follow-ups right, set a", 0.88),
        ("follow-ups right, set b", 0.88),
        ("follow-ups right, set c", 0.88),
        ("first right after another answer", 0.94),
        ("out-of-scope refused after another answer", 0.93),
    ],
)
def test_what_was_measured_does_not_get_lost(measured: dict[str, float], row: str, least: float) -> None:
    assert measured[row] >= least


@pytest.mark.parametrize("kind", ["one edit", "two edits", "a missing space", "autocorrect"])
def test_typing_errors_cost_little(measured: dict[str, float], kind: str) -> None:
    assert measured[f"first right, {kind}"] >= measured["first right, typed rightly"] - 0.04
