"""Finds the questions of a message that asks several: all ways to cut it are weighed, each part read by itself.

The weights are learned from messages that people marked (`make train-conversation`); docs/nlu.md has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from assistant.choices import Ranking
from assistant.conversation.choice import Choice, Features
from assistant.conversation.joints import Joint, cut_features, joints_in, part_features
from assistant.outcomes import OUT_OF_SCOPE

MOST_QUESTIONS = 4
NO_TOPICS = frozenset(
    {
        "begroeting",
        "bedanking",
        "afscheid",
        "bevestigen",
        "ontkennen",
        "belediging",
        "laat_maar",
        "eenvoudiger",
        "niet_geholpen",
    }
)
ALIKE = 0.7  # from this likeness on two parts are about the same, and below the rest to 1 about something else
LEAST = 1e-4  # a chance is never taken for smaller

Span = tuple[int, int]  # where a part begins and ends, as numbers of edges


@dataclass(frozen=True)
class Cuttable:
    """A message with the places where it may be cut; its edges are its beginning, its joints and its end."""

    text: str
    joints: tuple[Joint, ...]

    @classmethod
    def of(cls, text: str) -> Cuttable:
        """Find the joints of a text."""
        return cls(text, tuple(joints_in(text)))

    @cached_property
    def edges(self) -> list[int]:
        """The places in the text, from its beginning to its end."""
        return [0, *(joint.start for joint in self.joints), len(self.text)]

    @cached_property
    def spans(self) -> list[Span]:
        """Every part that a way to cut the message can have, the whole first."""
        last = len(self.joints) + 1
        return sorted(
            ((i, j) for i in range(last) for j in range(i + 1, last + 1)), key=lambda span: (span[0] - span[1], span)
        )

    def part(self, span: Span) -> str:
        """The words of a part."""
        edges = self.edges
        return self.text[edges[span[0]] : edges[span[1]]].strip(" ,;\n") or "?"

    def features(self, edges: Sequence[int], rankings: Mapping[Span, Ranking]) -> dict[str, float]:
        """Return the features of one way to cut: `edges` are those it uses, the first and the last among them."""
        total: dict[str, float] = {}
        for span in pairwise(edges):
            _add(total, self._part(span, rankings[span]))
        for start, edge, end in zip(edges, edges[1:], edges[2:], strict=False):
            _add(total, self._cut((start, edge), (edge, end), rankings))
        return total

    def likeliest(self, choice: Choice, rankings: Mapping[Span, Ranking], eager: float = 0.0) -> list[int]:
        """Return the edges of the likeliest way to cut; `eager` is added to the score of each cut (Viterbi's algorithm)."""
        last = len(self.joints) + 1
        best: dict[Span, tuple[float, list[int]]] = {}  # by the last part so far
        for end in range(1, last + 1):
            for start in range(end):
                span = (start, end)
                reached = [(0.0, [0])] if start == 0 else []
                for begin in range(start):
                    score, edges = best[(begin, start)]
                    cut = choice.score(self._cut((begin, start), span, rankings)) + eager
                    reached.append((score + cut, edges))
                score, edges = max(reached)
                best[span] = score + choice.score(self._part(span, rankings[span])), [*edges, end]
        return max(best[(start, last)] for start in range(last))[1]

    def _cut(self, left: Span, right: Span, rankings: Mapping[Span, Ranking]) -> dict[str, float]:
        """Return the features of cutting between two parts."""
        edges = self.edges
        joint = self.joints[right[0] - 1]
        features = cut_features(self.text, edges[left[0]], joint, edges[right[1]])
        before, after, joined = rankings[left], rankings[right], rankings[(left[0], right[1])]
        alike = _alike(before, after)
        least = min(before[0]["confidence"], after[0]["confidence"])
        likeness = "alike" if alike > ALIKE else "partly" if alike > 1 - ALIKE else "other"
        whose = (
            "left"
            if joined[0]["name"] == before[0]["name"]
            else "right"
            if joined[0]["name"] == after[0]["name"]
            else "neither"
        )
        seen = (
            f"{likeness} {_bin(least)}",
            f"{likeness} {joint.kind} {_bin(least)}",
            f"{likeness} left {_bin(before[0]['confidence'])}",
            f"{likeness} right {_bin(after[0]['confidence'])}",
            f"joined {whose} {_bin(joined[0]['confidence'])}",
            f"joined {whose} {likeness}",
        )
        features |= {f"cut {sign}": 1.0 for sign in seen}
        features["cut alike"] = alike
        features["cut other"] = least * (1 - alike)
        for side, ranking in (("left", before), ("right", after)):
            if ranking[0]["name"] == OUT_OF_SCOPE or ranking[0]["name"] in NO_TOPICS:
                features[f"cut {side} {'out' if ranking[0]['name'] == OUT_OF_SCOPE else 'small talk'}"] = 1.0
        return features

    def _part(self, span: Span, ranking: Ranking) -> dict[str, float]:
        features = part_features(self.part(span))
        first = ranking[0]
        features["sure"] = math.log(max(first["confidence"], LEAST))
        features["surer"] = first["confidence"]
        features[f"sure {_bin(first['confidence'])}"] = 1.0
        if first["name"] in NO_TOPICS:
            features["small talk"] = 1.0
        if first["name"] == OUT_OF_SCOPE:
            features["out of scope"] = 1.0
            features["out of scope sure"] = features["sure"]
        return features


def _bin(confidence: float) -> str:
    return next(f"{least}" for least in (0.97, 0.9, 0.75, 0.5, 0.3, 0.0) if confidence >= least)


def _alike(one: Ranking, other: Ranking) -> float:
    """Return how much two rankings name the same topics, from 0 to 1."""
    chances = {entry["name"]: entry["confidence"] for entry in other}
    return sum(math.sqrt(entry["confidence"] * chances.get(entry["name"], 0.0)) for entry in one)


def _add(total: dict[str, float], features: Features) -> None:
    for name, value in features.items():
        total[name] = total.get(name, 0.0) + value
