"""The typing errors of people on a phone: letters left out, doubled, swapped or hit beside, and spaces that are missing."""

from __future__ import annotations

import random
import re

FEWEST_LETTERS = 4  # of a word with an error: shorter ones are typed rightly, or are not understood by people either
_ROWS = ("qwertyuiop", "azertyuiop", "asdfghjklm", "zxcvbnm")  # QWERTY and AZERTY
_WORD = re.compile(r"[^\W\d_]+")


def words_in(text: str) -> list[re.Match[str]]:
    """Return the words in which an error may stand."""
    return [match for match in _WORD.finditer(text) if len(match[0]) >= FEWEST_LETTERS]


def with_an_edit(text: str, draw: random.Random) -> str:
    """Leave a letter out, double it, swap it with the next, or hit the key beside it."""
    words = words_in(text)
    if not words:
        return text
    word = draw.choice(words)
    place = draw.randrange(word.start(), word.end() - 1)
    letter, following = text[place], text[place + 1]
    changed = draw.choice([following, letter * 2 + following, following + letter, _beside(letter, draw) + following])
    return text[:place] + changed + text[place + 2 :]


def without_a_space(text: str, draw: random.Random) -> str:
    """Join two words."""
    spaces = [place for place, character in enumerate(text) if character == " "]
    if not spaces:
        return text
    place = draw.choice(spaces)
    return text[:place] + text[place + 1 :]


def _beside(letter: str, draw: random.Random) -> str:
    """Return a key beside that of a letter, on either keyboard."""
    rows = [row for row in _ROWS if letter.lower() in row]
    if not rows:
        return letter
    row = draw.choice(rows)
    place = row.index(letter.lower())
    return draw.choice([*row[max(place - 1, 0) : place], *row[place + 1 : place + 2]])
