"""Finds the questions of a message that asks several: all ways to cut it are weighed, each part read by itself.

The weights are learned from messages that people marked (`make train-conversation`); docs/nlu.md has the figures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise

import numpy as np

from assistant.choices import Ranking
from assistant.conversation.choice import Features
from assistant.conversation.joints import KINDS, Joint, cut_features, joints_in, part_features, seen_at
from assistant.conversation.trees import Scoring
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
Cut = tuple[Span, Span]  # the parts on both sides


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

    @cached_property
    def cuts(self) -> list[Cut]:
        """Every cut that a way to cut the message can have."""
        return [((start, edge), (edge, end)) for start, edge, end in combinations(range(len(self.joints) + 2), 3)]

    @cached_property
    def _seen(self) -> dict[Cut, dict[str, bool]]:
        """What is seen of the words at each cut."""
        return {(left, right): seen_at(self.part(left), self.part(right)) for left, right in self.cuts}

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

    def likeliest(self, scoring: Scoring, rankings: Mapping[Span, Ranking], eager: float = 0.0) -> list[int]:
        """Return the edges of the likeliest way to cut; `eager` is added to the score of each cut (Viterbi's algorithm)."""
        last = len(self.joints) + 1
        scores = self._scores(scoring, rankings)
        best: dict[Span, tuple[float, list[int]]] = {}  # by the last part so far
        for end in range(1, last + 1):
            for start in range(end):
                span = (start, end)
                reached = [(0.0, [0])] if start == 0 else []
                for begin in range(start):
                    score, edges = best[(begin, start)]
                    reached.append((score + scores[((begin, start), span)] + eager, edges))
                score, edges = max(reached)
                best[span] = score + scoring.choice.score(self._part(span, rankings[span])), [*edges, end]
        return max(best[(start, last)] for start in range(last))[1]

    def _scores(self, scoring: Scoring, rankings: Mapping[Span, Ranking]) -> dict[Cut, float]:
        """Return the score of each cut that a way can have."""
        together = scoring.trees.log_odds(np.array([self.signs(cut, rankings) for cut in self.cuts], dtype=np.float32))
        alone = [scoring.choice.score(self._cut(*cut, rankings)) for cut in self.cuts]
        return {cut: float(one + other) for cut, one, other in zip(self.cuts, alone, together, strict=True)}

    def signs(self, cut: Cut, rankings: Mapping[Span, Ranking]) -> list[float]:
        """Return what is seen at a cut as numbers, always as many and in the same order."""
        (start, edge), (_, end) = cut
        before, after, joined = (rankings[span] for span in (*cut, (start, end)))
        left, right = (self.part(span) for span in cut)
        one, other, whole = (ranking[0]["name"] for ranking in (before, after, joined))
        joint = self.joints[edge - 1]
        return [
            *(joint.kind == kind for kind in KINDS),
            *self._seen[cut].values(),
            *(len(part.split()) for part in (left, right, self.text)),
            *(len(part) for part in (left, right)),
            *(part.count(mark) for part in (left, right) for mark in "?,"),
            self.text.count("?"),
            len(self.joints),
            start == 0,
            end == len(self.joints) + 1,
            *(chance for ranking in (before, after, joined) for chance in _first_two(ranking)),
            *(_confidence(joined, name) for name in (one, other)),
            *(_confidence(before, name) for name in (other, whole)),
            *(_confidence(after, name) for name in (one, whole)),
            *(_surprise(ranking) for ranking in (before, after, joined)),
            one == other,
            one.partition("_")[0] == other.partition("_")[0],
            *(name in NO_TOPICS for name in (one, other)),
            *(name == OUT_OF_SCOPE for name in (one, other, whole)),
        ]

    def _cut(self, left: Span, right: Span, rankings: Mapping[Span, Ranking]) -> dict[str, float]:
        """Return the features of cutting between two parts."""
        joint = self.joints[right[0] - 1]
        features = cut_features(self.part(left), self.part(right), joint, self._seen[(left, right)])
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


def _first_two(ranking: Ranking) -> tuple[float, float]:
    """Return the chances of the first topic and the second, where there is one."""
    first, second, *_ = (*(entry["confidence"] for entry in ranking[:2]), 0.0)
    return first, second


def _confidence(ranking: Ranking, name: str) -> float:
    return next((entry["confidence"] for entry in ranking if entry["name"] == name), 0.0)


def _surprise(ranking: Ranking) -> float:
    """Return the entropy of a ranking: 0 where it is sure of one topic."""
    return -sum(entry["confidence"] * math.log(max(entry["confidence"], LEAST)) for entry in ranking)


def _alike(one: Ranking, other: Ranking) -> float:
    """Return how much two rankings name the same topics, from 0 to 1."""
    chances = {entry["name"]: entry["confidence"] for entry in other}
    return sum(math.sqrt(entry["confidence"] * chances.get(entry["name"], 0.0)) for entry in one)


def _add(total: dict[str, float], features: Features) -> None:
    for name, value in features.items():
        total[name] = total.get(name, 0.0) + value
