"""Finds out whether a question takes a wrong figure for granted: 'de wachtlijst is toch 2 jaar geldig?'.

Only a sentence that claims something is judged ('toch', 'klopt het dat', 'ik hoorde dat'), and never one in which people
tell their own story ('ik werk hier al 3 jaar'): to say 'dat klopt niet' wrongly is worse than not to say it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Union

from babel.dates import get_month_names

from assistant.facts import LOCALE, Amount, Day, Days, Duration, Fact, Quantity

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
_MONTHS = tuple(get_month_names("wide", locale=LOCALE).values())
_UNITS = {
    "jaar": "jaar", "jaren": "jaar", "maand": "maanden", "maanden": "maanden", "week": "weken", "weken": "weken",
    "dag": "vakantiedagen", "dagen": "vakantiedagen", "vakantiedagen": "vakantiedagen", "verlofdagen": "vakantiedagen",
    "stappen": "stappen", "uitkomsten": "uitkomsten", "euro": "EUR", "eur": "EUR", "€": "EUR",
}  # fmt: skip

_NUMBER = rf"(\d+(?:[.,]\d+)?|{'|'.join(_NUMBER_WORDS)})"
_CLAIM = re.compile(
    r"\btoch\b|\bklopt\b|\bis het (?:waar|zo|juist|correct)\b|\b(?:hoorde|gehoord|gelezen|dacht|beweert|blijkbaar)\b"
    r"|\bnaar het schijnt\b|\bnietwaar\b|\bn[ié]e?t waar\b|\bh[eéè]\s*\?"
)
_OWN_STORY = re.compile(
    r"\b(?:mijn|ons|onze|geleden|sinds|vroeger|vorige?|ervaring|gewerkt|werkte)\b"
    r"|\bal\s+(?:\d|een|twee|drie|vier|vijf|zes|zeven)"
    r"|\b(?:ik|kik|'k)\s+(?:heb|had|ben|was|werk|werkte|krijg nu|kreeg|zit|sta|stond|zoek|slaagde|deed)\b"
    r"|\bheb ik\b|\bben ik\b"
)
_FIGURE = re.compile(rf"\b{_NUMBER}\s*({'|'.join(_UNITS)})(?!\w)|€\s*(\d+(?:[.,]\d+)?)")
_DATE = re.compile(rf"\b(\d{{1,2}})\s+({'|'.join(_MONTHS)})\b")
_SENTENCE = re.compile(r"[^.!?\n]+(?:(?<=\d)[.,](?=\d)[^.!?\n]+)*[.!?]*")

Claim = tuple[str, Union[Decimal, tuple[int, int]]]


def contradicts(question: str, facts: Iterable[Fact]) -> bool:
    """Tell whether `question` claims a figure of the same kind and unit as one of `facts`, and another one than theirs."""
    known = [claim for fact in facts for claim in _claims_of(fact)]
    kinds = {kind for kind, _ in known}
    claimed = [claim for claim in _claims_in(question.lower()) if claim[0] in kinds]
    return bool(claimed) and not any(claim in known for claim in claimed)


def _claims_in(text: str) -> Iterator[Claim]:
    for sentence in _SENTENCE.findall(text):
        if not _CLAIM.search(sentence) or _OWN_STORY.search(sentence):
            continue
        for number, unit, euros in _FIGURE.findall(sentence):
            yield ("EUR", _number(euros)) if euros else (_UNITS[unit], _number(number))
        for day, month in _DATE.findall(sentence):
            yield "datum", (int(day), _MONTHS.index(month) + 1)


def _claims_of(fact: Fact) -> Iterator[Claim]:
    if isinstance(fact, (Duration, Quantity)):
        yield fact.eenheid, Decimal(fact.waarde)
    elif isinstance(fact, Amount):
        yield "EUR", fact.waarde
    elif isinstance(fact, (Day, Days)):
        for day in [fact.waarde] if isinstance(fact, Day) else fact.waarde:
            yield "datum", (day.day, day.month)


def _number(text: str) -> Decimal:
    return Decimal(_NUMBER_WORDS[text]) if text in _NUMBER_WORDS else Decimal(text.replace(",", "."))
