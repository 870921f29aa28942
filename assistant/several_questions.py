"""Finds the questions in a message that asks several: 'hoeveel verlof heb ik, en krijg ik maaltijdcheques?'.

A message is cut where a new question begins, never inside one: 'diploma en ervaring nodig?' stays whole, and so does a story
that ends in one question. What is not a question goes along with the one that follows it.
"""

from __future__ import annotations

import re

MOST_QUESTIONS = 4

_QUESTION_WORDS = (
    r"hoe(?:veel|lang|ver|zo)?|wat|wa|wie|waar\w*|wanneer|welke?|waarom|in welke?|op welke?|tegen wanneer|vanaf wanneer"
)
_VERBS = (
    r"krijg|heb|hebde|hebt|heeft|hebben|is|ist|zijn|ben|bent|was|moet|moeten|moetek|mag|magk|mogen|kan|kank|kunnen|kunt|kunde"
    r"|zal|zou|zullen|zit|zitten|staat|doe|doen|gaat|ga|bestaat|bestaan|geldt|telt|tellen|komt|kom|krijgen|krijgt|werkt|duurt"
    r"|wordt|worden|word|volstaat|betaalt|betalen|bieden|geven|geef|wil"
)
_PRONOUNS = r"ik|je|jij|u|ge|gij|jullie|ze|zij|we|wij|er|het|dat|da|die|men|iemand|iedereen|daar|hier"
_OWN = r"heb|ben|moet|wil|ga|kom|krijg|word|doe|kan|mag|zit"  # 'heb een diploma' tells something; 'heb ik' asks
_OPENINGS = r"(?:(?:en|of|ook|dan|nog|verder|maar|trouwens|daarnaast|ten eerste|ten tweede)\s+)*"
# How a question begins: a question word, or a verb with its subject after it.
_BEGINS = re.compile(
    rf"^{_OPENINGS}(?:(?:{_QUESTION_WORDS})\b"
    rf"|(?:{_VERBS})\s+(?:{_PRONOUNS})\b|(?!(?:{_OWN})\s)(?:{_VERBS})\s+(?:de|een|'t|mijn)\b)",
    re.IGNORECASE,
)
_NUMBERING = re.compile(r"(?:(?<=\s)|^)(?:\(?[1-9][.)]|[-*•])\s+")
_SENTENCE = re.compile(r"[^?!.\n;]+(?:(?<=\d)[.](?=\d)[^?!.\n;]+)*[?!.;]*")
_INSIDE = re.compile(r",\s*(?:en\s+|of\s+)?|\s+en\s+(?:ook\s+)?", re.IGNORECASE)


def questions_in(text: str) -> list[str]:
    """Return the questions of a message in their order; the message itself where it asks one."""
    parts = [part for sentence in _sentences(text) for part in _clauses(sentence)]
    found: list[str] = []
    waiting = ""
    for part in parts:
        waiting = f"{waiting} {part}".strip()
        if is_question(part):
            found.append(waiting)
            waiting = ""
    if waiting and found:
        found[-1] = f"{found[-1]} {waiting}"
    return found if len(found) > 1 else [text]


def is_question(part: str) -> bool:
    """Tell whether a part of a message asks something."""
    return part.rstrip().endswith("?") or bool(_BEGINS.match(part.strip()))


def _sentences(text: str) -> list[str]:
    numbered = _NUMBERING.sub("\n", text)
    return [sentence.strip() for sentence in _SENTENCE.findall(numbered) if sentence.strip(" ?!.;")]


def _clauses(sentence: str) -> list[str]:
    """Cut a sentence before each comma or 'en' after which a question of its own begins."""
    clauses, start = [], 0
    for joint in _INSIDE.finditer(sentence):
        before, after = sentence[start : joint.start()], sentence[joint.end() :]
        if is_question(before) and _BEGINS.match(after):
            clauses.append(before.strip())
            start = joint.end()
    return [*clauses, sentence[start:].strip()]
