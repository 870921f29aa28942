"""What keeps state runs here on each kind of storage that it may have in production; no test knows which."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.storage import open_database
from tests.databases import Postgres, RedisServer, postgres, redis


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with redis() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """An empty database of the test's own."""
    url = postgres_server.new_database()
    yield url
    open_database(url).dispose()
    open_database.cache_clear()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/folder/assistant.db"
    url: str = request.getfixturevalue("postgres_url")
    return url
