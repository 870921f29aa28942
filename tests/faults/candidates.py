"""Candidates who talk without a pause, pass questions on, and remember what they were told."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Optional

import requests

from tests.candidates import CODE
from tools.mail_catcher import MailCatcher
from tools.servers import Conversation, joined

SECONDS = 20  # how long the chat on the website waits for an answer
PAUSE_SECONDS = 0.3
ADDRESSES = [f"{name}@kandidaat.example" for name in ("amina", "bram", "emine", "finn", "gita", "hugo", "ilse", "jef")]
QUESTIONS = [
    "hoeveel verlof krijg ik?", "waar zit ik in de procedure?", "hoe lang blijft de wachtlijst geldig?",
    "wat verdien ik per maand?", "tegen wanneer moet ik mijn test doen?", "mag ik thuis werken?",
]  # fmt: skip
ANSWERED, TOLD, NOTHING = "answered", "told", "nothing"
# In an answer like any other: what it says instead is that something is down.
APOLOGIES = ("Ik kan je dossier nu niet bereiken", "Er ging iets mis", "Het is niet gelukt", "kon niet vertrekken")
REFERENCE = re.compile(r"KV-[A-Z0-9]{3}-[A-Z0-9]{3}")


@dataclass(frozen=True)
class Outcome:
    at: float
    kind: str
    text: str  # what the candidate had sent
    said: str  # what came back; for nothing, why


@dataclass
class CandidateTalk:
    """One candidate in one conversation, in a thread of its own."""

    number: int
    api: str
    sink: MailCatcher
    seconds: float = SECONDS
    outcomes: list[Outcome] = field(default_factory=list)
    references: set[str] = field(default_factory=set)
    _over: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        """Show who they are, while all is well, and then talk until told to stop."""
        begun = requests.post(f"{self.api}/sessions", timeout=SECONDS)
        begun.raise_for_status()
        self._conversation = Conversation(self.api, begun.json())
        address = ADDRESSES[self.number]
        self._send("ik wil inloggen")
        self._send(address)
        (code,) = [CODE.search(mail.get_content()) for mail in self.sink.mails if mail["To"] == address]
        assert code
        assert "nu weet ik wie je bent" in (self._send(code[0]) or "")
        self.outcomes.clear()
        self._thread = threading.Thread(target=self._talk)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(2 * self.seconds)

    def talks_since(self, instant: float) -> bool:
        """Tell whether an answer has come since then."""
        return any(outcome.kind == ANSWERED and outcome.at > instant for outcome in self.outcomes[-20:])

    def problem(self) -> Optional[str]:
        """Return how what is stored differs from what was acknowledged; None where nothing was lost or came twice."""
        sent = [outcome.text for outcome in self.outcomes]
        acknowledged = [outcome.text for outcome in self.outcomes if outcome.kind == ANSWERED]
        # The first three are those of the identification.
        stored = [message["text"] for message in self._conversation.history() if message["from"] == "user"][3:]
        if not _is_part(acknowledged, stored):
            return f"candidate {self.number}: an acknowledged message is not in the store"
        return None if _is_part(stored, sent) else f"candidate {self.number}: a message is in the store twice"

    def _talk(self) -> None:
        turn = 0
        while not self._over.is_set():
            turn += 1
            if turn % 3 == self.number % 3:
                self._pass_on(f"mag ik mijn hond meebrengen op dag {turn} van kandidaat {self.number}?")
            else:
                self._send(QUESTIONS[turn % len(QUESTIONS)])

    def _pass_on(self, question: str) -> None:
        """Answer what is asked, and try again where nothing comes, until there is a reference or patience ends."""
        text = "ik wil iemand spreken"
        for _ in range(8):
            said = self._send(text)
            if self._over.is_set():
                return
            if said is None:
                continue
            found = REFERENCE.findall(said)
            self.references.update(found)
            if found:
                return
            text = _next(said, question)

    def _send(self, text: str) -> Optional[str]:
        """Send a text and write down what came of it; return the answer, or None where there was none."""
        outcome = self._outcome(text)
        self.outcomes.append(outcome)
        self._over.wait(PAUSE_SECONDS)
        return outcome.said if outcome.kind == ANSWERED else None

    def _outcome(self, text: str) -> Outcome:
        headers = {**self._conversation.headers, "X-Forwarded-For": f"10.{'.'.join(_bytes(3))}"}
        try:
            reply = requests.post(f"{self.api}/messages", json={"text": text}, headers=headers, timeout=self.seconds)
            answer: dict[str, Any] = reply.json()
        except (requests.RequestException, ValueError) as error:
            return Outcome(time.monotonic(), NOTHING, text, type(error).__name__)
        if reply.status_code == 200:
            said = str(joined(answer["messages"])["text"])
            is_apology = any(apology in said for apology in APOLOGIES)
            return Outcome(time.monotonic(), TOLD if is_apology else ANSWERED, text, said)
        is_contract = "error" in answer and "056 27 85 03" in answer.get("message", "")
        return Outcome(
            time.monotonic(), TOLD if is_contract else NOTHING, text, f"{reply.status_code} {answer.get('error')}"
        )


def _next(said: str, question: str) -> str:
    for words, answer in (
        ("Mag ik dit doorgeven", "ja"),
        ("Op welk e-mailadres", "jan@elders.example"),
        ("Wat is je naam", "Jan De Smet"),
        ("in je eigen woorden", question),
    ):
        if words in said:
            return answer
    return "ik wil iemand spreken"


def _is_part(some: list[str], whole: list[str]) -> bool:
    """Tell whether `some` is what is left of `whole` when parts of it are left out, in order."""
    rest = iter(whole)
    return all(any(text == other for other in rest) for text in some)


def _bytes(count: int) -> list[str]:
    return [str(secrets.randbelow(256)) for _ in range(count)]


def mails_by_reference(sink: MailCatcher) -> dict[str, Counter[str]]:
    """Return for each reference in the sink how many mails came with each Message-ID."""
    found: dict[str, Counter[str]] = {}
    for mail in sink.mails:
        for reference in REFERENCE.findall(mail["Subject"]):
            found.setdefault(reference, Counter())[mail["Message-ID"]] += 1
    return found
