"""One message of a conversation is worked on at a time, whatever process it came to, and nothing is stored beside it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from sqlalchemy.engine import Engine

from assistant.storage import Conversations, open_database
from assistant.tracker_store import CandidateTrackerStore
from assistant.turns import NoConversationError, TurnLostError, Turns, TurnTakenError
from tests.turn_process import NOW, SECONDS, count_in_turn, hold_the_turn

SERVERS, EACH = 4, 25


@pytest.fixture
def conversation_id(database_url: str) -> str:
    name = uuid.uuid4().hex
    Conversations(open_database(database_url)).begin(name, NOW)
    return name


@contextmanager
def engine_of_a_server(url: str) -> Iterator[Engine]:
    """An engine as another chat server has it: with connections of its own."""
    engine = open_database.__wrapped__(url)
    yield engine
    engine.dispose()


def turns(engine: Engine, wait_seconds: float = SECONDS) -> Turns:
    return Turns(engine, lambda: NOW, wait_seconds=wait_seconds)


async def test_turns_are_numbered_from_one(database_url: str, conversation_id: str) -> None:
    given = turns(open_database(database_url))
    numbers = []
    for _ in range(3):
        async with given.next(conversation_id) as turn:
            numbers.append(turn.number)
    assert numbers == [1, 2, 3]


async def test_a_message_waits_for_the_one_before_it_and_not_for_other_conversations(
    database_url: str, conversation_id: str
) -> None:
    engine = open_database(database_url)
    other = uuid.uuid4().hex
    Conversations(engine).begin(other, NOW)
    given = turns(engine)
    async with given.next(conversation_id):
        with pytest.raises(TurnTakenError):
            async with turns_impatient(given).next(conversation_id):
                pass
        async with given.next(other) as turn:
            assert turn.number == 1
    async with given.next(conversation_id) as turn:
        assert turn.number == 2


def turns_impatient(given: Turns) -> Turns:
    """The same process's turns, for a message that waits for a moment only."""
    given._wait_seconds = 0.1
    return given


async def test_the_turn_is_free_again_after_a_failure(database_url: str, conversation_id: str) -> None:
    given = turns(open_database(database_url), 5)
    with pytest.raises(ZeroDivisionError):
        async with given.next(conversation_id):
            raise ZeroDivisionError
    async with given.next(conversation_id):
        pass


async def test_a_conversation_that_is_gone_has_no_turns(database_url: str, conversation_id: str) -> None:
    engine = open_database(database_url)
    given = turns(engine)
    Conversations(engine).delete(conversation_id)
    for name in (conversation_id, uuid.uuid4().hex):
        with pytest.raises(NoConversationError):
            async with given.next(name):
                pass


async def test_another_server_waits_too(postgres_url: str) -> None:
    with engine_of_a_server(postgres_url) as one, engine_of_a_server(postgres_url) as two:
        name = uuid.uuid4().hex
        Conversations(one).begin(name, NOW)
        ours, theirs = turns(one), turns(two)
        done = []

        async def their_message() -> None:
            async with theirs.next(name):
                done.append("theirs")

        async with ours.next(name):
            waiting = asyncio.create_task(their_message())
            with pytest.raises(TurnTakenError):
                async with turns(two, 0.3).next(name):
                    pass
            done.append("ours")
        await asyncio.wait_for(waiting, SECONDS)
        assert done == ["ours", "theirs"]


def test_servers_that_share_a_conversation_lose_no_update(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    name = uuid.uuid4().hex
    Conversations(engine).begin(name, NOW)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE counted (number integer)"))
        connection.execute(sa.text("INSERT INTO counted VALUES (0)"))
    fresh = multiprocessing.get_context("spawn")
    servers = [fresh.Process(target=count_in_turn, args=(postgres_url, name, EACH)) for _ in range(SERVERS)]
    for server in servers:
        server.start()
    for server in servers:
        server.join(SECONDS)
    assert [server.exitcode for server in servers] == [0] * SERVERS
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT number FROM counted")).scalar_one() == SERVERS * EACH


async def test_the_turn_of_a_server_that_was_killed_is_free_at_once(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    name = uuid.uuid4().hex
    Conversations(engine).begin(name, NOW)
    fresh = multiprocessing.get_context("spawn")
    held = fresh.Event()
    server = fresh.Process(target=hold_the_turn, args=(postgres_url, name, held))
    server.start()
    assert held.wait(SECONDS)
    with pytest.raises(TurnTakenError):
        async with turns(engine, 0.3).next(name):
            pass
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    async with turns(engine).next(name) as turn:
        assert turn.number == 2
    server.join(SECONDS)


async def test_what_a_server_does_after_it_lost_its_turn_is_not_stored(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hung, its connection was cut, and the candidate went on elsewhere: the later turn alone counts."""
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    with engine_of_a_server(postgres_url) as one, engine_of_a_server(postgres_url) as two:
        name = uuid.uuid4().hex
        Conversations(one).begin(name, NOW)
        store = CandidateTrackerStore(domain=Domain.empty())

        async def say(text: str) -> None:
            tracker = await store.get_or_create_tracker(name)
            tracker.update(UserUttered(text))
            await store.save(tracker)

        async with turns(one).next(name):
            with two.begin() as connection:
                cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                assert connection.execute(sa.text(cut)).scalars().all() == [True]

            async def elsewhere() -> None:
                async with turns(two).next(name):
                    await say("later")

            await asyncio.wait_for(asyncio.create_task(elsewhere()), SECONDS)
            with pytest.raises(TurnLostError):
                await say("too late")
        async with turns(one).next(name):
            await say("last")
        tracker = await store.retrieve_full_tracker(name)
        assert [event.text for event in tracker.events if isinstance(event, UserUttered)] == ["later", "last"]


async def test_turns_go_on_when_the_database_has_been_away(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    name = uuid.uuid4().hex
    Conversations(engine).begin(name, NOW)
    given = turns(engine, 5)
    async with given.next(name):
        pass
    with engine_of_a_server(postgres_url) as other, other.begin() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        )
    async with given.next(name) as turn:
        assert turn.number == 2
