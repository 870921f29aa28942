"""Takes out of a question whatever may tell who asked it: only words that many of our own example questions use stay.

A name, an address, a number or a word that we do not know becomes '…'. What then tells too little is not shown at all.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Optional

from assistant.report.topic_files import TopicFile

MASK = "…"
MOST_CHARACTERS = 200
MANY_TOPICS, MANY_TIMES = 5, 10  # a word that so many topics, or so many questions, use is nobody's name
CAPITALS_PART = 4  # and it is written with a capital at most once in so many times
LEAST_WORDS, LEAST_PART = 2, 0.5  # of words that stay, for a question to be shown

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_STEP = re.compile(r"\b(stap) ?([1-4])\b", re.IGNORECASE)
# After these words stands a name, whatever its words are.
_NAME_FOLLOWS = re.compile(
    r"\b(naam is|naam:?|ik heet|mij noemen|(?:vriendelijke |vr\. |beste )?groet(?:en|jes)?|mvg|gr\.)[\s,:.]+.*",
    re.IGNORECASE | re.DOTALL,
)
_MASKS = re.compile(rf"(?:{MASK}[\s,.;:-]*)+")
_EDGES = re.compile(r"^\W+|\W+$")
_KEPT_MARKS = ".,?!:;"


class Anonymiser:
    """Knows the words of the topics' example questions.

    Args:
        topics: where the questions stand.
    """

    def __init__(self, topics: Iterable[TopicFile]) -> None:
        in_topics: dict[str, set[str]] = defaultdict(set)
        lower: Counter[str] = Counter()
        capital: Counter[str] = Counter()
        for topic in topics:
            for example in topic.examples:
                for found in _WORD.finditer(example):
                    in_topics[found[0].lower()].add(topic.name)
                    (capital if _is_name(found, example) else lower)[found[0].lower()] += 1
        self._known = {
            word
            for word, names in in_topics.items()
            if (len(names) >= MANY_TOPICS or lower[word] >= MANY_TIMES) and capital[word] * CAPITALS_PART <= lower[word]
        }

    def masked(self, text: str) -> Optional[str]:
        """Return what can be shown of a question, or None where that would tell nothing."""
        readable = text.lower() if text.isupper() else text
        readable = _NAME_FOLLOWS.sub(lambda found: f"{found[1]} {MASK}", readable)
        readable = _STEP.sub(lambda found: f"{found[1]}_{'abcd'[int(found[2]) - 1]}", readable)
        parts = [self._part(part, readable, start) for part, start in _parts(readable)]
        shown = " ".join(part for part in parts if part)
        words = [word for word in shown.split() if word.strip(_KEPT_MARKS)]
        known = [word for word in words if MASK not in word]
        if len(known) < LEAST_WORDS or len(known) < LEAST_PART * len(words):
            return None
        return _cut(re.sub(rf"{MASK} (?=[?!])", MASK, _MASKS.sub(f"{MASK} ", shown)).strip())

    def _part(self, part: str, text: str, start: int) -> str:
        """Return one word with its marks; whatever is not a word in plain letters is masked."""
        if MASK in part:
            return MASK
        bare = _EDGES.sub("", part)
        step = re.fullmatch(r"(stap)_([abcd])", bare, re.IGNORECASE)
        marks = "".join(mark for mark in part[len(part.rstrip(_KEPT_MARKS)) :][:1])
        if step:
            return f"{step[1]} {'abcd'.index(step[2].lower()) + 1}{marks}"
        if not bare:
            return ""
        position = start + part.index(bare)
        found = _WORD.fullmatch(text, position, position + len(bare))
        if not found or bare.lower() not in self._known or _is_name(found, text):
            return MASK + marks
        return bare + marks


def _parts(text: str) -> list[tuple[str, int]]:
    return [(found[0], found.start()) for found in re.finditer(r"\S+", text)]


def _is_name(found: re.Match[str], text: str) -> bool:
    """Tell whether a word has a capital that is not the one of a sentence's beginning."""
    before = text[: found.start()].rstrip(" \t\"'(")
    return found[0][0].isupper() and bool(before) and before[-1] not in ".?!:\n"


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS].rsplit(" ", 1)[0] + " …"
