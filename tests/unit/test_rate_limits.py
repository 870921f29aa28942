"""A conversation and an address may each send so much; then they are told when to try again."""

from __future__ import annotations

import gc

from limits import parse

from assistant.rate_limits import ADDRESS_SHARE, RateLimits


def test_a_conversation_that_sends_too_much_waits_and_another_does_not() -> None:
    limits = RateLimits(parse("3/minute"))
    gc.collect()
    assert [limits.seconds_to_wait("a", "1.2.3.4") for _ in range(3)] == [0, 0, 0]
    assert 1 <= limits.seconds_to_wait("a", "1.2.3.4") <= 60
    assert limits.seconds_to_wait("b", "1.2.3.4") == 0


def test_new_conversations_do_not_get_round_the_limit_of_an_address() -> None:
    limits = RateLimits(parse("1/minute"))
    waits = [limits.seconds_to_wait(f"conversation {number}", "1.2.3.4") for number in range(ADDRESS_SHARE + 1)]
    assert waits[:-1] == [0] * ADDRESS_SHARE
    assert waits[-1] >= 1
    assert limits.seconds_to_wait("another", "5.6.7.8") == 0


def test_off_means_no_limit() -> None:
    limits = RateLimits(None)
    assert [limits.seconds_to_wait("a", "1.2.3.4") for _ in range(500)] == [0] * 500
