"""How a text is read after the answer about a topic: with the topic's title before it, and with the side that was told.

'En voor stap 3?' after 'Wanneer is de computertest (stap 2)?' keeps the side ('wanneer'); 'hoelang duurt dat?' the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from assistant.answers import TopicMetadata

MOST_WORDS = 14  # of a text that may need the answer before it
MOST_WORDS_WITHOUT_SIGN = 7  # the same, where nothing in it says so
_OPENING = (
    r"^(?:en|of|maar|dus|dan|ook|nog|nee+n?|ja|ok[eé]?|ah|niet|euh?m?|hm+|toch|trouwens|ik bedoel\w*|oei|oeps|sorry|amai|aha"
    r"|nja)\b"
)
_POINTING = (
    r"\b(?:dat|da|die|dit|deze|dees|daar\w*|er\w+|hier\w*|dan|tons|dezelfde|hetzelfde|zelfde|zo'?n|andere?|anders|nog|ook"
    r"|eerste|tweede|derde|vierde|laatste|beide|allebei|welke?)\b"
)
_SIGNS = re.compile(rf"{_OPENING}|{_POINTING}", re.IGNORECASE)


@dataclass(frozen=True)
class Context:
    """The topic that was answered last, its title and, where its answer is one side of something, that side."""

    topic: str
    title: str
    side: str = ""
    next_topics: frozenset[str] = frozenset()

    def readings(self, text: str) -> list[str]:
        """Return the ways to read a text in this context, always as many: with the title, and with the side."""
        return [f"{self.title}\n{text}", f"{self.side} {text}" if self.side else f"{self.title}\n{text}"]

    def examples(self, text: str) -> list[str]:
        """Return the different ways to read a text in this context."""
        return list(dict.fromkeys(self.readings(text)))


def context_of(topic: str, topics: Mapping[str, TopicMetadata]) -> Optional[Context]:
    """Return the context that the answer about a topic makes, or None for small talk and what is no topic."""
    metadata = topics.get(topic)
    if metadata is None or not metadata.titel or not (metadata.sources or metadata.dossier or metadata.vervolg):
        return None
    return Context(topic, metadata.titel, metadata.zijde, frozenset(metadata.vervolg))


def may_need_context(text: str) -> bool:
    """Tell whether a text may make sense only after the answer before it."""
    words = len(text.split())
    return words <= MOST_WORDS_WITHOUT_SIGN or (words <= MOST_WORDS and bool(_SIGNS.search(text)))
