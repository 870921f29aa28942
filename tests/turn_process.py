"""Chat servers of their own, as far as turns go: what a process of a test does with the turns of a conversation."""

from __future__ import annotations

import asyncio
from datetime import datetime
from multiprocessing.synchronize import Event

import sqlalchemy as sa

from assistant.settings import BRUSSELS
from assistant.storage import open_database
from assistant.turns import Turns

NOW = datetime(2025, 10, 25, 12, tzinfo=BRUSSELS)
SECONDS = 60


def count_in_turn(url: str, conversation_id: str, times: int) -> None:
    """Read a number and write the next, again and again, with a pause in between."""
    engine = open_database(url)
    turns = Turns(engine, lambda: NOW, wait_seconds=SECONDS)

    async def count() -> None:
        for _ in range(times):
            async with turns.next(conversation_id):
                with engine.begin() as connection:
                    number = connection.execute(sa.text("SELECT number FROM counted")).scalar_one()
                await asyncio.sleep(0.002)
                with engine.begin() as connection:
                    connection.execute(sa.text("UPDATE counted SET number = :number"), {"number": number + 1})

    asyncio.run(count())


def hold_the_turn(url: str, conversation_id: str, held: Event) -> None:
    """Never come to the end of a turn."""

    async def for_ever() -> None:
        async with Turns(open_database(url), lambda: NOW).next(conversation_id):
            held.set()
            await asyncio.sleep(10 * SECONDS)

    asyncio.run(for_ever())
