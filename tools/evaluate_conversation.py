"""How well a conversation is understood: several questions at once, follow-ups, and what is typed with errors."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.conversation.messages import FollowUp, Messages, SeveralQuestions, SingleQuestion, read_messages
from assistant.conversation.reading import Reader, different
from tools.evaluate import OFFERABLE, OUT_OF_SCOPE, Question, share
from tools.model import ROOT
from tools.typing_errors import typing_errors

CONVERSATION_SETS = sorted((ROOT / "tests" / "nlu").glob("conversations_*.yml"))
SEED = 0


@dataclass(frozen=True)
class Miss:
    """A message that was understood otherwise than its author meant it."""

    kind: str
    text: str
    meant: tuple[str, ...]
    understood: tuple[str, ...]

    def __str__(self) -> str:
        """Return a line to read."""
        return f"{self.kind}: {' + '.join(self.meant)} -> {' + '.join(self.understood)}: {self.text!r}"


Row = tuple[str, float, int]  # what is measured, the share that is right, of how many


def topics(reader: Reader, text: str, told: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the topics that a message would get answers about."""
    return tuple(question.topic for question in different(reader.read(text, told)))


def several_missed(reader: Reader, messages: Sequence[SeveralQuestions]) -> list[Miss]:
    """Return the messages of which not every part, in order, would get its answer."""
    found = [(message, topics(reader, message.text)) for message in messages]
    return [Miss("several", message.text, message.topics, seen) for message, seen in found if seen != message.topics]


def single_cut(reader: Reader, messages: Sequence[SingleQuestion]) -> list[Miss]:
    """Return the single questions that would get more than one answer."""
    found = [(message, topics(reader, message.text)) for message in messages]
    return [Miss("cut", message.text, (message.topic,), seen) for message, seen in found if len(seen) > 1]


def follow_ups_missed(reader: Reader, messages: Sequence[FollowUp]) -> list[Miss]:
    """Return the follow-ups that would get another answer."""
    found = [(message, topics(reader, message.text, [message.after])) for message in messages]
    return [
        Miss(f"after {message.after}", message.text, (message.topic,), seen)
        for message, seen in found
        if seen != (message.topic,)
    ]


def after_another_answer(reader: Reader, asked: Sequence[Question]) -> tuple[list[bool], list[bool]]:
    """Return for each question, in scope and out of it, whether it is understood after an answer about something else."""
    draw = random.Random(SEED)  # noqa: S311 - which answer came before, nothing secret
    before = sorted(OFFERABLE)
    inside: list[bool] = []
    outside: list[bool] = []
    for question in asked:
        right = topics(reader, question.text, [draw.choice(before)]) == (question.topic,)
        (outside if question.topic == OUT_OF_SCOPE else inside).append(right)
    return inside, outside


def rows_of_set(name: str, reader: Reader, messages: Messages) -> Iterator[Row]:
    """Return the rows of one independent set."""
    several, single, follow_ups = messages.several_questions, messages.single_questions, messages.follow_ups
    yield f"several questions, all parts right, set {name}", _right(several_missed(reader, several), several), len(several)
    yield f"single questions not cut, set {name}", _right(single_cut(reader, single), single), len(single)
    yield f"follow-ups right, set {name}", _right(follow_ups_missed(reader, follow_ups), follow_ups), len(follow_ups)


def rows(reader: Reader, asked: Sequence[Question]) -> Iterator[Row]:
    """Return the rows of every set, and of the questions `asked`: cut or not, after another answer, with typing errors."""
    for path in CONVERSATION_SETS:
        yield from rows_of_set(_name(path), reader, read_messages(path))
    plain = [SingleQuestion(question.text, question.topic) for question in asked]
    yield "single questions not cut, the question sets", _right(single_cut(reader, plain), plain), len(plain)
    inside, outside = after_another_answer(reader, asked)
    yield "first right after another answer", share(inside), len(inside)
    yield "out-of-scope refused after another answer", share(outside), len(outside)
    in_scope = [question for question in asked if question.topic != OUT_OF_SCOPE]
    yield "first right, typed rightly", _first_right(reader, in_scope), len(in_scope)
    for kind, spoil in typing_errors().items():
        spoiled = [Question(spoil(question.text), question.topic) for question in in_scope]
        yield f"first right, {kind}", _first_right(reader, spoiled), len(spoiled)


def misses(reader: Reader) -> Iterator[Miss]:
    """Return what goes wrong in the independent sets."""
    for path in CONVERSATION_SETS:
        messages = read_messages(path)
        yield from several_missed(reader, messages.several_questions)
        yield from single_cut(reader, messages.single_questions)
        yield from follow_ups_missed(reader, messages.follow_ups)


def table(measured: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [f"| {name} | {right:.1%} | {number} |" for name, right, number in measured]
    return "\n".join(["| | right | of |", "| --- | ---: | ---: |", *lines])


def _first_right(reader: Reader, asked: Sequence[Question]) -> float:
    return share(reader.whole(question.text).topic == question.topic for question in asked)


def _right(missed: Sequence[Miss], messages: Sequence[object]) -> float:
    return 1 - len(missed) / len(messages)


def _name(path: Path) -> str:
    return path.stem.removeprefix("conversations_")
