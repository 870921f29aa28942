"""Rasa's SQL tracker store, without its habit of ending the server or of losing events in silence."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator, Optional

import sqlalchemy.orm as orm
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain

from assistant.settings import load_settings
from assistant.storage import open_database


class CandidateTrackerStore(SQLTrackerStore):
    """Keeps the events of conversations in the assistant's database (`DATABASE_URL`).

    Unlike its parent it does not retry a connection for ever at start-up, and an error inside a session is raised to
    the caller: the parent turns any ValueError into the end of the process.
    """

    def __init__(
        self,
        domain: Optional[Domain] = None,
        host: Optional[str] = None,
        event_broker: Optional[EventBroker] = None,
        **kwargs: Any,
    ) -> None:
        self.engine = open_database(load_settings().database_url)
        self.Base.metadata.create_all(self.engine, checkfirst=True)
        self.sessionmaker = orm.sessionmaker(bind=self.engine)
        TrackerStore.__init__(self, domain, event_broker, **kwargs)

    @contextlib.contextmanager
    def session_scope(self) -> Iterator[orm.Session]:
        """Give a session that is closed afterwards, whatever happens; errors go to the caller."""
        with self.sessionmaker() as session:
            yield session

    def delete(self, sender_id: str) -> None:
        """Remove every event of the conversation."""
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter(self.SQLEvent.sender_id == sender_id).delete()
            session.commit()
