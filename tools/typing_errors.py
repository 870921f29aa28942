"""Makes test questions with typing errors, the same at each run: a measured share of what candidates really send."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from difflib import get_close_matches

from assistant.nlu.typing_errors import with_an_edit, without_a_space, words_in
from tools.topic_files import examples_by_topic

SEED = 2025
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
