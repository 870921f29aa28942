"""The assistant's own tables."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from assistant.settings import BRUSSELS
from assistant.storage import Conversations, conversation, create_tables, open_database

NOW = datetime(2025, 10, 25, 12, tzinfo=BRUSSELS)


@pytest.fixture
def conversations(database_url: str) -> Conversations:
    return Conversations(open_database(database_url))


def test_a_conversation_exists_from_its_beginning_until_it_is_deleted(conversations: Conversations) -> None:
    assert not conversations.exists("a")
    conversations.begin("a", NOW)
    assert conversations.exists("a")
    conversations.delete("a")
    assert not conversations.exists("a")


def test_turns_are_counted_for_each_conversation(conversations: Conversations, database_url: str) -> None:
    conversations.begin("a", NOW)
    conversations.begin("b", NOW)
    with open_database(database_url).begin() as connection:
        assert [conversations.count_turn(connection, "a", NOW) for _ in range(3)] == [1, 2, 3]
        assert conversations.count_turn(connection, "b", NOW) == 1


def test_a_turn_of_an_unknown_conversation_is_not_counted(conversations: Conversations, database_url: str) -> None:
    with open_database(database_url).begin() as connection:
        assert conversations.count_turn(connection, "a", NOW) is None


def test_an_error_of_the_database_does_not_show_what_was_written(conversations: Conversations) -> None:
    conversations.begin("een geheim nummer", NOW)
    with pytest.raises(IntegrityError) as caught:
        conversations.begin("een geheim nummer", NOW)
    assert "een geheim nummer" not in str(caught.value)


def test_processes_that_start_together_all_find_their_tables(database_url: str) -> None:
    """Each looks for the tables, finds none and makes them; only one can be first."""
    engines = [open_database.__wrapped__(database_url) for _ in range(8)]
    start = threading.Barrier(len(engines))

    def begin(engine: sa.engine.Engine) -> list[str]:
        start.wait()
        create_tables(engine)
        return list(sa.inspect(engine).get_table_names())

    with ThreadPoolExecutor(len(engines)) as pool:
        found = list(pool.map(begin, engines))
    assert all("conversation" in names for names in found)


def test_an_instant_comes_back_as_it_was_over_the_change_to_winter_time(database_url: str) -> None:
    """02:30 comes twice in the night of 26 October 2025; SQLite alone would keep neither zone nor fold."""
    engine = open_database(database_url)
    conversations = Conversations(engine)
    instants = [datetime(2025, 10, 26, 2, 30, fold=fold, tzinfo=BRUSSELS) for fold in (0, 1)]
    for number, instant in enumerate(instants):
        conversations.begin(str(number), instant)
    with engine.connect() as connection:
        kept = connection.execute(sa.select(conversation.c.created_at).order_by(conversation.c.id)).scalars().all()
    assert [each.timestamp() for each in kept] == [instant.timestamp() for instant in instants]
