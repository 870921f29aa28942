"""Removes many rows a few at a time, so that nobody who works on the same tables waits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

logger = logging.getLogger(__name__)

BATCH = 200  # rows, or conversations
PAUSE_SECONDS = 0.05
EVERY_SECONDS = 3600.0
RETRY_SECONDS = 300.0


def batches(remove: Callable[[], int], stop: threading.Event, size: int = BATCH) -> int:
    """Call `remove`, which removes at most `size` and returns how many, until it finds fewer; return the sum."""
    total = 0
    while not stop.is_set():
        removed = remove()
        total += removed
        if removed < size:
            break
        stop.wait(PAUSE_SECONDS)
    return total


def delete_some(engine: Engine, table: sa.Table, condition: Any, size: int = BATCH) -> int:
    """Delete at most `size` rows for which `condition` holds; return how many."""
    (key,) = table.primary_key.columns
    some = sa.select(key).where(condition).limit(size)
    with engine.begin() as connection:
        return int(connection.execute(table.delete().where(key.in_(some))).rowcount)


def keep_removing(run: Callable[[threading.Event], Mapping[str, int]], stop: threading.Event) -> None:
    """Call `run` now and every hour until `stop` is set; what fails is tried again sooner."""
    while not stop.is_set():
        pause = EVERY_SECONDS
        try:
            removed = {kind: count for kind, count in run(stop).items() if count}
            if removed:
                logger.info("removed what was too old: %s", ", ".join(in_words(removed)))
        except Exception as error:  # a thread that ended would do so unseen
            logger.error("what is too old could not be removed", exc_info=error)
            pause = RETRY_SECONDS
        stop.wait(pause)


def in_words(removed: Mapping[str, int]) -> Iterator[str]:
    """Yield for example '12 codes'."""
    for kind, count in removed.items():
        yield f"{count} {kind}"
