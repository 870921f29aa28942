"""Measures what a message costs each process on PostgreSQL and Redis, and from that how many of each a crowd needs."""

from __future__ import annotations

import math
import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests
import sqlalchemy as sa

from tests.databases import Postgres, postgres, redis
from tools.evaluate import TEST_SETS, questions
from tools.mail_catcher import mail_catcher
from tools.model import ROOT
from tools.servers import ChatServer, chat_server, converse, hr_server

CLIENTS = 4
CONVERSATIONS, MESSAGES = 15, 10  # for each client, and in each conversation
OWN_FILE_QUESTION = "waar zit ik in de procedure?"
OWN_FILE_QUESTIONS = 150

# The crowds, and what is assumed of them.
CROWDS = (1_000, 100_000, 10_000_000)  # candidates a day
MESSAGES_A_CANDIDATE = 8
OWN_FILE_SHARE = 0.2
BUSIEST_HOUR = 0.15  # of a day's messages
BUSIEST_MINUTE = 2.0  # times the average of that hour
MOST_BUSY = 0.6  # of a core, so that answers do not queue
DAYS_KEPT = 90

CHAT, ACTIONS, HR, POSTGRES, REDIS = "chat server", "action server", "HR backend", "PostgreSQL", "Redis"
SINGLE_THREADED = (CHAT, ACTIONS, HR)  # more of them needs more processes
LEAST_PROCESSES = 2  # so that one can fail
LEAST_MS = 0.05  # below this a process has nothing to do with it

Processes = Mapping[str, Sequence[int]]  # the process ids of each kind


@dataclass(frozen=True)
class Load:
    """What a workload cost: CPU milliseconds a message for each kind of process, and how long a candidate waited."""

    cpu_ms: dict[str, float]
    median_ms: float
    messages: int


def main() -> None:
    """Measure, and print the tables of docs/scaling.md."""
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        with chat_server(Path(folder), CHAT_RATE_LIMIT="off") as alone:
            processes = {CHAT: [alone.process.pid]}
            answers([alone], processes, conversations=2)  # warm
            sqlite = answers([alone], processes)
        costs = measure_on_postgres(Path(folder))
    print(costs_table(costs))
    print(
        f"\nOn PostgreSQL and Redis an answer takes {costs.fixed.median_ms / sqlite.median_ms:.2f} times as long "
        f"as on SQLite ({costs.fixed.median_ms:.1f} and {sqlite.median_ms:.1f} ms median, {CLIENTS} clients), and the "
        f"chat server {costs.fixed.cpu_ms[CHAT] / sqlite.cpu_ms[CHAT]:.2f} times the CPU.\n"
        f"Two chat servers that share every conversation use {costs.shared.cpu_ms[CHAT] / costs.fixed.cpu_ms[CHAT]:.2f} "
        f"times the CPU a message that one does.\n"
        f"A message with its answer takes {costs.bytes_a_message / 1000:.1f} kB in the database.\n"
    )
    print(sizes_table(costs))


@dataclass(frozen=True)
class Costs:
    """What was measured on PostgreSQL and Redis."""

    fixed: Load
    own_file: Load
    shared: Load
    memory_mb: dict[str, float]
    bytes_a_message: float


def measure_on_postgres(folder: Path) -> Costs:
    """Measure one chat server with fixed answers and with questions about one's own file, and then two chat servers."""
    with (
        postgres(durable=True) as database,
        redis() as counts,
        hr_server(folder, database=database.new_database()) as hr_backend,
        mail_catcher(folder / "mail") as mail,
        ExitStack() as servers,
    ):
        settings = {
            "DATABASE_URL": database.url,
            "REDIS_URL": counts.url,
            "CHAT_RATE_LIMIT": "1000000/minute",
            "SECRET_KEY": "s" * 64,
            "ACTION_TOKEN": "a" * 64,
            "SMTP_PORT": str(mail.port),
            **hr_backend.settings,
        }
        first = servers.enter_context(chat_server(folder, **settings))
        processes = {
            CHAT: [first.process.pid],
            ACTIONS: [first.actions.pid if first.actions else 0],
            HR: [hr_backend.process.pid],
            POSTGRES: [database.pid],
            REDIS: [counts.pid],
        }
        answers([first], processes, conversations=2)  # warm
        before = size_of(database)
        fixed = answers([first], processes)
        stored = (size_of(database) - before) / fixed.messages
        own_file = own_file_answers(first, processes, lambda: str(mail.mails[-1].get_content()))
        memory = {kind: sum(memory_mb(pid) for pid in pids) for kind, pids in processes.items()}
        second = servers.enter_context(chat_server(folder, **settings, ACTIONS_PORT=first.actions_url.rsplit(":", 1)[1]))
        both = {**processes, CHAT: [first.process.pid, second.process.pid]}
        answers([second], both, conversations=2)  # warm
        return Costs(fixed, own_file, answers([first, second], both), memory, stored)


def answers(servers: Sequence[ChatServer], processes: Processes, conversations: int = CONVERSATIONS) -> Load:
    """Hold conversations of which each message goes to any of the servers."""
    texts = [question.text for question in questions(TEST_SETS)]

    def talk(client: int) -> list[float]:
        chance, seconds = random.Random(client), []  # noqa: S311 - the same questions in each run
        with requests.Session() as session:
            for _ in range(conversations):
                session.headers.update(converse(servers[0].api).headers)
                for _ in range(MESSAGES):
                    seconds.append(timed_message(session, chance.choice(servers).api, chance.choice(texts)))
        return seconds

    before = cpu_seconds(processes)
    with ThreadPoolExecutor(CLIENTS) as pool:
        seconds = [each for client in pool.map(talk, range(CLIENTS)) for each in client]
    return load(before, processes, seconds)


def own_file_answers(server: ChatServer, processes: Processes, last_mail: Callable[[], str]) -> Load:
    """Identify a candidate, and ask again and again for what the HR backend knows of them."""
    conversation = server.converse()
    conversation.ask("ik wil inloggen")
    conversation.ask("amina@kandidaat.example")
    code = re.search(r"\d{3} \d{3}", last_mail())
    conversation.ask(code[0] if code else "")
    with requests.Session() as session:
        session.headers.update(conversation.headers)
        timed_message(session, server.api, OWN_FILE_QUESTION)  # warm
        before = cpu_seconds(processes)
        seconds = [timed_message(session, server.api, OWN_FILE_QUESTION) for _ in range(OWN_FILE_QUESTIONS)]
    return load(before, processes, seconds)


def timed_message(session: requests.Session, api: str, text: str) -> float:
    """Send a message and return the seconds until its answer."""
    began = time.perf_counter()
    session.post(f"{api}/messages", json={"text": text}, timeout=30).raise_for_status()
    return time.perf_counter() - began


def load(before: Mapping[str, float], processes: Processes, seconds: Sequence[float]) -> Load:
    """Return what the messages cost that took these seconds."""
    after = cpu_seconds(processes)
    cpu_ms = {kind: (after[kind] - before[kind]) * 1000 / len(seconds) for kind in processes}
    return Load(cpu_ms, statistics.median(seconds) * 1000, len(seconds))


def cpu_seconds(processes: Processes) -> dict[str, float]:
    """Return the CPU time that each kind of process has used, its children included."""
    return {kind: sum(sum(each.cpu_times()[:2]) for pid in pids for each in family(pid)) for kind, pids in processes.items()}


def memory_mb(pid: int) -> float:
    """Return the memory that a process and its children have for themselves, and their share of what they have together."""
    return sum(each.memory_full_info().pss for each in family(pid)) / 1e6


def family(pid: int) -> list[psutil.Process]:
    """Return a process and its children, which PostgreSQL has many of."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def size_of(database: Postgres) -> int:
    """Return the bytes that the assistant's tables and their indexes take."""
    engine = sa.create_engine(database.url)
    with engine.connect() as connection:
        names = sa.inspect(engine).get_table_names()
        sizes = [connection.execute(sa.select(sa.func.pg_total_relation_size(name))).scalar_one() for name in names]
    engine.dispose()
    return int(sum(sizes))


def costs_table(costs: Costs) -> str:
    """Return CPU and memory of each kind of process."""
    lines = [
        "| | CPU, fixed answer (ms) | messages/s a core | CPU, own file (ms) | messages/s a core | memory (MB) |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for kind, memory in costs.memory_mb.items():
        figures = [costs.fixed.cpu_ms[kind], costs.own_file.cpu_ms[kind]]
        cells = [cell for ms in figures for cell in (f"{ms:.2f}", f"{1000 / ms:.0f}" if ms >= LEAST_MS else "-")]
        lines.append(f"| {kind} | {' | '.join(cells)} | {memory:.0f} |")
    return "\n".join(lines)


def sizes_table(costs: Costs) -> str:
    """Return how many processes, cores and bytes each crowd needs."""
    header = ["candidates a day", *(f"{crowd:,}" for crowd in CROWDS)]
    rates = [crowd * MESSAGES_A_CANDIDATE * BUSIEST_HOUR / 3600 * BUSIEST_MINUTE for crowd in CROWDS]
    rows = [["messages/s in the busiest minute", *(f"{rate:,.1f}" for rate in rates)]]
    for kind in costs.memory_mb:
        ms = (1 - OWN_FILE_SHARE) * costs.fixed.cpu_ms[kind] + OWN_FILE_SHARE * costs.own_file.cpu_ms[kind]
        busy = [rate * ms / 1000 / MOST_BUSY for rate in rates]
        if kind in SINGLE_THREADED:
            needed = [max(LEAST_PROCESSES, math.ceil(cores)) for cores in busy]
            rows.append([f"{kind}: processes", *(f"{count:,}" for count in needed)])
            rows.append([f"{kind}: memory (GB)", *(f"{count * costs.memory_mb[kind] / 1000:,.1f}" for count in needed)])
        else:
            rows.append([f"{kind}: cores", *(f"{cores:,.2f}" for cores in busy)])
    kept = [crowd * MESSAGES_A_CANDIDATE * DAYS_KEPT * costs.bytes_a_message / 1e9 for crowd in CROWDS]
    rows.append([f"conversations of {DAYS_KEPT} days (GB)", *(f"{gigabytes:,.1f}" for gigabytes in kept)])
    separator = ["---", *("---:" for _ in CROWDS)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, separator, *rows))


if __name__ == "__main__":
    main()
