"""Finds out whether a question takes a wrong figure for granted: 'de wachtlijst is toch 2 jaar geldig?'.

Only a question that claims something is judged ('toch', 'klopt het dat', 'ik hoorde dat'); a figure that merely tells
the candidate's own story ('ik heb 3 jaar ervaring') is none of our business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import Enum
from typing import Union

from assistant.facts import Amount, Day, Days, Duration, Fact, Quantity

_NUMBER_WORDS = {
    word: number
    for number, words in enumerate(
        (
            "nul", "een één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf",
            "dertien", "veertien", "vijftien", "zestien", "zeventien", "achttien", "negentien", "twintig",
        )
    )
    for word in words.split()
}  # fmt: skip
_MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip
_UNITS = {"jaar": "jaar", "jaren": "jaar", "maand": "maanden", "maanden": "maanden", "week": "weken", "weken": "weken",
          "dag": "dagen", "dagen": "dagen", "vakantiedagen": "dagen", "verlofdagen": "dagen", "uur": "uur"}  # fmt: skip

_NUMBER = rf"(\d+(?:[.,]\d+)?|{'|'.join(_NUMBER_WORDS)})"
_CLAIM = re.compile(
    r"\btoch\b|\bklopt\b|\bis het (?:waar|zo|juist|correct)\b|\bis dat (?:waar|juist|correct)\b"
    r"|\b(?:hoorde|gehoord|gelezen|las|dacht|denk|zeggen|zei|zegt|gezegd|beweert|blijkbaar|naar het schijnt)\b"
    r"|\bhe\b|\bhé\b|\bhè\b|\bniet\s?waar\b|\bnietwaar\b|\bjuist\s*\?|\bdus\b"
)
_LENGTH = re.compile(rf"\b{_NUMBER}\s*({'|'.join(_UNITS)})\b")
_SUM = re.compile(rf"€\s*(\d+(?:[.,]\d+)?)|\b{_NUMBER}\s*(?:€|euro|eur)\b|\b(\d+)\s*(?:cent|eurocent)\b")
_DATE = re.compile(rf"\b(\d{{1,2}})\s+({'|'.join(_MONTHS)})\b")

Claim = tuple[str, Union[Decimal, tuple[int, int]]]


class Verdict(Enum):
    """What a question claims, against the facts."""

    NOTHING_CLAIMED = "geen"
    RIGHT = "juist"
    WRONG = "fout"


def judge(question: str, facts: Iterable[Fact]) -> Verdict:
    """Compare the figures that `question` claims with those of `facts`, each kind and unit with its own."""
    text = question.lower()
    if not _CLAIM.search(text):
        return Verdict.NOTHING_CLAIMED
    known = [claim for fact in facts for claim in _claims_of(fact)]
    kinds = {kind for kind, _ in known}
    claimed = [claim for claim in _claims_in(text) if claim[0] in kinds]
    if not claimed:
        return Verdict.NOTHING_CLAIMED
    return Verdict.RIGHT if all(claim in known for claim in claimed) else Verdict.WRONG


def _claims_in(text: str) -> Iterable[Claim]:
    for number, unit in _LENGTH.findall(text):
        yield _UNITS[unit], _number(number)
    for euros, words, cents in _SUM.findall(text):
        yield "EUR", Decimal(cents) / 100 if cents else _number(euros or words)
    for day, month in _DATE.findall(text):
        yield "datum", (int(day), _MONTHS.index(month) + 1)


def _claims_of(fact: Fact) -> Iterable[Claim]:
    if isinstance(fact, Duration):
        yield fact.eenheid, Decimal(fact.waarde)
    elif isinstance(fact, Amount):
        yield "EUR", fact.waarde
    elif isinstance(fact, Quantity):
        yield _UNITS.get(fact.eenheid, fact.eenheid), Decimal(fact.waarde)
    elif isinstance(fact, (Day, Days)):
        for day in [fact.waarde] if isinstance(fact, Day) else fact.waarde:
            yield "datum", (day.day, day.month)


def _number(text: str) -> Decimal:
    return Decimal(_NUMBER_WORDS[text]) if text in _NUMBER_WORDS else Decimal(text.replace(",", "."))
