"""The answer to a question of ours is found in what people type; anything else is left to be understood."""

from __future__ import annotations

import pytest

from assistant.expected import answer_in, answer_understood, picked, yes_or_no
from assistant.pending import Pending

ADDRESS, CODE, CHECK = Pending("identificatie.adres"), Pending("identificatie.code"), Pending("meedoen.erkend")


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        (ADDRESS, "mijn mail is amina@kandidaat.example", "adres=amina@kandidaat.example"),
        (ADDRESS, "amina@kandidaat", "adres="),
        (ADDRESS, "a@b.example\r\nBcc: c@d.example", "adres="),
        (ADDRESS, "123456", None),
        (ADDRESS, "hoeveel verlof krijg ik?", None),
        (CODE, "123 456", "code=123456"),
        (CODE, "de code is 123456.", "code=123456"),
        (CODE, "12345", "code="),
        (CODE, "oei, het was dirk@kandidaat.example", "adres=dirk@kandidaat.example"),
        (CODE, "wanneer is stap 2?", None),
        (CODE, "bel ik dan 056 27 85 03?", None),
        (CHECK, "amina@kandidaat.example", None),
    ],
)
def test_an_address_or_a_code(question: Pending, text: str, answer: str | None) -> None:
    assert answer_in(question, text) == answer


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 0),
        ("de eerste", 0),
        ("ik bedoel de tweede", 1),
        ("Nummer 3 graag", 2),
        ("de laatste", -1),
        ("4", None),
        ("stap 2", None),
        ("de eerste test", None),
        ("een", 0),
        ("een vraag", None),
    ],
)
def test_a_choice_in_words(text: str, number: int | None) -> None:
    assert picked(text) == number


@pytest.mark.parametrize(
    ("text", "intent", "answer"),
    [
        ("ja", "bevestigen", "ja"),
        ("ja, ik heb een bachelor", "diploma", "ja"),
        ("zeker en vast", "bevestigen", "ja"),
        ("nee", "ontkennen", "nee"),
        ("neen, nog nooit", "nlu_fallback", "nee"),
        ("geen diploma", "geen_diploma", "nee"),
        ("dat weet ik niet", "ontkennen", "weet_niet"),
        ("geen idee", "nlu_fallback", "weet_niet"),
        ("hoeveel verlof krijg ik", "verlof", None),
        ("ja maar wat is een getuigschrift eigenlijk?", "diploma", None),
        ("nee want ik heb vroeger in Aalst school gelopen en daar iets anders gedaan", "diploma", None),
    ],
)
def test_yes_no_or_not_sure(text: str, intent: str, answer: str | None) -> None:
    assert yes_or_no(text, intent) == answer


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Zorro Geheimkens", "Zorro Geheimkens"),
        ("ik ben Jo van Verlof", "Jo van Verlof"),
        ("verlof en loon", None),
        ("LOON EN VERLOF", None),
        ("Hoe Oud?", None),
    ],
)
def test_what_is_written_as_a_name_is_one_whatever_it_resembles(text: str, name: str | None) -> None:
    answer = answer_understood(Pending("doorgeven.naam"), text, "privacy", 0.95)
    assert answer == (f"naam={name}" if name else None)
