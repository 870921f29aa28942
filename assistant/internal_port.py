"""The port on which a process is watched: /metrics, /live and /ready, apart from what it serves.

It answers from threads of its own, so that it tells the truth about a process that is stuck.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Optional

import sqlalchemy as sa
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sanic import Sanic
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from assistant.settings import SettingsError, WatchedSettings

logger = logging.getLogger(__name__)

DATABASE_SECONDS = 1.0  # within which the database answers a process that is ready
STALLED_SECONDS = 60.0  # without a beat; one mail or one turn takes far less
BEAT_SECONDS = 1.0
IDLE_SECONDS = 5  # a connection that says nothing
STARTING, STOPPING, DATABASE, OK = "starting", "stopping", "database", "ok"


class Health:
    """Whether a process lives (else it is to be started anew) and whether it is ready (else it gets no work).

    It beats while it works: a process that once was ready, and whose loop no longer turns, does not live.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._state = STARTING
        self._beat = time.monotonic()
        self._asking: tuple[threading.Thread, threading.Event] = (threading.Thread(), threading.Event())
        self._lock = threading.Lock()

    def ready(self) -> None:
        """Take work from now on."""
        self.beat()
        self._state = OK

    def stopping(self) -> None:
        """Take no work any more."""
        self._state = STOPPING

    def beat(self) -> None:
        """Show that the loop turns."""
        self._beat = time.monotonic()

    async def beat_for_ever(self) -> None:
        """Beat as long as the event loop turns."""
        while True:
            self.beat()
            await asyncio.sleep(BEAT_SECONDS)

    def is_alive(self) -> bool:
        """Tell whether the loop turns; starting and stopping may take their time."""
        return self._state != OK or time.monotonic() - self._beat < STALLED_SECONDS

    def state(self) -> str:
        """Return 'ok' where work is welcome, else why not."""
        if self._state == OK and not self._database_answers():
            return DATABASE
        return self._state

    def _database_answers(self) -> bool:
        """Ask it something, in a thread that is left behind where it does not answer; one question at a time."""
        with self._lock:
            thread, answered = self._asking
            if not thread.is_alive():
                answered = threading.Event()
                thread = threading.Thread(target=self._ask, args=(answered,), daemon=True)
                thread.start()
                self._asking = thread, answered
        return answered.wait(DATABASE_SECONDS)

    def _ask(self, answered: threading.Event) -> None:
        try:
            with self._engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
        except SQLAlchemyError as error:
            logger.warning("not ready: the database does not answer", exc_info=error)
        else:
            answered.set()


def show_health(app: Sanic, health: Health) -> None:
    """Let a Sanic server tell when it takes work, that its loop turns, and when it stops."""

    async def begin(running: Sanic, _loop: Any) -> None:
        running.add_task(health.beat_for_ever())
        health.ready()

    async def end(_running: Sanic, _loop: Any) -> None:
        health.stopping()

    app.register_listener(begin, "after_server_start")
    app.register_listener(end, "before_server_stop")


class _Handler(BaseHTTPRequestHandler):
    timeout = IDLE_SECONDS
    server: _Server

    def do_GET(self) -> None:
        """Answer one of the three."""
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._send(200, CONTENT_TYPE_LATEST, generate_latest())
        elif path == "/live":
            is_alive = self.server.health.is_alive()
            self._send_state(is_alive, OK if is_alive else "stalled")
        elif path == "/ready":
            state = self.server.health.state()
            self._send_state(state == OK, state)
        else:
            self._send_state(False, "not_found", status=404)

    def log_message(self, *_: Any) -> None:
        """Say nothing: it is read every few seconds."""

    def _send_state(self, is_well: bool, state: str, status: int = 503) -> None:
        self._send(200 if is_well else status, "application/json", json.dumps({"status": state}).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], health: Health) -> None:
        self.health = health
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked has gone away; the next one asks again."""


@contextmanager
def watched(settings: WatchedSettings, health: Health) -> Iterator[None]:
    """Answer on the internal port until the block ends; on none where METRICS_PORT is 0.

    Raises:
        SettingsError: nothing can listen there.
    """
    server: Optional[_Server] = None
    if settings.metrics_port:
        try:
            server = _Server((settings.metrics_host, settings.metrics_port), health)
        except OSError as error:
            raise SettingsError(f"METRICS_PORT: cannot listen on {settings.metrics_port} ({error.strerror})") from None
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        if server:
            server.shutdown()
            server.server_close()
