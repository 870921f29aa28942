"""The parts of the assistant as processes of their own, each behind a proxy that can be slow, to kill, stop and slow down."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional, Union

import psutil
import requests

from tests.conftest import ROOT
from tests.databases import RedisServer, postgres, redis
from tools.mail_catcher import MailCatcher
from tools.model import model
from tools.servers import free_port, hr_server

READY_SECONDS = 300
BOT_NOW = "2025-10-30T10:00:00+01:00"
Target = Union[int, str]  # a port of this machine, or the path of a socket


class SlowProxy:
    """Passes bytes on from a port of its own, each way `delay` seconds later."""

    def __init__(self, target: Target) -> None:
        self.delay = 0.0
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._pass_on, "127.0.0.1", 0), self._loop
        ).result(10)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _end(self) -> None:
        self._server.close()
        passing = asyncio.all_tasks() - {asyncio.current_task()}
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = (
                asyncio.open_unix_connection(self._target)
                if isinstance(self._target, str)
                else (asyncio.open_connection("127.0.0.1", self._target))
            )
            far_reader, far_writer = await there
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
        writer.close()


@dataclass
class Part:
    """One part: how it is started and which proxies lead to it (or, for the worker, away from it)."""

    name: str
    start: Callable[[], int]  # returns the process's id
    is_ready: Callable[[], bool]
    slow_by: float
    proxies: list[SlowProxy]
    pid: int = field(default=0, init=False)

    def begin(self) -> None:
        self.pid = self.start()

    def disturb(self, fault: str) -> None:
        if fault == "slowed":
            for proxy in self.proxies:
                proxy.delay = self.slow_by
        else:
            self._signal(signal.SIGKILL if fault == "killed" else signal.SIGSTOP)

    def mend(self, fault: str) -> None:
        """Undo it; a killed part is started again."""
        if fault == "slowed":
            for proxy in self.proxies:
                proxy.delay = 0.0
        elif fault == "stopped":
            self._signal(signal.SIGCONT)
        else:
            self.begin()
        wait_until(self.is_ready, f"{self.name} is ready again")

    def _signal(self, number: signal.Signals) -> None:
        """Send it to the process and, as PostgreSQL has many, to those that it started."""
        root = psutil.Process(self.pid)
        family = [root, *root.children(recursive=True)]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        if number == signal.SIGKILL:
            psutil.wait_procs(family, 20)


def wait_until(condition: Callable[[], bool], what: str, seconds: float = READY_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.1)


@dataclass
class Town:
    """All parts, running."""

    parts: dict[str, Part]
    api: str
    sink: MailCatcher
    folder: Path


@contextmanager
def town(folder: Path) -> Iterator[Town]:
    """Start every part, and end those that are left afterwards."""
    with ExitStack() as stack:
        builder = _Builder(folder, stack)
        stack.callback(builder.end)
        yield builder.build()


class _Builder:
    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._children: list[subprocess.Popen[bytes]] = []
        self._parts: dict[str, Part] = {}

    def build(self) -> Town:
        database = self._stack.enter_context(postgres())
        store = self._stack.enter_context(redis())
        database_proxy = self._proxy(_socket_of(database.url))
        redis_proxy = self._proxy(f"{store.folder}/redis.sock")
        ports = {name: free_port() for name in ("mail", "hr", "actions", "chat")}
        mail, hr, actions, chat = (self._proxy(port) for port in ports.values())
        worker_database, worker_mail = self._proxy(_socket_of(database.url)), self._proxy(ports["mail"])
        hr_token = secrets.token_hex(32)
        with hr_server(self._folder, hr_token):
            pass  # it has made its database and read the candidates
        environment = {
            **os.environ,
            "SECRET_KEY": secrets.token_hex(32),
            "ACTION_TOKEN": secrets.token_hex(32),
            "HR_API_TOKEN": hr_token,
            "HR_DATABASE_URL": f"sqlite:///{self._folder}/hr.db",
            "HR_PORT": str(ports["hr"]),
            "HR_URL": f"http://127.0.0.1:{hr.port}",
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{database_proxy.port}/postgres",
            "REDIS_URL": f"redis://127.0.0.1:{redis_proxy.port}/0",
            "SMTP_PORT": str(mail.port),
            "PORT": str(ports["chat"]),
            "CHAT_RATE_LIMIT": "10000/minute",
            "CHAT_PROXIES": "1",
            "BOT_NOW": BOT_NOW,
        }
        worker_environment = {
            **environment,
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{worker_database.port}/postgres",
            "SMTP_PORT": str(worker_mail.port),
        }

        def restart_database() -> int:
            database.server.ensure_postgres_running()
            return database.pid

        self._add("PostgreSQL", restart_database, lambda: True, 0.1, [database_proxy, worker_database], pid=database.pid)
        self._add("Redis", lambda: _started(store), lambda: True, 0.1, [redis_proxy], pid=store.pid)
        sink = MailCatcher(mail.port, self._folder / "sink")
        self._run(
            "mail server",
            ["tools.mail_catcher", str(sink.folder)],
            {**environment, "SMTP_PORT": str(ports["mail"])},
            _listening(ports["mail"]),
            [mail, worker_mail],
        )
        self._run("HR backend", ["hr_backend"], environment, _answering(ports["hr"], "/health"), [hr])
        self._run(
            "action server",
            ["assistant.action_server"],
            {**environment, "ACTIONS_PORT": str(ports["actions"])},
            _answering(ports["actions"], "/"),
            [actions],
        )
        self._run("worker", ["tests.worker_process"], worker_environment, lambda: True, [worker_database, worker_mail])
        self._run(
            "chat server",
            ["assistant", str(model())],
            {**environment, "ACTIONS_PORT": str(actions.port)},
            _answering(ports["chat"], "/webhooks/website/"),
            [chat],
        )
        for part in self._parts.values():
            wait_until(part.is_ready, f"{part.name} is ready")
        return Town(self._parts, f"http://127.0.0.1:{chat.port}/webhooks/website", sink, self._folder)

    def end(self) -> None:
        for child in self._children:
            child.kill()
            child.wait(20)

    def _proxy(self, target: Target) -> SlowProxy:
        proxy = SlowProxy(target)
        self._stack.callback(proxy.close)
        return proxy

    def _run(
        self,
        name: str,
        arguments: list[str],
        environment: dict[str, str],
        is_ready: Callable[[], bool],
        proxies: list[SlowProxy],
    ) -> None:
        log = self._folder / f"{name.replace(' ', '-')}.log"

        def start() -> int:
            with log.open("ab") as output:
                command = [sys.executable, "-W", "ignore", "-m", *arguments]
                child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
            self._children.append(child)
            return child.pid

        self._add(name, start, is_ready, 1.0, proxies)

    def _add(
        self,
        name: str,
        start: Callable[[], int],
        is_ready: Callable[[], bool],
        slow_by: float,
        proxies: list[SlowProxy],
        *,
        pid: Optional[int] = None,
    ) -> None:
        part = Part(name, start, is_ready, slow_by, proxies)
        part.pid = pid or part.start()
        self._parts[name] = part


def _started(store: RedisServer) -> int:
    store.start()
    return store.pid


def _socket_of(url: str) -> str:
    folder = url.split("host=")[1].split("&", maxsplit=1)[0]
    return str(Path(requests.utils.unquote(folder)) / ".s.PGSQL.5432")


def _answering(port: int, path: str) -> Callable[[], bool]:
    def is_ready() -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{port}{path}", timeout=2).status_code < 500
        except requests.RequestException:
            return False

    return is_ready


def _listening(port: int) -> Callable[[], bool]:
    def is_ready() -> bool:
        return any(
            found.laddr and found.laddr.port == port and found.status == psutil.CONN_LISTEN
            for found in psutil.net_connections("tcp")
        )

    return is_ready
