"""A conversation and an address may each send so much; then they are told when to try again."""

from __future__ import annotations

import gc
import uuid

import pytest
from limits import parse

from assistant.rate_limits import ADDRESS_SHARE, MOST_KEYS, OUTAGE_SECONDS, SWEEP_SECONDS, RateLimits
from tests.databases import RedisServer, redis


@pytest.fixture(params=["memory", "redis"])
def redis_url(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return ""
    server: RedisServer = request.getfixturevalue("redis_server")
    server.client().flushall()
    return server.url


def test_a_conversation_that_sends_too_much_waits_and_another_does_not(redis_url: str) -> None:
    limits = RateLimits(parse("3/minute"), redis_url)
    gc.collect()
    assert [limits.seconds_to_wait("a", "1.2.3.4") for _ in range(3)] == [0, 0, 0]
    assert 1 <= limits.seconds_to_wait("a", "1.2.3.4") <= 60
    assert limits.seconds_to_wait("b", "1.2.3.4") == 0


def test_new_conversations_do_not_get_round_the_limit_of_an_address(redis_url: str) -> None:
    limits = RateLimits(parse("1/minute"), redis_url)
    waits = [limits.seconds_to_wait(f"conversation {number}", "1.2.3.4") for number in range(ADDRESS_SHARE + 1)]
    assert waits[:-1] == [0] * ADDRESS_SHARE
    assert waits[-1] >= 1
    assert limits.seconds_to_wait("another", "5.6.7.8") == 0


def test_off_means_no_limit() -> None:
    limits = RateLimits(None)
    assert [limits.seconds_to_wait("a", "1.2.3.4") for _ in range(500)] == [0] * 500


def test_what_was_counted_long_ago_does_not_fill_the_memory() -> None:
    limits = RateLimits(parse("3/minute"))
    for number in range(2 * MOST_KEYS):
        assert limits.seconds_to_wait(f"conversation {number}", "") == 0
    assert len(limits._own.events) <= MOST_KEYS + 1


def test_counting_does_not_go_through_all_that_was_counted() -> None:
    """The library would do so after each request, in a thread beside the server's: thousands of entries, each time."""
    limits = RateLimits(parse("3/minute"))
    limits._own.timer.join(60)  # the one that it is born with
    limits.seconds_to_wait("a", "client")
    assert limits._own.timer.interval == SWEEP_SECONDS


def test_all_servers_count_together_in_redis(redis_server: RedisServer) -> None:
    servers = [RateLimits(parse("4/minute"), redis_server.url) for _ in range(2)]
    name = uuid.uuid4().hex
    waits = [server.seconds_to_wait(name, name) for _ in range(3) for server in servers]
    assert waits[:4] == [0] * 4
    assert all(1 <= wait <= 60 for wait in waits[4:])


def test_a_redis_that_is_away_keeps_nobody_out_and_the_limit_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("assistant.rate_limits.time.monotonic", lambda: now)
    with redis() as server:
        limits = RateLimits(parse("3/minute"), server.url)
        assert [limits.seconds_to_wait("a", "client") for _ in range(2)] == [0, 0]
        server.stop()
        assert [limits.seconds_to_wait("a", "client") for _ in range(3)] == [0, 0, 0]
        assert limits.seconds_to_wait("a", "client") >= 1
        server.start()
        now += OUTAGE_SECONDS
        assert [limits.seconds_to_wait("b", "client") for _ in range(3)] == [0, 0, 0]
        assert any(b"/b/" in key for key in server.client().keys("*"))
