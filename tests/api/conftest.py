"""A real chat server, in a process of its own, as a browser meets it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import TEST_SECRET
from tools.servers import ChatServer, chat_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    """The server that most tests share, with no rate limit and one allowed origin."""
    folder = tmp_path_factory.mktemp("server")
    settings = {"CHAT_RATE_LIMIT": "off", "CHAT_ALLOWED_ORIGINS": "https://www.kortrijk.be", "CHAT_PROXIES": "1"}
    with chat_server(folder, **settings) as running:
        yield running


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., ChatServer]]:
    """Start further servers with settings of their own; they end with the test."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(chat_server(tmp_path, SECRET_KEY=TEST_SECRET, **settings))
