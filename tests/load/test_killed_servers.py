"""The proof at full size (`make test-load`): four chat servers, a hundred conversations, and servers that get killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import postgres, redis
from tests.fleet import check_the_store, converse_in_parallel, fleet

SERVERS, CONVERSATIONS, MESSAGES, KILLS = 4, 100, 20, 4


@pytest.mark.load
@pytest.mark.timeout(1200)
def test_every_answered_message_is_kept_once_and_in_order_and_each_conversation_goes_on(tmp_path: Path) -> None:
    with postgres() as database, redis() as counts:
        settings = {"DATABASE_URL": database.url, "REDIS_URL": counts.url, "CHAT_RATE_LIMIT": "100000/minute"}
        with fleet(tmp_path, SERVERS, **settings) as servers:
            candidates = converse_in_parallel(servers, CONVERSATIONS, MESSAGES, KILLS, restarts=True)
            check_the_store(servers, candidates)
    answered = sum(len(candidate.answered) for candidate in candidates)
    again = sum(len(candidate.unanswered) for candidate in candidates)
    print(f"\n{answered} messages answered by {SERVERS} servers, {KILLS} of them killed; {again} were sent again; none lost")
    assert answered == CONVERSATIONS * MESSAGES
