"""Several chat servers that share a database, behind a proxy that sends each request to any of them."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

import requests
import sqlalchemy as sa

from assistant.clock import clock_for
from assistant.message_keys import PART, TYPED
from assistant.tokens import Tokens
from assistant.website_channel import HIDDEN
from tests.conftest import TEST_SECRET
from tools.evaluate import TEST_SETS, questions
from tools.servers import ChatServer, Conversation, chat_server, free_port

PATIENCE_SECONDS = 240  # for one message, with all that happens to the servers meanwhile
AGAIN_SECONDS = 0.2
SEED = 20251027

Said = tuple[str, list[str]]  # a candidate's text, and the texts of the answers to it


class Proxy:
    """A load balancer without a memory: each connection goes to any server that takes it."""

    def __init__(self) -> None:
        self.ports: list[int] = []
        self._port = free_port()
        self._chance = random.Random(SEED)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self._port}/webhooks/website"

    def start(self) -> None:
        self._thread.start()
        serve = asyncio.start_server(self._connection, "127.0.0.1", self._port, backlog=500)
        asyncio.run_coroutine_threadsafe(serve, self._loop).result(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for port in self._chance.sample(self.ports, len(self.ports)):
            try:
                from_server, to_server = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                continue
            await asyncio.gather(_copy(reader, to_server), _copy(from_server, writer))
            break
        writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


class Fleet:
    """The servers; any of them can be killed, and started again."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self.proxy = Proxy()
        self.servers: list[ChatServer] = []
        self.database = settings["DATABASE_URL"]
        self._settings = {"SECRET_KEY": TEST_SECRET, "ACTION_TOKEN": TEST_SECRET, **settings}
        self._stack = ExitStack()

    def start(self, count: int) -> None:
        """Start so many more servers, together; the first brings the action server of all."""
        if "ACTIONS_PORT" not in self._settings:
            first = self._start_one()
            self._settings["ACTIONS_PORT"] = first.actions_url.rsplit(":", 1)[1]
            count -= 1
        with ThreadPoolExecutor(max(count, 1)) as pool:
            list(pool.map(lambda _: self._start_one(), range(count)))

    def _start_one(self) -> ChatServer:
        port = free_port()
        server = self._stack.enter_context(chat_server(self.folder, PORT=str(port), **self._settings))
        self.servers.append(server)
        self.proxy.ports.append(port)
        return server

    def kill(self, number: int) -> None:
        """Kill a server in the middle of what it does, and let the proxy find out."""
        server = self.servers.pop(number)
        server.process.kill()
        server.process.wait(20)
        port = int(server.url.rsplit(":", 1)[1])
        time.sleep(AGAIN_SECONDS)  # a moment in which it is still asked
        self.proxy.ports.remove(port)

    def stop(self) -> None:
        self._stack.close()
        self.proxy.stop()


@contextmanager
def fleet(folder: Path, servers: int, **settings: str) -> Iterator[Fleet]:
    running = Fleet(folder, settings)
    running.proxy.start()
    try:
        running.start(servers)
        yield running
    finally:
        running.stop()


@dataclass
class Candidate:
    """Asks one question after the other, each again until it is answered; keeps what was answered."""

    number: int
    proxy: Proxy
    answered: list[Said] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    conversation: Optional[Conversation] = None

    @property
    def id(self) -> str:
        """The conversation's id in the store."""
        assert self.conversation
        found = Tokens(TEST_SECRET, clock_for(None)).conversation_of(self.conversation.begun["token"])
        assert found
        return found

    def begin(self) -> None:
        reply = self._insist("sessions")
        self.conversation = Conversation(self.proxy.api, reply)

    def ask(self, question: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        for attempt in range(10_000):
            assert time.monotonic() < deadline, "no answer in time"
            text = f"{question} ({self.number}-{len(self.answered)}-{attempt})"
            reply = self._post("messages", {"text": text})
            if reply is None:
                self.unanswered.append(text)
                time.sleep(AGAIN_SECONDS)
                continue
            self.answered.append((text, [message["text"] for message in reply["messages"]]))
            return

    def _insist(self, path: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (reply := self._post(path, None)) is None:
            assert time.monotonic() < deadline, "no answer in time"
            time.sleep(AGAIN_SECONDS)
        return reply

    def _post(self, path: str, body: Any) -> Optional[dict[str, Any]]:
        """Return what was answered, or None where nothing was, or the assistant was not available."""
        headers = self.conversation.headers if self.conversation else {}
        try:
            reply = requests.post(f"{self.proxy.api}/{path}", json=body, headers=headers, timeout=60)
            answer: dict[str, Any] = reply.json()
        except requests.RequestException:
            return None
        if reply.status_code == 503:
            return None
        assert reply.ok, (reply.status_code, answer)
        return answer


class Progress:
    """How many messages have been answered in all; who waits for a number goes on when it is reached."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._answered = 0

    def one_more(self) -> None:
        with self._changed:
            self._answered += 1
            self._changed.notify_all()

    def wait_for(self, answered: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._answered >= answered, PATIENCE_SECONDS)


def some_questions(count: int, seed: int) -> list[str]:
    """Return questions of all kinds, among them such as an action answers; the same for the same seed."""
    return random.Random(seed).sample([question.text for question in questions(TEST_SETS)], count)


def converse_in_parallel(fleet: Fleet, conversations: int, messages: int, kills: int, restarts: bool) -> list[Candidate]:
    """Hold conversations all at once; at equal distances a server is killed, and another started in its place."""
    progress = Progress()
    candidates = [Candidate(number, fleet.proxy) for number in range(conversations)]

    def converse(candidate: Candidate) -> None:
        candidate.begin()
        for question in some_questions(messages, candidate.number):
            candidate.ask(question)
            progress.one_more()

    with ThreadPoolExecutor(conversations + 1) as pool:
        going_on = [pool.submit(converse, candidate) for candidate in candidates]
        for number in range(1, kills + 1):
            progress.wait_for(conversations * messages * number // (kills + 1))
            fleet.kill(0)
            if restarts:
                fleet.start(1)
        for each in going_on:
            each.result()
    return candidates


def stored(engine: sa.engine.Engine, conversation: str) -> list[Said]:
    """Return what the store holds of a conversation after its greeting: each text with the answers to it, in order."""
    query = sa.text("SELECT data FROM events WHERE sender_id = :id ORDER BY id")
    with engine.connect() as connection:
        events = [json.loads(data) for data in connection.execute(query, {"id": conversation}).scalars()]
    found: list[Said] = []
    for event in events:
        metadata = event.get("metadata") or {}
        if event["event"] == "user" and event["parse_data"]["intent"]["name"] not in HIDDEN and PART not in metadata:
            found.append((metadata.get(TYPED) or event["text"], []))
        elif event["event"] == "bot" and found:
            found[-1][1].append(event["text"])
    return found


def check_the_store(fleet: Fleet, candidates: list[Candidate]) -> None:
    """Every answered message is in the store, in order, once, with the answer that was given, and in the history as well.

    Of a message that was not answered the store may know or not; its candidate has sent it again.
    """
    engine = sa.create_engine(fleet.database)
    try:
        for candidate in candidates:
            kept = stored(engine, candidate.id)
            answered = [text for text, _ in candidate.answered]
            assert [text for text, _ in kept if text in set(answered)] == answered
            assert {text for text, _ in kept} <= {*answered, *candidate.unanswered}
            assert [(text, "\n".join(answers)) for text, answers in kept if text in set(answered)] == [
                (text, "\n".join(answers)) for text, answers in candidate.answered
            ]
            assert candidate.conversation
            shown = [message["text"] for message in candidate.conversation.history() if message["from"] == "user"]
            assert shown == [text for text, _ in kept]
    finally:
        engine.dispose()
