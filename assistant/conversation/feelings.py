"""Notices worry, disappointment, anger and stress in a question, so that its answer begins with one human sentence.

Only unmistakable words count: a sentence of comfort where none was needed is worse than none.
"""

from __future__ import annotations

import re
from typing import Optional

_FEELINGS = {
    "boos": (
        r"\b(?:kwaad|boos|woedend|furieus|schandalig|schandalige|schande|belachelijk|absurd|onaanvaardbaar|respectloos|beu"
        r"|onrechtvaardig|degoutant|ongehoord|godverdomme|verdomme)\b|\bniet (?:eerlijk|normaal|serieus)\b"
    ),
    "teleurgesteld": (
        r"\b(?:teleurgesteld|ontgoocheld|ontgoocheling|teleurstelling|verdrietig|triestig|triest|ontmoedigd|gefrustreerd"
        r"|droevig|kapot van)\b|\bzo jammer\b|\bhad (?:er )?zo (?:hard )?(?:op )?gehoopt\b"
    ),
    "gespannen": (
        r"\b(?:stress|stressed|gestrest|gestresseerd|stressen|zenuwachtig|zenuwen|nerveus|gespannen|paniek|panikeer"
        r"|panikeren|faalangst|black-?out|plankenkoorts)\b"
    ),
    "bezorgd": (
        r"\b(?:bang|bange|ongerust|bezorgd|bekommerd|schrik|angst|angstig|benauwd|onzeker|piekeren|pieker)\b|\bik vrees\b"
        r"|\blig(?:gen)? (?:ik )?(?:er )?wakker\b|\bmaak(?:t)? (?:ik )?(?:mij|me) (?:\w+ )?zorgen\b"
    ),
}
_PATTERNS = {feeling: re.compile(words, re.IGNORECASE) for feeling, words in _FEELINGS.items()}
_DENIED = re.compile(
    r"\b(?:niet|nie|ni|geen|zonder|nooit) (?:\w+ )?(?:bang|boos|kwaad|ongerust|zenuwachtig|nerveus|gestrest|stress|schrik"
    r"|paniek|teleurgesteld|zenuwen)\b",
    re.IGNORECASE,
)
# Who asks whether the job or a test is stressful does not say that they are; nor are a counter's visitors the candidate.
_ASKED = re.compile(
    r"\b(?:stressbestendig\w*|(?:tegen|met|onder|veel) stress|omgaan met|stressvol\w*|stresserend\w*)\b"
    r"|\b(?:boze|kwade|bange|ongeruste|angstige|gefrustreerde|verdrietige) \w+"
    r"|\b(?:burgers?|klanten|klant|mensen|iemand|bezoekers?) .{0,25}(?:kwaad|boos|bang)",
    re.IGNORECASE,
)


def feeling_in(text: str) -> Optional[str]:
    """Return the feeling that a text shows, or None."""
    if _DENIED.search(text) or _ASKED.search(text):
        return None
    return next((feeling for feeling, pattern in _PATTERNS.items() if pattern.search(text)), None)
