"""Another language than Dutch is noticed, and Flemish is not taken for one."""

from __future__ import annotations

import pytest

from assistant.nlu.language_detector import LanguageDetector
from tools.evaluate import TEST_SETS, questions


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetector(LanguageDetector.get_default_config())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how many vacation days do I get", "en"),
        ("can I work from home", "en"),
        ("combien de jours de congé ?", "fr"),
        ("est-ce que je peux travailler à la maison", "fr"),
        ("cuántos días de vacaciones tengo", "ander"),
        ("wat is de deadline", None),
        ("is feedback mogelijk na de assessment", None),
        ("feedback", None),
        ("congé?", None),
        ("amai da's nen hoop congé zeg", None),
        ("", None),
        ("🙂 🙂 🙂", None),
    ],
)
def test_the_language_of_a_message(detector: LanguageDetector, text: str, language: str | None) -> None:
    assert detector.foreign_language(text) == language


def test_dutch_questions_are_left_alone(detector: LanguageDetector) -> None:
    """A notice in English above an answer to a Fleming would be worse than none above one to an Englishman."""
    dutch = [question.text for question in questions(TEST_SETS) if question.topic != "andere_taal"]
    mistaken = [text for text in dutch if detector.foreign_language(text)]
    assert len(mistaken) <= len(dutch) * 0.003, mistaken
