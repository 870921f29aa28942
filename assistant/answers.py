"""Turns a topic into the text, buttons and links that a candidate sees: facts filled in, dates phrased by the clock.

No Rasa in here: the responses come in as the plain dictionaries that stand in the topic files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, Field

from assistant.choices import MOST_CHOICES
from assistant.clock import Clock, days_left
from assistant.facts import Day, Days, Facts, Link
from assistant.presuppositions import contradicts

PHRASES_FILE = Path(__file__).with_name("phrases.jinja")
UTTER = "utter_"
CORRECTION = "utter_vermoeden_fout"
MACROS = ("resterend", "over_dagen", "stand")  # of phrases.jinja, for use in answers


class TopicMetadata(BaseModel):
    """What a topic file says beside the text of its answer.

    `titel` is its name on a button; `bron` the headings of the infobundel; `vervolg` the topics to offer next;
    `eenvoudig` the answer in simpler words; `controle` the facts that people often have wrong.
    """

    titel: str = Field(max_length=40)
    bron: Union[list[str], str] = []
    vervolg: list[str] = Field([], max_items=MOST_CHOICES)
    eenvoudig: Optional[str] = None
    controle: list[str] = []

    class Config:
        """A misspelled key is an error."""

        extra = "forbid"

    @property
    def sources(self) -> list[str]:
        """The headings of the infobundel that the answer rests on."""
        return [self.bron] if isinstance(self.bron, str) else self.bron


@dataclass(frozen=True)
class Button:
    """A follow-up that the candidate can choose: its words, and the topic behind it."""

    title: str
    topic: str


@dataclass(frozen=True)
class Answer:
    """One message to the candidate, as plain text with line breaks."""

    text: str
    buttons: tuple[Button, ...] = ()
    links: tuple[Link, ...] = ()


class Answers:
    """Renders the answers of all topics.

    Args:
        responses: Rasa's responses: name to variations, each with `text` and perhaps `metadata`.
        facts: the facts that the texts may name.
        clock: what time it is.
    """

    def __init__(self, responses: Mapping[str, Sequence[Mapping[str, Any]]], facts: Facts, clock: Clock) -> None:
        self._facts = facts
        self._clock = clock
        self._environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, autoescape=False)
        self._environment.globals.update(
            {
                **facts,
                "dagen_tot": self._days_until,
                "dagen_tot_begin": self._days_until_first,
                "voorbij": self._is_over,
                "begonnen": self._has_begun,
            }
        )
        phrases = self._environment.from_string(PHRASES_FILE.read_text(encoding="utf-8")).module
        self._environment.globals.update({name: phrases.__dict__[name] for name in MACROS})
        self._sources = phrases.__dict__["bronvermelding"]
        self._links = [fact for fact in facts.values() if isinstance(fact, Link)]
        self._texts = {
            name: [self._environment.from_string(variation["text"]) for variation in variations]
            for name, variations in responses.items()
        }
        self.topics: dict[str, TopicMetadata] = {
            name.removeprefix(UTTER): TopicMetadata.parse_obj(variations[0]["metadata"])
            for name, variations in responses.items()
            if variations and variations[0].get("metadata")
        }
        # What the infobundel answers, in contrast to small talk: these can be offered, and said in simpler words.
        self.offerable = {topic for topic, metadata in self.topics.items() if metadata.sources}
        self._simple = {
            topic: self._environment.from_string(metadata.eenvoudig)
            for topic, metadata in self.topics.items()
            if metadata.eenvoudig
        }

    def phrase(self, name: str, variation: int = 0, **values: Any) -> str:
        """Render the response `name` alone, without its source; variations take turns.

        Raises:
            KeyError: there is no such response.
        """
        texts = self._texts[name]
        return texts[variation % len(texts)].render(**values).strip()

    def answer(self, topic: str, question: str = "", variation: int = 0, simple: bool = False) -> Answer:
        """Render the answer to `topic`; a wrong figure in the question is corrected before anything else."""
        metadata = self.topics[topic]
        text = self._simple[topic].render().strip() if simple and topic in self._simple else ""
        text = text or self.phrase(UTTER + topic, variation)
        if contradicts(question, [self._facts[name] for name in metadata.controle]):
            text = f"{self.phrase(CORRECTION)} {text}"
        if metadata.sources:
            text = f"{text}\n\n{self._sources(metadata.sources)}"
        return Answer(text, self.buttons(metadata.vervolg), self.links(text))

    def buttons(self, topics: Sequence[str]) -> tuple[Button, ...]:
        """Return a button for each of `topics`, in the words of its title."""
        return tuple(Button(self.topics[topic].titel, topic) for topic in topics)

    def links(self, text: str) -> tuple[Link, ...]:
        """Return the links whose address stands in `text`."""
        mentioned = set(re.findall(r"https?://\S+[^\s.,;:!?)]", text))
        return tuple(link for link in self._links if str(link) in mentioned)

    def _days_until(self, day: Union[Day, Days]) -> int:
        return days_left(day.last if isinstance(day, Days) else day.waarde, self._clock())

    def _days_until_first(self, day: Union[Day, Days]) -> int:
        return days_left(day.first if isinstance(day, Days) else day.waarde, self._clock())

    def _is_over(self, day: Union[Day, Days]) -> bool:
        return self._days_until(day) < 0

    def _has_begun(self, day: Union[Day, Days]) -> bool:
        return self._days_until_first(day) <= 0
