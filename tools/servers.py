"""Starts real servers on free ports, for tests and tools, and talks to the chat server as a browser does."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Optional

import requests

from hr_backend.import_file import DEMO_FILE
from tools.model import ROOT, model

START_SECONDS = 180  # a machine that does other things at the same time is slow


class ServerError(Exception):
    """A server did not start; the message holds the end of its log."""


@dataclass
class ChatServer:
    """A running chat server and its action server: where they listen, their processes and their common log.

    The watch_urls are where they tell how they do: /metrics, /live and /ready. There is no process in `actions` where the
    action server is another chat server's too.
    """

    url: str
    watch_url: str
    actions_url: str
    actions_watch_url: str
    process: subprocess.Popen[bytes]
    actions: Optional[subprocess.Popen[bytes]]
    log: Path

    @property
    def api(self) -> str:
        """The address of the chat API."""
        return f"{self.url}/webhooks/website"

    def converse(self) -> Conversation:
        """Begin a conversation."""
        return converse(self.api)


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
        """Type a text; return the answer as one message."""
        reply = self.post({"text": text})
        reply.raise_for_status()
        return joined(reply.json()["messages"])

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
        return requests.delete(f"{self.api}/sessions", headers=self.headers, timeout=20)


def joined(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return messages that came together as one: the texts below one another, and of the rest the last of its kind."""
    together = {key: value for message in messages for key, value in message.items()}
    return {**together, "text": "\n\n".join(message["text"] for message in messages)}


def converse(api: str) -> Conversation:
    """Begin a conversation over the chat API at this address."""
    begun = requests.post(f"{api}/sessions", timeout=10)
    begun.raise_for_status()
    return Conversation(api, begun.json())


@contextmanager
def chat_server(folder: Path, **settings: str) -> Iterator[ChatServer]:
    """Run a chat server with the trained model, and its action server unless ACTIONS_PORT names one, until the block ends.

    Their database and logs stand in `folder`; `settings` are environment variables.
    """
    port, actions_port = int(settings.get("PORT", 0)) or free_port(), int(settings.get("ACTIONS_PORT", 0)) or free_port()
    watch_port, actions_watch_port = free_port(), free_port()
    environment = {
        "HR_API_TOKEN": secrets.token_hex(32),
        **os.environ,
        "SECRET_KEY": secrets.token_hex(32),
        "ACTION_TOKEN": secrets.token_hex(32),
        "DATABASE_URL": f"sqlite:///{folder}/assistant.db",
        "PORT": str(port),
        "ACTIONS_PORT": str(actions_port),
        **settings,
    }
    log = folder / f"chat-{port}.log"
    with ExitStack() as stack:
        output = stack.enter_context(log.open("wb"))
        actions = None
        if "ACTIONS_PORT" not in settings:
            watched = {**environment, "METRICS_PORT": str(actions_watch_port)}
            actions = stack.enter_context(_running(["assistant.action_server"], watched, output))
        watched = {**environment, "METRICS_PORT": str(watch_port)}
        chat = stack.enter_context(_running(["assistant", str(model())], watched, output))
        running = ChatServer(
            url=f"http://127.0.0.1:{port}",
            watch_url=f"http://127.0.0.1:{watch_port}",
            actions_url=f"http://127.0.0.1:{actions_port}",
            actions_watch_url=f"http://127.0.0.1:{actions_watch_port}",
            process=chat,
            actions=actions,
            log=log,
        )
        if actions:
            _wait_until(f"{running.actions_url}/", actions, log)
        _wait_until(f"{running.api}/", chat, log)
        yield running


@dataclass(frozen=True)
class HrServer:
    """A running HR backend: where it listens, its token, its database, its process and its log."""

    url: str
    token: str
    database: str
    process: subprocess.Popen[bytes]
    log: Path

    def get(self, path: str, headers: Optional[dict[str, str]] = None) -> requests.Response:
        """Read, with the right token unless `headers` says otherwise."""
        right = {"Authorization": f"Bearer {self.token}"}
        return requests.get(f"{self.url}/{path}", headers=right if headers is None else headers, timeout=5)

    @property
    def settings(self) -> dict[str, str]:
        """The environment variables with which an action server reads it."""
        return {"HR_URL": self.url, "HR_API_TOKEN": self.token}


@contextmanager
def hr_server(folder: Path, token: str = "", port: int = 0, database: str = "") -> Iterator[HrServer]:
    """Run the HR backend with the demonstration data until the block ends.

    Its log stands in `folder`, and its database unless `database` is the URL of another.
    """
    port = port or free_port()
    token = token or secrets.token_hex(32)
    database = database or f"sqlite:///{folder}/hr.db"
    environment = {**os.environ, "HR_PORT": str(port), "HR_DATABASE_URL": database, "HR_API_TOKEN": token}
    load = [sys.executable, "-W", "ignore", "-m", "hr_backend.import_file", str(DEMO_FILE)]
    subprocess.run(load, cwd=ROOT, env=environment, check=True, capture_output=True)
    log = folder / "hr.log"
    with log.open("wb") as output, _running(["hr_backend"], environment, output) as process:
        server = HrServer(f"http://127.0.0.1:{port}", token, database, process, log)
        _wait_until(f"{server.url}/health", process, log)
        yield server


@contextmanager
def mail_worker(folder: Path, database: str, smtp_port: int, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the worker that sends what was promised, until the block ends."""
    environment = {**os.environ, "DATABASE_URL": database, "SMTP_PORT": str(smtp_port), **settings}
    with (folder / "worker.log").open("ab") as output, _running(["assistant.mail.worker"], environment, output) as process:
        yield process


@contextmanager
def _running(arguments: list[str], environment: dict[str, str], output: BinaryIO) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-W", "ignore", "-m", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _listens(url):
        if time.monotonic() > deadline or process.poll() is not None:
            raise ServerError(f"the server did not start: {log.read_text(encoding='utf-8')[-2000:]}")
        time.sleep(0.1)


def _listens(url: str) -> bool:
    try:
        requests.get(url, timeout=2)
    except (requests.ConnectionError, requests.Timeout):
        return False
    return True
