"""Several chat servers on one PostgreSQL and one Redis: a candidate may meet any of them, and none of them forgets."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import sqlalchemy as sa

from assistant.storage import open_database
from assistant.turns import AdvisoryLocks
from tests.databases import RedisServer, postgres, redis
from tests.fleet import Candidate, Fleet, check_the_store, converse_in_parallel, fleet, stored

CLIENTS = 6


@pytest.fixture(scope="module")
def shared_redis() -> Iterator[RedisServer]:
    with redis() as server:
        yield server


@pytest.fixture(scope="module")
def two_servers(tmp_path_factory: pytest.TempPathFactory, shared_redis: RedisServer) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("servers")
    settings = {"CHAT_RATE_LIMIT": "5000/minute", "REDIS_URL": shared_redis.url}
    with postgres() as database, fleet(folder, 2, DATABASE_URL=database.url, **settings) as running:
        yield running


@pytest.fixture
def candidate(two_servers: Fleet) -> Candidate:
    meets_any = Candidate(0, two_servers.proxy)
    meets_any.begin()
    return meets_any


def test_messages_of_one_conversation_that_come_together_are_answered_one_after_the_other(
    two_servers: Fleet, candidate: Candidate
) -> None:
    """Also where Rasa begins a new session, which it does every 25 messages."""
    assert candidate.conversation
    texts = [f"hoeveel verlof krijg ik? ({number})" for number in range(5 * CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        replies = list(pool.map(lambda text: candidate.conversation.post({"text": text}), texts))
    assert [reply.status_code for reply in replies] == [200] * len(texts)
    engine = sa.create_engine(two_servers.database)
    kept = stored(engine, candidate.id)
    engine.dispose()
    assert sorted(text for text, _ in kept) == sorted(texts)
    answers = {
        text: [message["text"] for message in reply.json()["messages"]] for text, reply in zip(texts, replies, strict=True)
    }
    assert all(answers[text] == answered for text, answered in kept)


def test_a_conversation_that_is_deleted_while_it_is_busy_leaves_nothing(two_servers: Fleet, candidate: Candidate) -> None:
    assert candidate.conversation
    with ThreadPoolExecutor(CLIENTS) as pool:
        messages = [pool.submit(candidate.conversation.post, {"text": "ik wil inloggen"}) for _ in range(CLIENTS)]
        messages[0].result()
        assert candidate.conversation.end().status_code == 204
        assert {message.result().status_code for message in messages} <= {200, 401}
    assert candidate.conversation.post({"text": "ben je er nog?"}).status_code == 401
    engine = sa.create_engine(two_servers.database)
    with engine.connect() as connection:
        for table, column in (("events", "sender_id"), ("conversation", "id"), ("pending", "conversation_id")):
            left = sa.text(f"SELECT count(*) FROM {table} WHERE {column} = :id")
            assert connection.execute(left, {"id": candidate.id}).scalar_one() == 0
    engine.dispose()


def test_a_turn_that_cannot_be_had_in_time_gives_the_contact_and_the_message_was_not_begun(
    two_servers: Fleet, candidate: Candidate
) -> None:
    assert candidate.conversation
    elsewhere = open_database.__wrapped__(two_servers.database)
    locks = AdvisoryLocks(elsewhere)
    assert locks.take(candidate.id)
    refused = candidate.conversation.post({"text": "hoeveel verlof krijg ik?"})
    assert refused.status_code == 503
    assert refused.json()["error"] == "unavailable"
    assert "056 27 85 03" in refused.json()["message"]
    locks.free(candidate.id)
    assert "33" in candidate.conversation.ask("hoeveel verlof krijg ik?")["text"]
    engine = sa.create_engine(two_servers.database)
    assert len(stored(engine, candidate.id)) == 1
    engine.dispose()
    elsewhere.dispose()


def test_all_servers_count_requests_in_redis(two_servers: Fleet, shared_redis: RedisServer) -> None:
    shared_redis.client().flushall()
    for server in two_servers.servers:
        assert requests.post(f"{server.api}/sessions", timeout=10).status_code == 201
    (counted,) = [shared_redis.client().llen(key) for key in shared_redis.client().keys("*address*")]
    assert counted == 2


def test_conversations_go_on_elsewhere_when_a_server_is_killed(two_servers: Fleet) -> None:
    candidates = converse_in_parallel(two_servers, conversations=20, messages=6, kills=1, restarts=False)
    check_the_store(two_servers, candidates)
