"""Starts a real chat server on a free port, for tests and tools, and talks to it as a browser does."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

import requests

from tools.model import ROOT, model

START_SECONDS = 60


class ServerError(Exception):
    """The chat server did not start; the message holds the end of its log."""


@dataclass
class ChatServer:
    """A running chat server: where it listens, its process and its log."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def api(self) -> str:
        """The address of the chat API."""
        return f"{self.url}/webhooks/website"

    def converse(self) -> Conversation:
        """Begin a conversation."""
        begun = requests.post(f"{self.api}/sessions", timeout=10)
        begun.raise_for_status()
        return Conversation(self.api, begun.json())


@dataclass
class Conversation:
    """A candidate's side of a conversation."""

    api: str
    begun: dict[str, Any]
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Carry the token from now on."""
        self.headers = {"Authorization": f"Bearer {self.begun['token']}"}

    def post(self, body: Any) -> requests.Response:
        """Send a body as JSON, whatever it is."""
        return requests.post(f"{self.api}/messages", json=body, headers=self.headers, timeout=20)

    def post_raw(self, data: bytes) -> requests.Response:
        """Send bytes."""
        return requests.post(f"{self.api}/messages", data=data, headers=self.headers, timeout=20)

    def ask(self, text: str) -> dict[str, Any]:
        """Type a text; return the only message of the answer."""
        reply = self.post({"text": text})
        reply.raise_for_status()
        (message,) = reply.json()["messages"]
        return dict(message)

    def choose(self, payload: str) -> requests.Response:
        """Choose a button."""
        return self.post({"payload": payload})

    def history(self) -> list[dict[str, Any]]:
        """Return the conversation so far."""
        reply = requests.get(f"{self.api}/messages", headers=self.headers, timeout=10)
        reply.raise_for_status()
        return list(reply.json()["messages"])

    def end(self) -> requests.Response:
        """Delete the conversation."""
        return requests.delete(f"{self.api}/sessions", headers=self.headers, timeout=10)


@contextmanager
def chat_server(folder: Path, database: Optional[str] = None, **settings: str) -> Iterator[ChatServer]:
    """Run a chat server with the trained model until the block ends; its database and log stand in `folder`."""
    port = free_port()
    environment = {
        **os.environ,
        "SECRET_KEY": secrets.token_hex(32),
        "DATABASE_URL": database or f"sqlite:///{folder}/assistant.db",
        "PORT": str(port),
        **settings,
    }
    log = folder / f"chat-{port}.log"
    with log.open("wb") as output:
        command = [sys.executable, "-W", "ignore", "-m", "assistant", str(model())]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        running = ChatServer(f"http://127.0.0.1:{port}", process, log)
        _wait_until_up(running)
        yield running
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(server: ChatServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if requests.get(f"{server.api}/", timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise ServerError(f"the chat server did not start: {server.log.read_text(encoding='utf-8')[-2000:]}")
