"""Tells when a candidate says that an answer was not what they asked, and whether they say anything else."""

from __future__ import annotations

import re

_NO = r"(?:nee+n?|neuh|nope|nie+t?|sorry|oei|ah|maar|hm+|euh?)"
_NOT = r"(?:niet|nie)"
_WHAT_I_ASKED = r"(?:wat ik (?:vroeg|bedoel\w*|zoek|wou weten|wil\w* weten)|mijn vraag|mn vraag)"
_NOT_ASKED = (
    rf"(?:da(?:t|'s)?|dit|het) (?:is |was )?(?:vroegk?|vraag|bedoel\w*|zocht|wou|wil)?\s*(?:ik|ek|k)?\s*"
    rf"(?:helemaal |eigenlijk |toch )?{_NOT}(?: {_WHAT_I_ASKED})?"
    rf"|{_NOT} {_WHAT_I_ASKED}|(?:daar|hier) (?:vroeg|vraag) ik {_NOT} (?:naar|achter)"
    r"|verkeerd(?:e (?:antwoord|stap|test|onderwerp))?|fout antwoord|niet juist"
)
_REJECTS = re.compile(
    rf"^{_NO}\b.*\b(?:bedoel\w*|vroeg|vraag|wou|wil|de|het|stap)\b|\b(?:{_NOT_ASKED})\b|^(?:ik )?bedoel\w*\b"
    r"|\bniet (?:de|het|over) .*\b(?:maar|,)",
    re.IGNORECASE,
)
_NOTHING_ELSE = re.compile(rf"^(?:{_NO}[\s,.!]*)*(?:{_NOT_ASKED})[\s.!,]*(?:he+|hoor|sorry)?[\s.!]*$", re.IGNORECASE)
_DOUBTFUL = {"niet", "nie"}  # alone they answer a question


def rejects(text: str) -> bool:
    """Tell whether a text says that the answer before it was not what was asked: 'nee, ik bedoel de tweede test'."""
    return bool(_REJECTS.search(text.strip())) and text.strip().lower() not in _DOUBTFUL


def only_rejects(text: str) -> bool:
    """Tell whether a text says that and nothing more: 'dat vroeg ik niet'."""
    return bool(_NOTHING_ELSE.match(text.strip())) and text.strip().lower() not in _DOUBTFUL
