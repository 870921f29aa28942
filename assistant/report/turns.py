"""Reads the questions of a period, and what became of each, from Rasa's table of events.

It reads conversation by conversation, some rows at a time, so that a busy month takes no more memory than a quiet one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby, pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from assistant.outcomes import OUT_OF_SCOPE, Outcome, outcome_of, topic_of
from assistant.settings import BRUSSELS

BATCH = 1000
# What no candidate said: the beginning of a conversation or a session, and our word on questions that were too many.
NOT_SAID = {"gesprek_start", "session_start", "te_veel_vragen"}
FALLBACK = "nlu_fallback"
NO_TOPIC = {FALLBACK, OUT_OF_SCOPE}

_events = sa.table(
    "events", *(sa.column(name) for name in ("id", "sender_id", "type_name", "timestamp", "data"))
)  # fmt: skip


@dataclass(frozen=True)
class Turn:
    """A question (or an answer to a question of ours) and what became of it."""

    at: datetime
    intent: str  # what it was taken for
    text: str
    outcome: Outcome
    said: tuple[str, ...] = ()  # the topics of what was said to it
    nearest: str = ""  # the topic that it was nearest to
    offered: tuple[str, ...] = ()
    chosen: str = ""  # the topic that the candidate chose, from those that were offered


@dataclass(frozen=True)
class Period:
    """Whole days, the last one included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Every day."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def begin(self) -> datetime:
        """Its first instant, in Kortrijk's time."""
        return datetime.combine(self.first, time(), BRUSSELS)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), BRUSSELS)


def conversations(engine: Engine, period: Period, batch: int = BATCH) -> Iterator[list[Turn]]:
    """Yield the turns of each conversation in which the candidate said something within the period."""
    if not sa.inspect(engine).has_table(_events.name):  # no chat server has ever started
        return
    for _, rows in groupby(_rows(engine, period, batch), key=lambda row: row["sender_id"]):
        turns = _turns(json.loads(row["data"]) for row in rows)
        if turns:
            yield turns


def _rows(engine: Engine, period: Period, batch: int) -> Iterator[Mapping[str, Any]]:
    """Yield what was said, conversation by conversation, each in its order."""
    within = sa.and_(
        _events.c.timestamp >= period.begin.timestamp(),
        _events.c.timestamp < period.end.timestamp(),
        _events.c.type_name.in_(["user", "bot"]),
    )
    query = sa.select(_events).where(within).order_by(_events.c.sender_id, _events.c.id).limit(batch)
    after = query
    while True:
        with engine.connect() as connection:
            rows = connection.execute(after).mappings().all()
        yield from rows
        if len(rows) < batch:
            return
        last = rows[-1]
        later = sa.and_(_events.c.sender_id == last["sender_id"], _events.c.id > last["id"])
        after = query.where(sa.or_(_events.c.sender_id > last["sender_id"], later))


def _turns(events: Iterable[Mapping[str, Any]]) -> list[Turn]:
    turns: list[Turn] = []
    asked: Mapping[str, Any] = {}
    said: list[Mapping[str, Any]] = []
    for event in [*events, {"event": "user"}]:
        if event["event"] == "bot":
            said.append(event)
            continue
        if asked and _intent(asked) not in NOT_SAID:
            turns.append(_turn(asked, said))
        asked, said = event, []
    return [_with_choice(turn, following) for turn, following in pairwise([*turns, None]) if turn]


def _turn(asked: Mapping[str, Any], said: list[Mapping[str, Any]]) -> Turn:
    metadata = [event.get("metadata") or {} for event in said]
    ranking = [entry["name"] for entry in asked["parse_data"].get("intent_ranking", []) if entry["name"] not in NO_TOPIC]
    return Turn(
        at=datetime.fromtimestamp(asked["timestamp"], BRUSSELS),
        intent=_intent(asked),
        text=asked.get("text") or "",
        outcome=outcome_of(metadata),
        said=tuple(topic_of(each) for each in metadata),
        nearest=ranking[0] if ranking else "",
        offered=tuple(button["payload"] for event in said for button in event["data"].get("buttons") or []),
    )


def _with_choice(turn: Turn, following: Turn | None) -> Turn:
    is_choice = turn.outcome is Outcome.ASKED_BACK and following and following.intent in turn.offered
    return replace(turn, chosen=following.intent) if is_choice and following else turn


def _intent(asked: Mapping[str, Any]) -> str:
    return str((asked["parse_data"].get("intent") or {}).get("name") or FALLBACK)
