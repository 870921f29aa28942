"""Finds the answer to a question of ours in what a person typed; None means that they said something else."""

from __future__ import annotations

import re
from typing import Optional

from assistant.choices import SURE
from assistant.identity.typed_values import address_in, code_in
from assistant.pending import Pending

AFFIRM, DENY = "bevestigen", "ontkennen"  # intents
MOST_WORDS = 8  # of a sentence that begins with yes or no and still only says that

_YES = re.compile(r"^(?:ja|jaa|jawel|jep|yep|yes|klopt|inderdaad|oui|zeker)\b", re.IGNORECASE)
_NO = re.compile(r"^(?:nee|neen|nie|nope|no|non|geen|niet)\b", re.IGNORECASE)
_UNSURE = re.compile(r"\bweet\b.*\bni(?:e|et)\b|\bgeen idee\b|\btwijfel\b|\bniet zeker\b|\bgeen gedacht\b", re.IGNORECASE)
_COPY = re.compile(r"\bkopie\b|\bcopy\b", re.IGNORECASE)
_FIELDS = {
    "vraag": re.compile(r"\bvraag\b|\btekst\b", re.IGNORECASE),
    "naam": re.compile(r"\bnaam\b", re.IGNORECASE),
    "adres": re.compile(r"mail|\badres\b", re.IGNORECASE),
}
LONGEST_PARTICLE = 3  # letters, of a word inside a name without a capital: van, der, de
_LEAVING = {"laat_maar", "iemand_spreken", "afscheid"}  # what is no question to pass on
_LIKE_NAMES = {"iemand_anders", "begroeting", "identificeren", "buiten_bereik", "nlu_fallback", "bevestigen"}
_INTRODUCTION = re.compile(r"^(?:(?:mijn|m'n|min) naam is|ik ben|ik heet|'?k ?ben|naam:?|dag,?)\s+", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]{2}")
_ORDINALS = {
    **{"1": 0, "een": 0, "eerste": 0, "bovenste": 0, "2": 1, "twee": 1, "tweede": 1, "middelste": 1},
    **{"3": 2, "drie": 2, "derde": 2, "laatste": -1, "onderste": -1},
}
_PICK = re.compile(
    rf"^(?:(?:ik bedoel|ik kies|doe|neem|nr|nummer|optie|de|het|die)\s+)*({'|'.join(_ORDINALS)})"
    r"(?:\s+(?:graag|aub|dus|dan))?[.!]?$",
    re.IGNORECASE,
)
_ONLY_DIGITS = re.compile(r"[\d\s.\-]+")


def answer_in(question: Pending, text: str) -> Optional[str]:
    """Return the address or the code in `text`, '' for one that cannot be read, or None."""
    if question.question in ("adres", "code") and "@" in text:
        return f"adres={address_in(text) or ''}"
    if question.question == "code":
        digits = code_in(text)
        if digits or _ONLY_DIGITS.fullmatch(text):
            return f"code={digits or ''}"
    return None


def answer_understood(question: Pending, text: str, intent: str, confidence: float) -> Optional[str]:
    """Return the answer in `text`, given what the classifier made of it, or None where it is something else."""
    found: Optional[str] = None
    if question.dialogue == "wissen" and intent == "wis_gegevens":
        found = "ja"
    elif question.dialogue in ("meedoen", "wissen") or question.question == "akkoord":
        found = _copy(text) if question.question == "akkoord" else None
        found = found or yes_or_no(text, intent)
    elif question.question == "vraag":
        found = None if intent in _LEAVING else text
    elif question.question == "naam":
        found = _name(text, intent, confidence)
    elif question.question == "aanpassen":
        found = next((field for field, words in _FIELDS.items() if words.search(text)), None)
    return f"{question.question}={found}" if found else None


def _copy(text: str) -> Optional[str]:
    return "kopie" if _COPY.search(text) and not _NO.search(text) else None


def _name(text: str, intent: str, confidence: float) -> Optional[str]:
    """Return the name in `text`; a question, or what surely is about a topic, is no name."""
    name = _INTRODUCTION.sub("", text).strip(" .,!")
    is_topic = intent not in _LIKE_NAMES and confidence >= SURE and not _written_as_name(name)
    if not name or "?" in text or is_topic or len(name.split()) > MOST_WORDS or not _LETTERS.search(name):
        return None
    return name


def _written_as_name(text: str) -> bool:
    """Tell whether a text has capitals where names have them ('An De Wit', 'Jo van Geheim'), whatever its words resemble."""
    words = text.split()
    capitals = [word[0].isupper() for word in words]
    return (
        len(words) > 1
        and capitals[0]
        and capitals[-1]
        and not text.isupper()
        and all(capital or len(word) <= LONGEST_PARTICLE for word, capital in zip(words, capitals, strict=True))
    )


def picked(text: str) -> Optional[int]:
    """Return which of the things offered `text` picks ('2', 'de eerste'): 0 is the first, -1 the last; None is none."""
    match = _PICK.match(text)
    return _ORDINALS[match[1].lower()] if match else None


def yes_or_no(text: str, intent: str) -> Optional[str]:
    """Return 'ja', 'nee' or 'weet_niet', as `text` says in its first word, or as the classifier understood it."""
    if len(text.split()) > MOST_WORDS or "?" in text:
        return None
    if _UNSURE.search(text):
        return "weet_niet"
    if intent == AFFIRM or _YES.search(text):
        return "ja"
    if intent == DENY or _NO.search(text):
        return "nee"
    return None
