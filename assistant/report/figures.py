"""Counts what the report shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Optional

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from assistant.outcomes import Outcome
from assistant.report.anonymous import Anonymiser
from assistant.report.groups import Group, Missed, groups
from assistant.report.topic_files import SMALL_TALK, TopicFile
from assistant.report.turns import Period, Turn
from assistant.storage import UtcDateTime

PASSED_ON = "doorgeven_gelukt"
NOT_UNDERSTOOD = {Outcome.ASKED_BACK, Outcome.CONTACT}

_feedback = sa.table("feedback", sa.column("topic"), sa.column("useful"), sa.column("at", UtcDateTime))


@dataclass
class Satisfaction:
    """The answers to 'Was dit nuttig?', by topic."""

    useful: Counter[str] = field(default_factory=Counter)
    useless: Counter[str] = field(default_factory=Counter)


@dataclass
class Figures:
    """Everything that the page shows, and nothing that tells who asked."""

    period: Period
    conversations: int = 0
    passed_on: int = 0
    by_day: Counter[date] = field(default_factory=Counter)
    by_hour: Counter[int] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    not_understood: list[Group] = field(default_factory=list)
    not_in_bundle: list[Group] = field(default_factory=list)
    not_shown: int = 0  # questions of which nothing can be shown
    satisfaction: Optional[Satisfaction] = None  # None: nobody was asked

    @property
    def messages(self) -> int:
        """How many messages there were."""
        return sum(self.outcomes.values())


def figures(
    period: Period, conversations: Iterable[list[Turn]], topics: dict[str, TopicFile], satisfaction: Optional[Satisfaction]
) -> Figures:
    """Count the turns of all conversations."""
    counted = Figures(period, satisfaction=satisfaction)
    anonymiser = Anonymiser(topics.values())
    missed: dict[bool, list[Missed]] = {True: [], False: []}  # by whether the question was understood
    for turns in conversations:
        counted.conversations += 1
        for turn in turns:
            counted.by_day[turn.at.date()] += 1
            counted.by_hour[turn.at.hour] += 1
            counted.outcomes[turn.outcome] += 1
            counted.passed_on += PASSED_ON in turn.said
            if turn.outcome is Outcome.ANSWERED and turn.intent in topics and topics[turn.intent].folder != SMALL_TALK:
                counted.topics[turn.intent] += 1
            if turn.outcome in NOT_UNDERSTOOD or turn.outcome is Outcome.REFUSED:
                text = anonymiser.masked(turn.text)
                counted.not_shown += text is None
                if text is not None:
                    missed[turn.outcome is Outcome.REFUSED].append(Missed(text, turn.nearest, turn.chosen))
    counted.not_understood, counted.not_in_bundle = groups(missed[False]), groups(missed[True])
    return counted


def satisfaction(engine: Engine, period: Period) -> Optional[Satisfaction]:
    """Return what candidates thought of the answers, or None where they are not asked."""
    if not sa.inspect(engine).has_table(_feedback.name):
        return None
    within = sa.and_(_feedback.c.at >= period.begin, _feedback.c.at < period.end)
    query = sa.select(_feedback.c.topic, _feedback.c.useful, sa.func.count())
    query = query.where(within).group_by(_feedback.c.topic, _feedback.c.useful)
    found = Satisfaction()
    with engine.connect() as connection:
        for topic, useful, times in connection.execute(query):
            (found.useful if useful else found.useless)[topic] += times
    return found
