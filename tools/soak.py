"""Lets candidates talk long (COUNT messages) on PostgreSQL and Redis, and shows whether memory or waiting grows."""

from __future__ import annotations

import os
import random
import re
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Optional

import psutil
import requests

from tests.databases import postgres, redis
from tools.evaluate import TEST_SETS, questions
from tools.mail_catcher import MailCatcher, mail_catcher
from tools.model import ROOT
from tools.servers import chat_server, hr_server, mail_worker

CLIENTS = 4
PARTS = 5  # of the run; the first is its warm-up
MOST_GROWTH = 1.05  # of memory, from the end of the warm-up to the end
MOST_SLOWER = 1.25  # the median of the last part, as a multiple of that of the first
SETTINGS = {"CHAT_RATE_LIMIT": "6000/minute", "CHAT_PROXIES": "1"}  # counted as in production, and never reached
CANDIDATES = ("amina", "bram", "dirk", "emine", "finn", "gita", "hugo", "ilse", "jef", "kaat", "lotte")
MOST_CODES = 2  # for each of them: the assistant sends three an hour
ROLES = ("visitor",) * 22 + ("candidate", "passes_on", "checks")  # of those who talk, in these shares


@dataclass
class Measured:
    """What was measured so far; threads only append."""

    seconds: list[float] = field(default_factory=list)
    unanswered: list[int] = field(default_factory=list)  # status codes
    erased: int = 0  # requests of who had typed that everything be erased
    memory: list[dict[str, float]] = field(default_factory=list)  # MB by process, at the end of each part


class Visitor:
    """One conversation from its beginning to its end, as `role` would have it."""

    def __init__(self, api: str, chance: random.Random, measured: Measured, session: requests.Session) -> None:
        self._api = api
        self._chance = chance
        self._measured = measured
        self._session = session
        address = ".".join(str(chance.randrange(256)) for _ in range(3))
        self._headers = {"X-Forwarded-For": f"10.{address}"}
        begun = session.post(f"{api}/sessions", headers=self._headers, timeout=30).json()
        self._headers["Authorization"] = f"Bearer {begun['token']}"
        self._buttons: list[str] = []

    def look_around(self, asked: list[str]) -> None:
        """Type some questions, and choose a button now and then."""
        for _ in range(self._chance.randint(4, 12)):
            if self._buttons and self._chance.random() < 0.25:
                self._send({"payload": self._chance.choice(self._buttons)})
            else:
                self.type(self._chance.choice(asked))

    def identify(self, address: str, mail: Optional[MailCatcher]) -> None:
        """Ask for a code, type it, and ask what only the own file tells; without `mail` the code is guessed."""
        self.type("ik wil inloggen")
        self.type(address)
        sent = [found for found in mail.mails if found["To"] == address] if mail else []
        code = re.search(r"\b\d{3} \d{3}\b", sent[-1].get_content()) if sent else None
        self.type(code[0] if code else "123 456")
        for text in ("waar zit ik in de procedure?", "tegen wanneer moet ik mijn test doen?", "uitloggen"):
            self.type(text)

    def pass_on(self, question: str) -> None:
        """Have a question passed on."""
        for text in ("ik wil iemand spreken", question, "Jan De Smet", "jan@elders.example", "ja"):
            self.type(text)

    def check(self) -> None:
        """Go through the check of the conditions."""
        for text in ("kan ik meedoen?", "extern", "ja", "nee", "laat maar"):
            self.type(text)

    def type(self, text: str) -> None:
        """Send a text."""
        self._send({"text": text})

    def leave(self) -> None:
        """Reload the page, and erase the conversation or leave it as it is."""
        self._expect(200, self._session.get(f"{self._api}/messages", headers=self._headers, timeout=30))
        if self._chance.random() < 0.3:
            self._expect(204, self._session.delete(f"{self._api}/sessions", headers=self._headers, timeout=30))

    def _send(self, body: dict[str, str]) -> None:
        began = time.perf_counter()
        reply = self._session.post(f"{self._api}/messages", json=body, headers=self._headers, timeout=30)
        self._measured.seconds.append(time.perf_counter() - began)
        self._expect(200, reply)
        found: list[dict[str, Any]] = reply.json().get("messages", [])
        self._buttons = [button["payload"] for message in found for button in message.get("buttons", [])]

    def _expect(self, status: int, reply: requests.Response) -> None:
        """Write down an answer of another status; who had the conversation erased has no token any more."""
        if reply.status_code == 401:
            self._measured.erased += 1
        elif reply.status_code != status:
            self._measured.unanswered.append(reply.status_code)


def main() -> None:
    """Run it, print the tables, and fail where something grows."""
    os.chdir(ROOT)
    messages, seed = int(os.environ.get("COUNT", "20000")), int(os.environ.get("SEED", "1"))
    measured = Measured()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        where = Path(folder)
        database, counts = stack.enter_context(postgres(durable=True)), stack.enter_context(redis())
        hr = stack.enter_context(hr_server(where, database=database.new_database()))
        mail = stack.enter_context(mail_catcher(where / "mail"))
        state = {"DATABASE_URL": database.url, "REDIS_URL": counts.url}
        chat = stack.enter_context(chat_server(where, **SETTINGS, **state, **hr.settings, SMTP_PORT=str(mail.port)))
        worker = stack.enter_context(mail_worker(where, database.url, mail.port))
        processes = {
            "chat server": chat.process,
            "action server": chat.actions,
            "HR backend": hr.process,
            "worker": worker,
        }
        watched = {name: psutil.Process(process.pid) for name, process in processes.items() if process}
        began = time.monotonic()
        for part in range(PARTS):
            talk(chat.api, mail, measured, messages * (part + 1) // PARTS, seed + part)
            measured.memory.append({name: process.memory_info().rss / 1e6 for name, process in watched.items()})
            print(
                f"{len(measured.seconds)} messages after {time.monotonic() - began:.0f} s: {measured.memory[-1]}", flush=True
            )
    sys.exit(report(measured, time.monotonic() - began, seed))


def talk(api: str, mail: MailCatcher, measured: Measured, until: int, seed: int) -> None:
    """Let clients talk, one conversation after the other, until there were `until` messages in all."""
    asked = [question.text for question in questions(TEST_SETS)]
    numbers = count(seed * 1_000_000)

    def client(which: int) -> None:
        chance = random.Random(seed * CLIENTS + which)  # noqa: S311 - to repeat a run
        with requests.Session() as session:
            while len(measured.seconds) < until:
                visitor = Visitor(api, chance, measured, session)
                number, role = next(numbers), chance.choice(ROLES)
                if role == "candidate":
                    # Most are people whom the city does not know: the assistant limits the codes of an address.
                    known = which == 0 and number % PARTS < MOST_CODES
                    name = CANDIDATES[number % len(CANDIDATES)] if known else f"bezoeker{number}"
                    visitor.identify(f"{name}@kandidaat.example", mail if known else None)
                elif role == "passes_on":
                    visitor.pass_on(f"Mag ik mijn test op dag {number} maken?")
                elif role == "checks":
                    visitor.check()
                visitor.look_around(asked)
                visitor.leave()

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))


def report(measured: Measured, seconds: float, seed: int) -> int:
    """Print the tables; return 1 where memory or waiting grew."""
    size = len(measured.seconds) // PARTS
    medians = [statistics.median(measured.seconds[size * part : size * (part + 1)]) * 1000 for part in range(PARTS)]
    print(
        f"\n{len(measured.seconds)} messages of {CLIENTS} clients at a time, {len(measured.seconds) / seconds:.0f} a second,"
    )
    print(f"seed {seed}; {measured.erased} came after an erasure that was asked for; ", end="")
    print(f"{len(measured.unanswered)} were not answered {sorted(set(measured.unanswered)) or ''}\n")
    heads = [f"part {part + 1}" for part in range(PARTS)]
    print(f"| | {' | '.join(heads)} | last / warm |\n|---|{'---:|' * (PARTS + 1)}")
    slower = medians[-1] / medians[0]
    print(f"| median (ms) | {' | '.join(f'{median:.1f}' for median in medians)} | {slower:.2f} |")
    grown = {}
    for name in measured.memory[0]:
        sizes = [memory[name] for memory in measured.memory]
        grown[name] = sizes[-1] / sizes[0]
        print(f"| {name} (MB) | {' | '.join(f'{size:.1f}' for size in sizes)} | {grown[name]:.3f} |")
    failed = max(grown.values()) > MOST_GROWTH or slower > MOST_SLOWER or measured.unanswered
    print(f"\n{'Something grows.' if failed else 'Nothing grows.'}")
    return 1 if failed else 0


if __name__ == "__main__":
    main()
