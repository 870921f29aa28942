"""Which topic a text is about after an answer: what it says alone and what it says in that context, weighed together.

The weights are learned from follow-ups that people wrote (`make train-conversation`); docs/nlu.md has the figures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from assistant.choices import Ranking
from assistant.conversation.context import Context
from assistant.conversation.joints import begins_question
from assistant.conversation.messages import FollowUp
from assistant.conversation.trees import Scoring
from assistant.outcomes import OUT_OF_SCOPE

LEAST = 1e-3  # a chance is never taken for smaller
KEPT = 6  # how many topics the ranking names
UNSEEN, UNSEEN_TOPICS = 0.2, 25  # what is added to counts, so that nothing is impossible: to each, and of how many in all

Expected = Mapping[str, Mapping[str, int]]  # by the topic told, how often each topic was asked about next

_SIGNS: dict[str, re.Pattern[str]] = {
    "opens": re.compile(r"^(?:en|of|maar|dus|dan|ook)\b", re.IGNORECASE),
    "corrects": re.compile(r"^(?:nee+n?|niet|sorry|ik bedoel\w*|oei|ah nee)\b|\bbedoel\w*\b", re.IGNORECASE),
    "points": re.compile(r"\b(?:dat|da|die|dit|deze|daar\w*|er\w+|dan|hetzelfde|dezelfde|zelfde|dees)\b", re.IGNORECASE),
    "more": re.compile(r"\b(?:nog|andere?|anders|meer)\b", re.IGNORECASE),
}


@dataclass(frozen=True)
class Evidence:
    """A text after an answer: its ranking by itself, and those of `context.readings(text)`."""

    text: str
    context: Context
    alone: Ranking
    in_context: Sequence[Ranking]

    def candidates(self, expected: Expected) -> list[str]:
        """Return the topics that any of the readings names, the one told, and those that people asked about next."""
        named = [entry["name"] for ranking in (self.alone, *self.in_context) for entry in ranking]
        return list(dict.fromkeys([*named, self.context.topic, *expected.get(self.context.topic, {})]))

    def features(self, topic: str, expected: Expected) -> dict[str, float]:
        """Return the features of one topic; each counts by itself and with each sign."""
        title, side = self.in_context
        basic = {
            "alone": _log(self.alone, topic),
            "title": _log(title, topic),
            "side" if self.context.side else "no side": _log(side, topic),
            "expected": self._often(topic, expected),
        }
        flags = {
            "same": topic == self.context.topic,
            "family": _family(topic) == _family(self.context.topic) and topic != self.context.topic,
            "next": topic in self.context.next_topics,
            "out of scope": topic == OUT_OF_SCOPE,
            "alone first": topic == self.alone[0]["name"],
            "title first": topic == title[0]["name"],
        }
        basic |= {name: 1.0 for name, holds in flags.items() if holds}
        return {f"{name} | {sign}": value for name, value in basic.items() for sign in self._signs}

    def signs(self, topic: str, expected: Expected) -> list[float]:
        """Return what is seen of one topic as numbers, always as many and in the same order."""
        title, side = self.in_context
        readings = (self.alone, title, side)
        return [
            *(_log(ranking, topic) for ranking in readings),
            *(math.exp(_log(ranking, topic)) for ranking in readings),
            *(_place(ranking, topic) for ranking in readings),
            self._often(topic, expected),
            topic == self.context.topic,
            _family(topic) == _family(self.context.topic),
            topic in self.context.next_topics,
            topic == OUT_OF_SCOPE,
            *self._of_readings,
        ]

    @cached_property
    def _of_readings(self) -> list[float]:
        """What is the same for every topic, as numbers."""
        title, side = self.in_context
        first = [ranking[0]["name"] for ranking in (self.alone, title, side)]
        return [
            *(ranking[0]["confidence"] for ranking in (self.alone, title, side)),
            first[0] == OUT_OF_SCOPE,
            *(name == self.context.topic for name in first[:2]),
            first[0] == first[1],
            first[1] == first[2],
            bool(self.context.side),
            len(self.text.split()),
            len(self.text),
            self.text.rstrip().endswith("?"),
            self._begins,
            *self._seen.values(),
        ]

    def _often(self, topic: str, expected: Expected) -> float:
        """Return the logarithm of how often people ask about a topic next."""
        next_ones = expected.get(self.context.topic, {})
        return math.log((next_ones.get(topic, 0) + UNSEEN) / (sum(next_ones.values()) + UNSEEN_TOPICS * UNSEEN))

    @cached_property
    def _begins(self) -> bool:
        return begins_question(self.text)

    @cached_property
    def _seen(self) -> dict[str, bool]:
        return {sign: bool(pattern.search(self.text)) for sign, pattern in _SIGNS.items()}

    @cached_property
    def _signs(self) -> list[str]:
        """What is seen of the text: whether it opens, points, corrects, asks in full; how long and how sure it is."""
        words, sure = len(self.text.split()), self.alone[0]["confidence"]
        seen = ["always", *(sign for sign, present in self._seen.items() if present)]
        seen.append("words 1-3" if words <= 3 else "words 4-6" if words <= 6 else "words 7-9" if words <= 9 else "words 10")
        seen.append("sure 0.95" if sure >= 0.95 else "sure 0.8" if sure >= 0.8 else "sure 0.5" if sure >= 0.5 else "unsure")
        return [*seen, "full"] if self._begins and words >= 5 else seen


def ranking_after(
    evidence: Evidence, scoring: Scoring, expected: Expected, excluded: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Return the topics that a text may be about after an answer, best first, with chances that add up to 1 over all.

    Topics in `excluded` are left out.
    """
    topics = [topic for topic in evidence.candidates(expected) if topic not in excluded] or [OUT_OF_SCOPE]
    alone = [scoring.choice.score(evidence.features(topic, expected)) for topic in topics]
    rows = np.array([evidence.signs(topic, expected) for topic in topics], dtype=np.float32)
    together = scoring.trees.log_odds(rows)
    scores = {topic: float(one + other) / 2 for topic, one, other in zip(topics, alone, together, strict=True)}
    highest = max(scores.values())
    powers = {topic: math.exp(score - highest) for topic, score in scores.items()}
    ranked = sorted(topics, key=lambda topic: -powers[topic])[:KEPT]
    return [{"name": topic, "confidence": powers[topic] / sum(powers.values())} for topic in ranked]


def counted(follow_ups: Iterable[FollowUp]) -> Expected:
    """Return how often people asked about a topic right after the answer about another."""
    table: dict[str, dict[str, int]] = {}
    for message in follow_ups:
        row = table.setdefault(message.after, {})
        row[message.topic] = row.get(message.topic, 0) + 1
    return table


def _family(topic: str) -> str:
    return topic.partition("_")[0]


def _place(ranking: Ranking, topic: str) -> int:
    return next((place for place, entry in enumerate(ranking) if entry["name"] == topic), KEPT)


def _log(ranking: Ranking, topic: str) -> float:
    chance = next((entry["confidence"] for entry in ranking if entry["name"] == topic), 0.0)
    return math.log(max(chance, LEAST))
