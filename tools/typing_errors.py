"""Makes test questions with typing errors, the same at each run: a measured share of what candidates really send."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from difflib import get_close_matches

from tools.topic_files import examples_by_topic

SEED = 2025
FEWEST_LETTERS = 4  # of a word with an error: shorter ones are typed rightly, or are not understood by people either
_ROWS = ("qwertyuiop", "azertyuiop", "asdfghjklm", "zxcvbnm")  # QWERTY and AZERTY
_WORD = re.compile(r"[^\W\d_]+")
FEWEST_TIMES = 5  # that a word stands in the examples, to be one that a phone puts in the place of another

Spoil = Callable[[str], str]


def typing_errors() -> dict[str, Spoil]:
    """Return the kinds of errors by name; each makes of a text the same text with that error in it."""
    draw = random.Random(SEED)  # noqa: S311 - errors that are the same each time, nothing secret
    texts = [text.lower() for texts in examples_by_topic().values() for text in texts]
    counted = Counter(match[0] for text in texts for match in words_in(text))
    vocabulary = sorted(word for word, times in counted.items() if times >= FEWEST_TIMES)
    return {
        "one edit": lambda text: with_an_edit(text, draw),
        "two edits": lambda text: with_an_edit(with_an_edit(text, draw), draw),
        "a missing space": lambda text: without_a_space(text, draw),
        "autocorrect": lambda text: _corrected(text, vocabulary, draw),
    }


def _corrected(text: str, vocabulary: Sequence[str], draw: random.Random) -> str:
    """Mistype a word, and put the word that looks most like it in its place, as a phone does: mostly the right one."""
    words = words_in(text)
    if not words:
        return text
    word = draw.choice(words)
    mistyped = with_an_edit(word[0].lower(), draw)
    alike = get_close_matches(mistyped, vocabulary, 1, 0.6)
    return text[: word.start()] + (alike[0] if alike else mistyped) + text[word.end() :]


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
