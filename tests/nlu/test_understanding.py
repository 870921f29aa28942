"""The trained model understands questions that it has never seen at least as well as was promised (docs/nlu.md)."""

from __future__ import annotations

import pytest

from tools.evaluate import TEST_SETS, Outcome, confusions, figures, outcomes, questions, table
from tools.model import model


@pytest.fixture(scope="module")
def results() -> list[Outcome]:
    return outcomes(model(), questions(TEST_SETS))


@pytest.mark.parametrize(
    ("figure", "least", "most"),
    [
        ("first right", 0.93, 1.0),
        ("in the first three", 0.98, 1.0),
        ("out-of-scope refused", 0.90, 1.0),
        ("in-scope wrongly refused", 0.0, 0.03),
    ],
)
def test_the_figures_that_were_promised(results: list[Outcome], figure: str, least: float, most: float) -> None:
    measured = figures(results)
    print(table({"ours": measured}))
    assert least <= measured[figure] <= most


def test_no_topic_is_understood_badly(results: list[Outcome]) -> None:
    """An average can hide a topic that fails: each must be right at once in two of three questions."""
    asked: dict[str, list[bool]] = {}
    for result in results:
        asked.setdefault(result.question.topic, []).append(result.first_right)
    weak = {topic: sum(right) / len(right) for topic, right in asked.items() if sum(right) / len(right) < 2 / 3}
    assert weak == {}, confusions(results).most_common(20)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("stap1_niet_geslaagd", "stap2_niet_geslaagd"),
        ("stap1_wanneer", "stap2_wanneer"),
        ("stap1_vrijstelling", "stap2_vrijstelling"),
    ],
)
def test_step_1_and_step_2_are_not_taken_for_one_another(results: list[Outcome], one: str, other: str) -> None:
    """Their answers differ where it matters most: what happens to who fails, until when, and who is exempt."""
    taken = confusions(results)
    assert taken[(one, other)] + taken[(other, one)] <= 1
