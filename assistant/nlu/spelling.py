"""Puts the word that was probably meant in the place of one that no example has: typing errors, missing spaces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from symspellpy import SymSpell, Verbosity

FEWEST_LETTERS = 4  # of a word that is corrected: a shorter one looks like too many others
LONG = 8  # from so many letters on a word may have two errors
SEEN = 2  # how often a word must have been seen to be put in the place of another
COMMON = 30  # the same for two words that stand together without a space
_WORD = re.compile(r"[^\W\d_]+")


class Spelling:
    """Corrects texts by the words of the examples, of which it knows how often each was seen."""

    def __init__(self, seen: Mapping[str, int]) -> None:
        self.seen = Counter(seen)
        self._lookup = SymSpell(max_dictionary_edit_distance=2)
        for word, times in self.seen.items():
            if times >= SEEN:
                self._lookup.create_dictionary_entry(word, times)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Spelling:
        """Learn the words of texts."""
        return cls(Counter(match[0].lower() for text in texts for match in _WORD.finditer(text)))

    def corrected(self, text: str) -> str:
        """Return a text with the words that were probably meant."""
        return _WORD.sub(lambda match: self._meant(match[0]), text)

    def _meant(self, word: str) -> str:
        lower = word.lower()
        if len(word) < FEWEST_LETTERS or lower in self.seen:
            return word
        found = self._lookup.lookup(lower, Verbosity.TOP, max_edit_distance=2 if len(word) >= LONG else 1)
        if found and found[0].distance == 1:
            return str(found[0].term)
        apart = self._apart(lower)
        if apart:
            return apart
        return str(found[0].term) if found else word

    def _apart(self, word: str) -> str:
        """Return the two common words that stand together here, or nothing."""
        halves = ((word[:place], word[place:]) for place in range(2, len(word) - 1))
        seen, pair = max((min(self.seen[left], self.seen[right]), (left, right)) for left, right in halves)
        return " ".join(pair) if seen >= COMMON else ""
