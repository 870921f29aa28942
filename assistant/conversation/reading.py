"""Reads a message in its conversation: cut into its questions, each with what Rasa's pipeline and the context make of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Optional

from assistant.answers import TopicMetadata
from assistant.choices import Ranking
from assistant.conversation.context import Context, context_of, may_need_context
from assistant.conversation.corrections import rejects
from assistant.conversation.follow_ups import Evidence, ranking_after
from assistant.conversation.several_questions import NO_TOPICS, Cuttable
from assistant.conversation.weights import CUTTING, FOLLOWING, expected_next, scoring

EAGER = -0.5  # added to the score of each cut: candidates ask one thing more often than the authors of the examples do
FALLBACK = "nlu_fallback"

ParseData = dict[str, Any]  # what Rasa's pipeline says of a text
Parse = Callable[[Sequence[str]], list[ParseData]]


@dataclass(frozen=True)
class Thresholds:
    """From when on the pipeline's FallbackClassifier is sure enough (config.yml)."""

    threshold: float
    ambiguity_threshold: float

    def sure(self, ranking: Ranking) -> bool:
        """Tell whether the first of a ranking is sure enough to be answered."""
        first, second = ranking[0]["confidence"], ranking[1]["confidence"] if len(ranking) > 1 else 0.0
        return first >= self.threshold and first - second >= self.ambiguity_threshold

    def understood(self, ranking: Ranking) -> ParseData:
        """Return what the pipeline would say with this ranking: its first, or that it is not sure."""
        if self.sure(ranking):
            return {"intent": ranking[0], "intent_ranking": list(ranking)}
        return self.unsure(ranking)

    def unsure(self, ranking: Ranking) -> ParseData:
        """Return what the pipeline would say where it is not sure, with these topics to ask back with."""
        unsure = {"name": FALLBACK, "confidence": self.threshold}
        return {"intent": unsure, "intent_ranking": [unsure, *ranking]}


@dataclass(frozen=True)
class Question:
    """One question of a message."""

    text: str
    parsed: ParseData

    @property
    def topic(self) -> str:
        """The topic, or Rasa's name for not being sure."""
        return str(self.parsed["intent"]["name"])


class Reader:
    """Reads messages; `parse` runs texts through Rasa's pipeline, all in one run."""

    def __init__(self, parse: Parse, topics: Mapping[str, TopicMetadata], thresholds: Thresholds) -> None:
        self._parse = parse
        self._topics = topics
        self.thresholds = thresholds

    def read(self, text: str, told: Sequence[str] = ()) -> list[Question]:
        """Return the questions of a message; `told` are the topics told before it, the latest first."""
        context = self._context(told)
        cuttable = Cuttable.of(text)
        in_context = context.readings(text) if context and may_need_context(text) else []
        parts = [cuttable.part(span) for span in cuttable.spans[1:]]
        whole, *others = self._parse([text, *in_context, *parts])
        if parts:
            parsed = [whole, *others[len(in_context) :]]
            by_span = dict(zip(cuttable.spans, parsed, strict=True))
            rankings = {span: ranking_of(each) for span, each in by_span.items()}
            edges = cuttable.likeliest(scoring(CUTTING), rankings, EAGER)
            if len(edges) > 2:
                return self._in_order([Question(cuttable.part(span), by_span[span]) for span in pairwise(edges)], context)
        if context and in_context:
            whole = self._weighed(text, context, whole, others[: len(in_context)])
        return [Question(text, whole)]

    def whole(self, text: str) -> Question:
        """Return a message as one question, out of any context."""
        (parsed,) = self._parse([text])
        return Question(text, parsed)

    def _in_order(self, questions: Sequence[Question], context: Optional[Context]) -> list[Question]:
        """Return the questions, each read after the one before it."""
        read: list[Question] = []
        for question in questions:
            parsed = question.parsed
            if context and may_need_context(question.text):
                parsed = self._weighed(question.text, context, parsed, self._parse(context.readings(question.text)))
            read.append(Question(question.text, parsed))
            context = context_of(read[-1].topic, self._topics) or context
        return read

    def _weighed(self, text: str, context: Context, alone: ParseData, in_context: Sequence[ParseData]) -> ParseData:
        excluded = {context.topic} if rejects(text) else set()
        evidence = Evidence(text, context, ranking_of(alone), [ranking_of(each) for each in in_context])
        ranking = ranking_after(evidence, scoring(FOLLOWING), expected_next(), excluded)
        return {**alone, **self.thresholds.understood(ranking)}

    def _context(self, told: Sequence[str]) -> Optional[Context]:
        contexts = (context_of(topic, self._topics) for topic in told)
        return next((context for context in contexts if context), None)


def different(questions: Sequence[Question]) -> list[Question]:
    """Return the questions about something else than those before them; greetings and thanks only where nothing is asked."""
    by_topic: dict[str, Question] = {}
    for number, question in enumerate(questions):
        by_topic.setdefault(f"{FALLBACK} {number}" if question.topic == FALLBACK else question.topic, question)
    found = list(by_topic.values())
    return [question for question in found if question.topic not in NO_TOPICS] or found[:1]


def ranking_of(parsed: ParseData) -> Ranking:
    """Return the topics of a text, best first, without Rasa's 'not sure'."""
    return [entry for entry in parsed.get("intent_ranking", []) if entry["name"] != FALLBACK]
