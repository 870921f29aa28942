"""Measures speed over the chat API, in one run beside the bot that `rasa init` makes, on the same machine."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import psutil
import requests

from tools.evaluate import TEST_SETS, questions
from tools.mail_catcher import mail_catcher
from tools.model import MODELS, ROOT, fingerprint
from tools.servers import chat_server, free_port, hr_server

CLIENTS = 8
CONVERSATIONS = 20  # alone; and for each client
MESSAGES = 15  # in a conversation
START_SECONDS = 180
MOODBOT_TEXTS = ["hi", "i am sad", "no", "are you a bot?", "i feel great", "bye", "hello there", "so so"]

Talk = Callable[[requests.Session, int], None]  # sends the message with this number in a conversation


@dataclass(frozen=True)
class Measured:
    """What was measured of one bot; times in the unit of the field's name."""

    training_s: float
    start_s: float
    median_ms: float
    p95_ms: float
    median_8_ms: float
    p95_8_ms: float
    messages_a_second: float
    memory_mb: float


STATUS_QUESTION = "waar zit ik in de procedure?"
STATUS_QUESTIONS = 100
MOST_STATUS_MS = 40

LABELS = {
    "training_s": "training (s)",
    "start_s": "start until the first answer (s)",
    "median_ms": "median, one client (ms)",
    "p95_ms": "95th percentile, one client (ms)",
    "median_8_ms": f"median, {CLIENTS} clients (ms)",
    "p95_8_ms": f"95th percentile, {CLIENTS} clients (ms)",
    "messages_a_second": f"messages a second, {CLIENTS} clients",
    "memory_mb": "memory of the chat server (MB)",
}


def main() -> None:
    """Measure both bots, one after the other, and print the table."""
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        ours = measure_ours(Path(folder))
        moodbot = measure_moodbot(Path(folder))
        status, plain = measure_status(Path(folder))
    print("\n| | ours | rasa init | ours / rasa init |\n| --- | ---: | ---: | ---: |")
    for field in fields(Measured):
        own, other = getattr(ours, field.name), getattr(moodbot, field.name)
        print(f"| {LABELS[field.name]} | {own:.1f} | {other:.1f} | {own / other:.2f} |")
    print(
        f"\nA question about one's own file, read in the HR backend: {status:.1f} ms median (at most {MOST_STATUS_MS}), ",
        end="",
    )
    print(f"{status / plain:.2f} times one that the infobundel answers ({plain:.1f} ms).")


def measure_ours(folder: Path) -> Measured:
    """Train our model from nothing and measure the chat server."""
    port = free_port()
    environment = {
        **os.environ,
        "RASA_CACHE_DIRECTORY": str(folder / "cache"),
        "SECRET_KEY": secrets.token_hex(32),
        "ACTION_TOKEN": secrets.token_hex(32),
        "DATABASE_URL": f"sqlite:///{folder}/assistant.db",
        "CHAT_RATE_LIMIT": "off",
        "PORT": str(port),
    }
    model = MODELS / f"{fingerprint()}.tar.gz"
    model.unlink(missing_ok=True)
    training = timed([sys.executable, "-m", "tools.model"], ROOT, environment)
    asked = [question.text for question in questions(TEST_SETS)]
    api = f"http://127.0.0.1:{port}/webhooks/website"

    def talk(session: requests.Session, number: int) -> None:
        if number == 0:
            begun = session.post(f"{api}/sessions", timeout=30).json()
            session.headers["Authorization"] = f"Bearer {begun['token']}"
        text = asked[secrets.randbelow(len(asked))]
        reply = session.post(f"{api}/messages", json={"text": text}, timeout=30)
        if not reply.json()["messages"]:
            raise RuntimeError("no answer")

    return measure([sys.executable, "-m", "assistant", str(model)], ROOT, environment, talk, training)


def measure_status(folder: Path) -> tuple[float, float]:
    """Return the median milliseconds of a question about one's own file, and of one that needs no action."""
    with (
        hr_server(folder) as hr,
        mail_catcher(folder / "mail") as mail,
        chat_server(folder, CHAT_RATE_LIMIT="off", SMTP_PORT=str(mail.port), **hr.settings) as chat,
    ):
        conversation = chat.converse()
        conversation.ask("ik wil inloggen")
        conversation.ask("amina@kandidaat.example")
        code = re.search(r"\d{3} \d{3}", mail.mails[-1].get_content())
        conversation.ask(code[0] if code else "")
        medians = []
        with requests.Session() as session:
            session.headers.update(conversation.headers)
            for text in (STATUS_QUESTION, "hoeveel verlof krijg ik?"):
                seconds = []
                for _ in range(STATUS_QUESTIONS):
                    began = time.perf_counter()
                    session.post(f"{chat.api}/messages", json={"text": text}, timeout=30).raise_for_status()
                    seconds.append(time.perf_counter() - began)
                medians.append(statistics.median(seconds) * 1000)
    return medians[0], medians[1]


def measure_moodbot(folder: Path) -> Measured:
    """Make Rasa's own example bot, train it and measure it over its REST channel, with its own settings."""
    port = free_port()
    bot = folder / "moodbot"
    bot.mkdir()
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}
    rasa = str(Path(sys.executable).with_name("rasa"))
    subprocess.run([rasa, "init", "--no-prompt", "--init-dir", str(bot)], env=environment, check=True, capture_output=True)
    shutil.rmtree(bot / "models", ignore_errors=True)
    shutil.rmtree(bot / ".rasa", ignore_errors=True)
    training = timed([rasa, "train"], bot, environment)
    url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"

    def talk(session: requests.Session, number: int) -> None:
        if number == 0:
            session.headers["X-Sender"] = secrets.token_hex(16)
        text = MOODBOT_TEXTS[number % len(MOODBOT_TEXTS)]
        body = {"sender": session.headers["X-Sender"], "message": text}
        session.post(url, json=body, timeout=30).raise_for_status()

    return measure([rasa, "run", "-p", str(port), "-i", "127.0.0.1"], bot, environment, talk, training)


def measure(command: list[str], folder: Path, environment: dict[str, str], talk: Talk, training: float) -> Measured:
    """Start a server, send it conversations from one client and then from several, and look at its memory."""
    started = time.monotonic()
    with running(command, folder, environment) as process:
        until_answer(talk, process)
        start = time.monotonic() - started
        run_client(talk, 2)  # warm
        alone = run_client(talk, CONVERSATIONS)
        began = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as pool:
            together = [
                seconds for times in pool.map(lambda _: run_client(talk, CONVERSATIONS), range(CLIENTS)) for seconds in times
            ]
        rate = len(together) / (time.monotonic() - began)
        memory = process.memory_info().rss / 1e6
    return Measured(training, start, *in_ms(alone), *in_ms(together), rate, memory)


def run_client(talk: Talk, conversations: int) -> list[float]:
    """Return the seconds that each message took; the first of a conversation, which begins it, does not count."""
    seconds = []
    for _ in range(conversations):
        with requests.Session() as session:
            talk(session, 0)
            for number in range(1, MESSAGES + 1):
                began = time.perf_counter()
                talk(session, number)
                seconds.append(time.perf_counter() - began)
    return seconds


def in_ms(seconds: list[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile in milliseconds."""
    return statistics.median(seconds) * 1000, statistics.quantiles(seconds, n=20)[-1] * 1000


def timed(command: list[str], folder: Path, environment: dict[str, str]) -> float:
    """Run a command to its end and return the seconds that it took."""
    began = time.monotonic()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.monotonic() - began


@contextmanager
def running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[psutil.Popen]:
    """Run a server in the background and end it afterwards."""
    process = psutil.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def until_answer(talk: Talk, process: psutil.Popen) -> None:
    """Wait until the server answers.

    Raises:
        RuntimeError: it ended, or did not answer in time.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with requests.Session() as session:
                talk(session, 0)
            return
        except requests.RequestException:
            time.sleep(0.1)
    raise RuntimeError("the server did not answer")


if __name__ == "__main__":
    main()
