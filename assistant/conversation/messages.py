"""Messages as people write them in a conversation, each with what it asks: how they stand in files.

A file has three lists. In `several_questions` a bar stands where the next question of a message begins;
`single_questions` ask one thing, whatever they look like; `follow_ups` come right after the answer about `after`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MARK = re.compile(r"([ \n]?)\|[ ]?")


@dataclass(frozen=True)
class SeveralQuestions:
    """A message that asks several things: where each part begins (the first at 0), and the topic of each."""

    text: str
    starts: tuple[int, ...]
    topics: tuple[str, ...]

    @property
    def parts(self) -> list[str]:
        """The parts, in order."""
        return [self.together(number, number + 1) for number in range(len(self.starts))]

    def together(self, first: int, end: int) -> str:
        """Return the parts from number `first` up to `end` as they stand in the message."""
        edges = (*self.starts, None)
        return self.text[edges[first] : edges[end]].strip()

    @classmethod
    def marked(cls, marked: str, topics: Iterable[str]) -> SeveralQuestions:
        """Read a text with a bar before each further question.

        Raises:
            ValueError: there are not as many parts as topics.
        """
        text, starts, end = "", [0], 0
        for mark in _MARK.finditer(marked):
            text += marked[end : mark.start()] + mark[1]
            starts.append(len(text))
            end = mark.end()
        message = cls(text + marked[end:], tuple(starts), tuple(topics))
        if len(message.starts) != len(message.topics):
            raise ValueError(f"{len(message.starts)} parts, {len(message.topics)} topics: {marked}")
        return message


@dataclass(frozen=True)
class SingleQuestion:
    """A message that asks one thing."""

    text: str
    topic: str


@dataclass(frozen=True)
class FollowUp:
    """A message that came after the answer about `after`."""

    after: str
    text: str
    topic: str


@dataclass(frozen=True)
class Messages:
    """The content of a file, or of several."""

    several_questions: tuple[SeveralQuestions, ...] = ()
    single_questions: tuple[SingleQuestion, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()

    def __add__(self, other: Messages) -> Messages:
        """Return the messages of both."""
        return Messages(
            self.several_questions + other.several_questions,
            self.single_questions + other.single_questions,
            self.follow_ups + other.follow_ups,
        )


def read_messages(path: Path) -> Messages:
    """Read a file.

    Raises:
        ValueError, KeyError, TypeError: an entry is not what it should be.
    """
    # The safe loader in C, where it is built: ten times as fast.
    content: dict[str, list[dict[str, Any]]] = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - it is safe
    return Messages(
        tuple(SeveralQuestions.marked(entry["text"], entry["topics"]) for entry in content.get("several_questions", [])),
        tuple(SingleQuestion(**entry) for entry in content.get("single_questions", [])),
        tuple(FollowUp(**entry) for entry in content.get("follow_ups", [])),
    )


def read_all(paths: Iterable[Path]) -> Messages:
    """Read several files as one."""
    return sum((read_messages(path) for path in paths), Messages())
