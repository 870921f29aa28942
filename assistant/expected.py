"""Finds the answer to a question of ours in what a person typed; None means that they said something else."""

from __future__ import annotations

import re
from typing import Optional

from assistant.identity.typed_values import address_in, code_in
from assistant.pending import Pending

AFFIRM, DENY = "bevestigen", "ontkennen"  # intents
MOST_WORDS = 8  # of a sentence that begins with yes or no and still only says that

_YES = re.compile(r"^(?:ja|jaa|jawel|jep|yep|yes|klopt|inderdaad|oui|zeker)\b", re.IGNORECASE)
_NO = re.compile(r"^(?:nee|neen|nie|nope|no|non|geen|niet)\b", re.IGNORECASE)
_UNSURE = re.compile(r"\bweet\b.*\bni(?:e|et)\b|\bgeen idee\b|\btwijfel\b|\bniet zeker\b|\bgeen gedacht\b", re.IGNORECASE)
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
