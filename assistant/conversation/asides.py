"""Short remarks that ask for more about the last answer, and choices of what was offered in words of their own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Optional

MORE, WHY = "vertel_meer", "waarom"  # intents
MOST_WORDS_OF_A_TITLE = 5

_MORE = re.compile(
    r"(?:(?:en|ok[eé]?|goed|graag|ja|kan|kun|kunt|kunde|je|u|ge|geef|leg|vertel\w*|zeg|weet|mag|ik|mij|me|eens|ne|keer|daar|hier|er|dat"
    r"|nog|wat|iets|over|uit)[,\s]+)*"
    r"meer(?:\s+(?:info\w*|uitleg|weten|details?|vertellen|zeggen|geven|erover|daarover|hierover|over|dat|dit|aub|graag|please))*[\s.!?]*",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"(?:en |maar |ok[eé]? |ja |hoezo,? )?(?:waarom|vanwaar|hoezo)"
    r"(?: (?:dat|da|is dat|is da|zo|eigenlijk|dan|toch|niet|nie|ni))*[\s.!?]*",
    re.IGNORECASE,
)
_LITTLE_WORDS = re.compile(
    r"\b(?:de|het|een|van|voor|in|op|en|of|is|wat|hoe|ik|je|mij|mijn|over|naar|bij|die|dat|wie|waar|wel|niet|met|uit|als)\b"
)


def aside(text: str) -> Optional[str]:
    """Return the intent of a remark on the last answer ('vertel meer', 'waarom?'), or None."""
    if _WHY.fullmatch(text.strip()):
        return WHY
    return MORE if _MORE.fullmatch(text.strip()) else None


def titled(text: str, buttons: Sequence[Mapping[str, str]]) -> Optional[Mapping[str, str]]:
    """Return the one button whose title has all of the few words typed, or None where none or several have."""
    words = _words(text)
    if not words or len(text.split()) > MOST_WORDS_OF_A_TITLE or "?" in text:
        return None
    fitting = [button for button in buttons if words <= _words(button["title"])]
    return fitting[0] if len(fitting) == 1 else None


def _words(text: str) -> set[str]:
    folded = unicodedata.normalize("NFKD", text.lower())
    letters = "".join(character for character in folded if not unicodedata.combining(character))
    return set(re.findall(r"\w+", _LITTLE_WORDS.sub(" ", letters)))
