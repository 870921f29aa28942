"""Gives up on a PostgreSQL that says nothing: stopped, or cut off behind something that keeps its connections open.

Its own limit on a statement does not help then, as it is the server that keeps it, and neither does one of TCP, as the bytes
do arrive. The chat server has one thread, so one such wait would keep everybody waiting.
"""

from __future__ import annotations

import select
import time
from typing import Any

import psycopg2
from psycopg2 import extensions
from sqlalchemy import event
from sqlalchemy.engine import Engine

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 6.0  # more than a statement may take, so that what PostgreSQL itself gives up is told apart
OUTAGE_SECONDS = 2.0  # for so long nobody waits for a new connection after one wait that was in vain

DEFAULT_PORT = 5432

_silent_until: dict[str, float] = {}


def give_up_on_silence(engine: Engine) -> None:
    """Let no statement and no connection of this process wait for ever, and let an outage be waited for by one at a time."""
    extensions.set_wait_callback(_wait)
    event.listen(engine, "do_connect", _refuse_during_an_outage)


def _wait(connection: Any) -> None:
    """Wait as psycopg2 does, with a limit; it closes a connection whose wait has failed."""
    is_new = connection.status == extensions.STATUS_SETUP
    deadline = time.monotonic() + (CONNECT_SECONDS if is_new else ANSWER_SECONDS)
    while (state := connection.poll()) != extensions.POLL_OK:
        poller = select.poll()
        poller.register(connection.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
        if not poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
            _silent_until[_place(connection.get_dsn_parameters())] = time.monotonic() + OUTAGE_SECONDS
            raise psycopg2.OperationalError("PostgreSQL said nothing for too long")


def _refuse_during_an_outage(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
    if time.monotonic() < _silent_until.get(_place(parameters), 0.0):
        raise psycopg2.OperationalError("PostgreSQL said nothing a moment ago")


def _place(parameters: dict[str, Any]) -> str:
    return f"{parameters.get('host')}:{parameters.get('port') or DEFAULT_PORT}"
