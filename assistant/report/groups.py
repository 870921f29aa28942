"""Puts questions that are about the same together, so that the list can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sklearn.feature_extraction.text import TfidfVectorizer

ALIKE = 0.45  # the cosine of two questions' letter groups; tried on the questions of tests/nlu
MOST_QUESTIONS = 3000  # different ones; the rest is seldom asked
MOST_EXAMPLES = 4


@dataclass
class Group:
    """Questions that are alike, and the topics that they came near to or that candidates then chose."""

    times: int = 0
    examples: list[str] = field(default_factory=list)
    nearest: Counter[str] = field(default_factory=Counter)
    chosen: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Missed:
    """A question that got no answer, made anonymous."""

    text: str
    nearest: str = ""
    chosen: str = ""


def groups(missed: Iterable[Missed]) -> list[Group]:
    """Return the questions in groups, the largest first: each joins the first group whose first question is alike."""
    all_missed = list(missed)
    times = Counter(question.text for question in all_missed)
    texts = [text for text, _ in times.most_common(MOST_QUESTIONS)]
    if not texts:
        return []
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True).fit_transform(texts)
    likeness = (vectors @ vectors.T).tolil()
    leaders: list[int] = []
    group_of: dict[str, int] = {}
    for number, text in enumerate(texts):
        near = dict(zip(likeness.rows[number], likeness.data[number], strict=True))
        leader = max((each for each in leaders if each in near), key=near.__getitem__, default=number)
        if leader == number or near[leader] < ALIKE:
            leaders.append(number)
            leader = number
        group_of[text] = leader
    found = {leader: Group() for leader in leaders}
    for text in texts:
        group = found[group_of[text]]
        group.times += times[text]
        if len(group.examples) < MOST_EXAMPLES:
            group.examples.append(text)
    for question in all_missed:
        if question.text in group_of:
            group = found[group_of[question.text]]
            group.nearest.update([question.nearest] if question.nearest else [])
            group.chosen.update([question.chosen] if question.chosen else [])
    return sorted(found.values(), key=lambda group: -group.times)
