"""A message is cut where another question begins, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.several_questions import questions_in


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("hoeveel verlof heb ik, en krijg ik maaltijdcheques?", ["hoeveel verlof heb ik", "krijg ik maaltijdcheques?"]),
        ("hoeveel verlof heb ik en krijg ik maaltijdcheques", ["hoeveel verlof heb ik", "krijg ik maaltijdcheques"]),
        ("Wat verdien ik? Is er telewerk?", ["Wat verdien ik?", "Is er telewerk?"]),
        ("1. wat verdien ik 2. is er telewerk", ["wat verdien ik", "is er telewerk"]),
        ("wat is mijn status en hoeveel is een maaltijdcheque?", ["wat is mijn status", "hoeveel is een maaltijdcheque?"]),
        (
            "Dag! Ik heb twee vragen. Wanneer is stap 2? En wie zit er in de jury?",
            ["Dag! Ik heb twee vragen. Wanneer is stap 2?", "En wie zit er in de jury?"],
        ),
        (
            "wanneer is stap 1, wanneer is stap 2 en wanneer is stap 3?",
            ["wanneer is stap 1", "wanneer is stap 2", "wanneer is stap 3?"],
        ),
    ],
)
def test_several_questions_are_found_in_order(text: str, questions: list[str]) -> None:
    assert questions_in(text) == questions


@pytest.mark.parametrize(
    "text",
    [
        "diploma en ervaring nodig?",
        "moet ik aan het onthaal en de balie staan?",
        "Ik ben 45 en heb een bachelor, volstaat dat als diploma?",
        "Ik werk al tien jaar in een winkel. Nu wil ik veranderen. Mag ik meedoen?",
        "krijg ik een verzekering voor mij en mijn partner?",
        "wat als ik niet slaag",
        "verlof en premies",
        "hoeveel is de fietsvergoeding, 36 cent per kilometer?",
        "Mijn diploma is van 2.000 km ver, telt dat?",
        "ja",
        "?",
    ],
)
def test_one_question_is_not_cut(text: str) -> None:
    assert questions_in(text) == [text]


@given(st.text(max_size=200))
def test_whatever_is_typed_gives_at_least_one_question(text: str) -> None:
    assert questions_in(text)
