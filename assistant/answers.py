"""Turns a topic into the text, buttons and links that a candidate sees: facts filled in, dates phrased by the clock.

No Rasa in here: the responses come in as the plain dictionaries that stand in the topic files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Optional, Union

from babel.dates import format_date
from dateutil.parser import isoparse
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, Field

from assistant.choices import MOST_CHOICES
from assistant.clock import Clock, days_left
from assistant.facts import LOCALE, Day, Days, Facts, Link, Page, in_words
from assistant.presuppositions import contradicts
from assistant.settings import BRUSSELS, KEEP_CONVERSATIONS_DAYS

PHRASES_FILE = Path(__file__).with_name("phrases.jinja")
UTTER = "utter_"
CORRECTION = "utter_vermoeden_fout"
# Of phrases.jinja, for use in answers.
MACROS = ("resterend", "over_dagen", "stand", "stapnaam", "reden", "te_doen", "geen_beslissing", "doorgegeven_vragen")
Moment = Union[Day, Days, date, str]  # a fact, or a day or an instant of a candidate's own file, in ISO 8601


class TopicMetadata(BaseModel):
    """What a topic file says beside the text of its answer.

    `titel` is its name on a button; `zijde` the side of a thing that it tells ('wanneer is'), which a further question may
    ask of another; `bron` the headings of the infobundel; `dossier` tells that the answer rests on the
    candidate's own file; `vervolg` the topics to offer next; `antwoorden` the answers to offer to a question of ours, by
    payload; `eenvoudig` the answer in simpler words; `controle` the facts that people often have wrong; `stappen` the
    steps that it is about, where a candidate's own situation may differ from the rule; `aanbieden` tells that it can be
    offered although it does not rest on the infobundel.
    """

    titel: str = Field(default="", max_length=40)
    zijde: str = ""
    bron: Union[list[str], str] = []
    dossier: bool = False
    vervolg: list[str] = Field(default=[], max_items=MOST_CHOICES)
    antwoorden: dict[str, str] = {}
    eenvoudig: Optional[str] = None
    controle: list[str] = []
    stappen: list[int] = []
    aanbieden: bool = False

    class Config:
        """A misspelled key is an error."""

        extra = "forbid"

    @property
    def sources(self) -> list[str]:
        """The headings of the infobundel that the answer rests on."""
        return [self.bron] if isinstance(self.bron, str) else self.bron


def topics_of(responses: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, TopicMetadata]:
    """Return what the topic files say of their topics, from Rasa's responses."""
    return {
        name.removeprefix(UTTER): TopicMetadata.parse_obj(variations[0]["metadata"])
        for name, variations in responses.items()
        if variations and variations[0].get("metadata")
    }


def offerable(metadata: TopicMetadata) -> bool:
    """Tell whether a topic can be offered: not small talk, nor what only follows from a question of ours."""
    return bool(metadata.titel) and (metadata.aanbieden or bool(metadata.sources))


@dataclass(frozen=True)
class Button:
    """Something that the candidate can choose: its words, and the topic (or the answer to our question) behind it."""

    title: str
    payload: str


@dataclass(frozen=True)
class Answer:
    """One message to the candidate, as plain text with line breaks."""

    text: str
    buttons: tuple[Button, ...] = ()
    links: tuple[Union[Link, Page], ...] = ()
    instead: str = ""  # its topic, where it stands in for the answer that was asked for


class Answers:
    """Renders the answers of all topics.

    Args:
        responses: Rasa's responses: name to variations, each with `text` and perhaps `metadata`.
        facts: the facts that the texts may name.
        clock: what time it is.
        keep_days: how many days after its last message a conversation is kept.
    """

    def __init__(
        self,
        responses: Mapping[str, Sequence[Mapping[str, Any]]],
        facts: Facts,
        clock: Clock,
        keep_days: int = KEEP_CONVERSATIONS_DAYS,
    ) -> None:
        self._facts = facts
        self._clock = clock
        self._environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, autoescape=False)
        self._environment.globals.update(
            {
                **facts,
                "bewaardagen": keep_days,
                "dagen_tot": self._days_until,
                "dagen_tot_begin": self._days_until_first,
                "voorbij": self._is_over,
                "begonnen": self._has_begun,
            }
        )
        self._environment.filters.update({"dag": _day, "dagen": _days, "dag_en_uur": _day_and_time})
        self._environment.tests["voorbij"] = self._is_over
        phrases = self._environment.from_string(PHRASES_FILE.read_text(encoding="utf-8")).module
        self._environment.globals.update({name: phrases.__dict__[name] for name in MACROS})
        self._sources = phrases.__dict__["bronvermelding"]
        self._links = [fact for fact in facts.values() if isinstance(fact, (Link, Page))]
        self._texts = {
            name: [self._environment.from_string(variation["text"]) for variation in variations]
            for name, variations in responses.items()
        }
        self.topics = topics_of(responses)
        self.offerable = {topic for topic, metadata in self.topics.items() if offerable(metadata)}
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

    def answer(
        self,
        topic: str,
        question: str = "",
        variation: int = 0,
        simple: bool = False,
        values: Optional[Mapping[str, Any]] = None,
    ) -> Answer:
        """Render the answer to `topic`; a wrong figure in the question is corrected before anything else.

        `values` are what the answer names besides the facts: those of a candidate's own file, say.
        """
        metadata = self.metadata(topic)
        named = values or {}
        text = self._simple[topic].render(**named).strip() if simple and topic in self._simple else ""
        text = text or self.phrase(UTTER + topic, variation, **named)
        if contradicts(question, [self._facts[name] for name in metadata.controle]):
            text = f"{self.phrase(CORRECTION)} {text}"
        if metadata.sources or metadata.dossier:
            text = f"{text}\n\n{self._sources(metadata.sources, metadata.dossier)}"
        choices = tuple(Button(title, payload) for payload, title in metadata.antwoorden.items())
        return Answer(text, choices or self.buttons(metadata.vervolg), self.links(text))

    def metadata(self, topic: str) -> TopicMetadata:
        """Return what the topic's file says of it."""
        return self.topics.get(topic) or TopicMetadata()

    def buttons(self, topics: Sequence[str]) -> tuple[Button, ...]:
        """Return a button for each of `topics`, in the words of its title."""
        return tuple(Button(self.topics[topic].titel, topic) for topic in topics)

    def links(self, text: str) -> tuple[Union[Link, Page], ...]:
        """Return the links whose address stands in `text`."""
        mentioned = set(re.findall(r"https?://\S+[^\s.,;:!?)]", text))
        return tuple(link for link in self._links if str(link) in mentioned)

    def _days_until(self, moment: Moment) -> int:
        return days_left(_last_day(moment), self._clock())

    def _days_until_first(self, moment: Moment) -> int:
        return days_left(moment.first if isinstance(moment, Days) else _last_day(moment), self._clock())

    def _is_over(self, moment: Moment) -> bool:
        """Tell whether a day, or an instant where `moment` is one, lies in the past."""
        if isinstance(moment, str) and "T" in moment:
            return isoparse(moment) < self._clock()
        return self._days_until(moment) < 0

    def _has_begun(self, moment: Moment) -> bool:
        return self._days_until_first(moment) <= 0


def _last_day(moment: Moment) -> date:
    if isinstance(moment, Days):
        return moment.last
    if isinstance(moment, Day):
        return moment.waarde
    return isoparse(moment).date() if isinstance(moment, str) else moment


def _day(moment: Moment) -> str:
    """Return for example '3 november 2025'."""
    return str(moment) if isinstance(moment, (Day, Days)) else format_date(_last_day(moment), "d MMMM y", locale=LOCALE)


def _days(days: Sequence[str]) -> str:
    """Return for example '14, 20 en 21 november 2025'."""
    return in_words([_last_day(day) for day in days])


def _day_and_time(moment: str) -> str:
    """Return for example 'donderdag 20 november 2025 om 10.30 uur', in Kortrijk's time."""
    local = isoparse(moment).astimezone(BRUSSELS)
    return f"{format_date(local, 'EEEE d MMMM y', locale=LOCALE)} om {local:%-H.%M} uur"
