"""Plays each transcript beside this file against a real chat server, as a candidate would.

A transcript is a text file, one for each situation:

    # a comment
    @ 2025-10-30T10:00:00+01:00     the instant at which the conversation takes place
    > hoeveel verlof krijg ik?      what the candidate types
    > [Telewerken]                  the button that the candidate chooses
    > {code}                        the code in the latest mail
    < 33 tot 35 vakantiedagen       words of the answer, in this order
    ! 26                            words that the answer must not have
    ? Telewerken                    a button that the answer offers
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.candidates import Office, office
from tools.servers import joined

FOLDER = Path(__file__).parent
TRANSCRIPTS = sorted(FOLDER.glob("*/*.txt"))
MOST_CHARACTERS = 800  # an answer of 600 and, perhaps, a notice about the language, the own file or a question of ours


@pytest.fixture(scope="session")
def office_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Office]]:
    """Give the servers whose clock stands still at an instant; one set for each instant."""
    running: dict[str, Office] = {}
    with ExitStack() as stack:

        def at(instant: str) -> Office:
            if instant not in running:
                running[instant] = stack.enter_context(office(tmp_path_factory.mktemp("dialogue"), BOT_NOW=instant))
            return running[instant]

        yield at


class Player:
    """Plays the lines of one transcript, and keeps the latest answer."""

    def __init__(self, servers: Office) -> None:
        self.servers = servers
        self.conversation = servers.converse()
        self.answer: dict[str, Any] = self.conversation.begun["messages"][0]
        self.rest = self.answer["text"]

    def play(self, mark: str, words: str) -> None:
        {">": self.say, "<": self.expect, "!": self.refuse, "?": self.offered}[mark](words)

    def say(self, words: str) -> None:
        if words.startswith("["):
            payload = next(button["payload"] for button in self.buttons if button["title"] == words.strip("[]"))
            messages = self.conversation.choose(payload).json()["messages"]
        else:
            said = words.replace("{code}", self.servers.code()) if "{code}" in words else words
            messages = self.conversation.post({"text": said}).json()["messages"]
        assert all(len(message["text"]) <= MOST_CHARACTERS for message in messages)
        self.answer = joined(messages)
        self.rest = self.answer["text"]

    def expect(self, words: str) -> None:
        assert words in self.rest, f"{words!r} is not in (the rest of) {self.answer['text']!r}"
        self.rest = self.rest.split(words, 1)[1]

    def refuse(self, words: str) -> None:
        assert words not in self.answer["text"]

    def offered(self, words: str) -> None:
        assert words in [button["title"] for button in self.buttons]

    @property
    def buttons(self) -> list[dict[str, str]]:
        return self.answer.get("buttons", [])


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_transcript(path: Path, office_at: Callable[[str], Office]) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and line[0] != "#"]
    assert lines[0].startswith("@ "), "a transcript begins with its instant"
    player = Player(office_at(lines[0][2:].strip()))
    for line in lines[1:]:
        player.play(line[0], line[2:].strip())


def test_there_are_transcripts() -> None:
    assert len(TRANSCRIPTS) >= 20
