"""Which topics to offer beside, or in place of, an answer that may not be what was asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

MOST_CHOICES = 3
SURE = 0.8  # from this confidence on, only the topic's own follow-ups are offered
LIKELY = 0.05  # below this confidence a topic is not worth a button
MOST_RUNNERS_UP = 2

Ranking = Sequence[Mapping[str, Any]]  # Rasa's intent ranking: name and confidence, best first


def likeliest(ranking: Ranking, offerable: Collection[str]) -> list[str]:
    """Return the topics to ask back with, best first."""
    return [entry["name"] for entry in ranking if entry["name"] in offerable][:MOST_CHOICES]


def runners_up(ranking: Ranking, answered: str, offerable: Collection[str]) -> list[str]:
    """Return the topics that were nearly chosen in place of `answered`, best first; none where that one was sure."""
    if not ranking or ranking[0]["confidence"] >= SURE:
        return []
    near = [entry["name"] for entry in ranking if entry["confidence"] >= LIKELY]
    return [name for name in near if name in offerable and name != answered][:MOST_RUNNERS_UP]
