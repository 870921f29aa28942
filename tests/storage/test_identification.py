"""Codes work once, in their own conversation, for ten minutes and five tries; an identity ends when nobody talks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from assistant.identity.identification import (
    CODE_LIFETIME,
    IDLE,
    MOST_CODES,
    MOST_CODES_OF_CLIENT,
    MOST_TRIES,
    WINDOW,
    Entered,
    Identification,
    code,
    identity,
)
from assistant.settings import BRUSSELS
from assistant.storage import open_database

ADDRESS = "amina@kandidaat.example"
NUMBER = "K-2025-0001"


class SetClock:
    now = datetime(2025, 10, 26, 1, 30, tzinfo=BRUSSELS)  # the night in which the clocks go back

    def __call__(self) -> datetime:
        return self.now

    def forward(self, time: timedelta) -> None:
        self.now = (self.now.astimezone(timezone.utc) + time).astimezone(BRUSSELS)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def identification(database_url: str, clock: SetClock) -> Identification:
    return Identification(open_database(database_url), "a" * 40, clock)


@pytest.fixture
def send(identification: Identification) -> Callable[..., str]:
    """Ask for a code, as somebody at an address that the HR backend knows."""

    def sent(conversation: str, address: str = ADDRESS, number: str | None = NUMBER) -> str:
        reserved = identification.reserve(conversation, address, "client")
        assert reserved is not None
        return identification.issue(reserved, conversation, number)

    return sent


def touch(identification: Identification) -> None:
    with identification._engine.begin() as connection:
        identification.touch(connection, "a")


def enter(identification: Identification, conversation: str, digits: str) -> Entered:
    return identification.enter(conversation, identification.digest(conversation, digits))


def wrong(digits: str) -> str:
    return f"{(int(digits) + 1) % 1_000_000:06}"


def test_the_right_code_identifies_once(identification: Identification, send: Callable[..., str]) -> None:
    digits = send("a")
    assert identification.who("a") is None
    assert enter(identification, "a", digits) is Entered.RIGHT
    assert identification.who("a") == NUMBER
    identification.forget("a")
    assert enter(identification, "a", digits) is Entered.NONE
    assert identification.who("a") is None


def test_a_code_is_worth_nothing_in_another_conversation(identification: Identification, send: Callable[..., str]) -> None:
    digits = send("a")
    send("b", "dirk@kandidaat.example", "K-2025-0004")
    assert identification.digest("a", digits) != identification.digest("b", digits)
    assert identification.enter("b", identification.digest("a", digits)) is Entered.WRONG
    assert enter(identification, "c", digits) is Entered.NONE
    assert identification.who("b") is None


def test_five_wrong_tries_kill_a_code(identification: Identification, send: Callable[..., str]) -> None:
    digits = send("a")
    for _ in range(MOST_TRIES - 1):
        assert enter(identification, "a", wrong(digits)) is Entered.WRONG
    assert enter(identification, "a", wrong(digits)) is Entered.SPENT
    assert enter(identification, "a", digits) is Entered.SPENT
    assert identification.who("a") is None


def test_the_fifth_try_may_be_right(identification: Identification, send: Callable[..., str]) -> None:
    digits = send("a")
    for _ in range(MOST_TRIES - 1):
        enter(identification, "a", wrong(digits))
    assert enter(identification, "a", digits) is Entered.RIGHT


def test_guesses_in_parallel_are_counted_like_any_other(identification: Identification, send: Callable[..., str]) -> None:
    digits = send("a")
    start = threading.Barrier(20)

    def guess(_: int) -> Entered:
        start.wait()
        return enter(identification, "a", wrong(digits))

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(guess, range(20)))
    assert outcomes.count(Entered.WRONG) <= MOST_TRIES - 1
    assert enter(identification, "a", digits) is Entered.SPENT


def test_the_right_code_in_parallel_identifies_once(identification: Identification, send: Callable[..., str]) -> None:
    digits = send("a")
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: enter(identification, "a", digits), range(8)))
    assert outcomes.count(Entered.RIGHT) == 1


def test_a_code_of_nobody_proves_nothing(identification: Identification, send: Callable[..., str]) -> None:
    digits = send("a", "niemand@kandidaat.example", None)
    assert enter(identification, "a", digits) is Entered.WRONG
    assert identification.who("a") is None


@pytest.mark.parametrize(("time", "outcome"), [(timedelta(seconds=-1), Entered.RIGHT), (timedelta(0), Entered.EXPIRED)])
def test_a_code_lives_ten_minutes(
    identification: Identification, send: Callable[..., str], clock: SetClock, time: timedelta, outcome: Entered
) -> None:
    digits = send("a")
    clock.forward(CODE_LIFETIME + time)
    assert enter(identification, "a", digits) is outcome


def test_a_new_code_replaces_the_old_one(identification: Identification, send: Callable[..., str]) -> None:
    old, new = send("a"), send("a")
    if old != new:
        assert enter(identification, "a", old) is Entered.WRONG
    assert enter(identification, "a", new) is Entered.RIGHT


def test_an_hour_has_three_codes_for_a_conversation(identification: Identification, clock: SetClock) -> None:
    asked = [identification.reserve("a", f"{n}@kandidaat.example", "client") for n in range(MOST_CODES + 1)]
    assert asked[-1] is None
    assert all(asked[:-1])
    clock.forward(WINDOW)
    assert identification.reserve("a", ADDRESS, "client")


def test_an_hour_has_three_codes_for_an_address_whoever_asks(identification: Identification) -> None:
    asked = [identification.reserve(f"conversation {n}", ADDRESS, f"client {n}") for n in range(MOST_CODES + 1)]
    assert [bool(row) for row in asked] == [True] * MOST_CODES + [False]


def test_the_codes_of_a_client_are_limited(identification: Identification) -> None:
    asked = [identification.reserve(f"{n}", f"{n}@kandidaat.example", "client") for n in range(MOST_CODES_OF_CLIENT + 1)]
    assert [bool(row) for row in asked] == [True] * MOST_CODES_OF_CLIENT + [False]


def test_codes_asked_in_parallel_are_counted(identification: Identification) -> None:
    with ThreadPoolExecutor(10) as pool:
        asked = list(pool.map(lambda n: identification.reserve(f"{n}", ADDRESS, f"{n}"), range(10)))
    assert sum(bool(row) for row in asked) == MOST_CODES


def test_deleting_the_conversation_gives_no_new_codes(identification: Identification, send: Callable[..., str]) -> None:
    for n in range(MOST_CODES):
        send(f"{n}")
        identification.forget(f"{n}")
    assert identification.reserve("another", ADDRESS, "client") is None


def test_a_code_that_could_not_be_sent_does_not_count(identification: Identification) -> None:
    for _ in range(MOST_CODES + 1):
        reserved = identification.reserve("a", ADDRESS, "client")
        assert reserved is not None
        identification.release(reserved)


def test_an_identity_lasts_while_the_conversation_does(
    identification: Identification, send: Callable[..., str], clock: SetClock
) -> None:
    enter(identification, "a", send("a"))
    for _ in range(3):
        clock.forward(IDLE - timedelta(seconds=1))
        touch(identification)
        assert identification.who("a") == NUMBER
    clock.forward(IDLE)
    touch(identification)
    assert identification.who("a") is None
    assert identification.steps("a") == {}


def test_the_tables_hold_no_code_and_no_address(identification: Identification, send: Callable[..., str]) -> None:
    digits = send("a")
    with identification._engine.connect() as connection:
        stored = repr([connection.execute(sa.select(table)).all() for table in (code, identity)])
    assert digits not in stored
    assert ADDRESS not in stored
    assert identification.digest("a", digits) in stored
