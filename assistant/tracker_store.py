"""Rasa's SQL tracker store, without its habit of ending the server or of losing events in silence."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any, Optional

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses
from sqlalchemy import orm

from assistant.settings import load_settings
from assistant.storage import create_tables, open_database, reading
from assistant.turns import confirm_turn

# Rasa looks through all of its event classes for each event that it reads; by name it takes no time.
_EVENT_TYPES = {event_type.type_name: event_type for event_type in all_subclasses(Event)}


class CandidateTrackerStore(SQLTrackerStore):
    """Keeps the events of conversations in the assistant's database (`DATABASE_URL`).

    Unlike its parent it does not retry a connection for ever at start-up, and an error inside a session is raised to
    the caller: the parent turns any ValueError into the end of the process. It reads and writes the same table with
    one statement each, and remembers on the tracker how many of its events are stored.
    """

    def __init__(
        self,
        domain: Optional[Domain] = None,
        host: Optional[str] = None,  # noqa: ARG002 - Rasa passes it; the address comes from the settings
        event_broker: Optional[EventBroker] = None,
        **kwargs: Any,
    ) -> None:
        self.engine = open_database(load_settings().database_url)
        create_tables(self.engine, self.Base.metadata)
        self._table: sa.Table = self.SQLEvent.__table__
        self.sessionmaker = orm.sessionmaker(bind=self.engine)
        TrackerStore.__init__(self, domain, event_broker, **kwargs)

    @contextlib.contextmanager
    def session_scope(self) -> Iterator[orm.Session]:
        """Give a session that is closed afterwards, whatever happens; errors go to the caller."""
        with self.sessionmaker() as session:
            yield session

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the events that are new since the tracker was read, all or none.

        Raises:
            TurnLostError: another process has gone on with the conversation since; nothing was stored.
        """
        await self.stream_events(tracker)
        stored = getattr(tracker, "stored_events", 0)
        rows = [self._row(tracker.sender_id, event.as_dict()) for event in list(tracker.events)[stored:]]
        if rows:
            with self.engine.begin() as connection:
                confirm_turn(connection, tracker.sender_id)
                connection.execute(self._table.insert(), rows)
        tracker.stored_events = stored + len(rows)

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> Optional[DialogueStateTracker]:
        of_sender = self._table.c.sender_id == sender_id
        query = sa.select(self._table.c.data).where(of_sender).order_by(self._table.c.id)
        if not fetch_events_from_all_sessions:
            started = sa.select(sa.func.max(self._table.c.id)).where(
                of_sender, self._table.c.type_name == SessionStarted.type_name
            )
            query = query.where(self._table.c.id >= sa.func.coalesce(started.scalar_subquery(), 0))
        with reading(self.engine) as connection:
            stored = connection.execute(query).scalars().all()
        if not stored or self.domain is None:
            return None
        tracker = DialogueStateTracker.from_events(sender_id, [_event(data) for data in stored], self.domain.slots)
        tracker.stored_events = len(stored)
        return tracker

    @staticmethod
    def _row(sender_id: str, event: dict[str, Any]) -> dict[str, Any]:
        return {
            "sender_id": sender_id,
            "type_name": event["event"],
            "timestamp": event.get("timestamp"),
            "intent_name": event.get("parse_data", {}).get("intent", {}).get("name"),
            "action_name": event.get("name"),
            "data": json.dumps(event),
        }

    def delete(self, sender_id: str) -> None:
        """Remove every event of the conversation."""
        with self.engine.begin() as connection:
            connection.execute(self._table.delete().where(self._table.c.sender_id == sender_id))


def _event(data: str) -> Event:
    parameters = json.loads(data)
    event: Event = _EVENT_TYPES[parameters["event"]]._from_parameters(parameters)
    return event
