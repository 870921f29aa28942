"""Learns from training/conversations how a message is cut and how a follow-up is understood, and writes the weights.

Each quarter of the files is read by a classifier that learned from the other three: as unsure as it is with new people.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from assistant.answers import TopicMetadata, topics_of
from assistant.choices import Ranking
from assistant.conversation.choice import Choice, Situation, learn
from assistant.conversation.context import context_of, may_need_context
from assistant.conversation.follow_ups import Evidence, Expected, counted
from assistant.conversation.messages import Messages, SingleQuestion, read_all
from assistant.conversation.reading import Question, Thresholds, different
from assistant.conversation.several_questions import Cuttable, Span
from assistant.conversation.trees import learn_trees
from assistant.conversation.weights import CHOICE, CUTTING, EXPECTED, FOLLOWING, TREES, write_weights
from assistant.nlu.conversation_examples import examples
from assistant.nlu.intent_classifier import INTENT_RANKING, NgramIntentClassifier
from assistant.nlu.ngram_model import Example, NgramModel, NgramSettings
from assistant.parsing import settings_of, thresholds
from tools.model import ROOT
from tools.topic_files import examples_by_topic, responses

FILES = sorted((ROOT / "training" / "conversations").glob("*.yml"))
FOLDS = 4
REGULARISATION = {CUTTING: 1.0, FOLLOWING: 2.0}
SMALLEST = 0.03  # a weight nearer to 0 is left out
MOST_JOINTS = 8  # of a message to learn from: 256 ways to cut it
SEED = 0
HELD_OUT = 2500  # plain examples that the classifier does not learn from, to be asked by themselves and after an answer

Read = Callable[[Sequence[str]], list[Ranking]]


@dataclass
class Lessons:
    """What one kind of decision is learned from: choices, and rows of signs with whether each was right."""

    situations: list[Situation] = field(default_factory=list)
    signs: list[list[float]] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)

    def __add__(self, other: Lessons) -> Lessons:
        """Return the lessons of both."""
        return Lessons(self.situations + other.situations, self.signs + other.signs, self.right + other.right)


def main() -> None:
    """Learn from each quarter's messages, read by the classifier of the others; then learn the weights from all."""
    topics = topics_of(responses())
    with ProcessPoolExecutor(2) as pool:
        each = list(pool.map(_lessons, range(FOLDS), [topics] * FOLDS))
        lessons = {kind: sum((one[kind] for one in each), Lessons()) for kind in REGULARISATION}
        learned = dict(zip(lessons, pool.map(_learned, lessons, lessons.values()), strict=True))
    write_weights({**learned, EXPECTED: counted(read_all(FILES).follow_ups)})
    _check_temperature(topics)


def _check_temperature(topics: dict[str, TopicMetadata]) -> None:
    """Print whether the classifier's temperature still suits what it learns: a setting, as finding it takes a minute."""
    settings = NgramSettings.of(_classifier_settings())
    plain, held_out = plain_examples()
    suited = NgramModel(settings).suited_temperature(_taught(read_all(FILES), plain + held_out, topics))
    print(f"temperature: {settings.temperature} is set, {suited:.2f} suits best")


def _learned(kind: str, lessons: Lessons) -> dict[str, Any]:
    choice = learn(lessons.situations, REGULARISATION[kind])
    print(f"{kind}: {len(lessons.situations)} choices, {_right(choice, lessons.situations):.1%} right by the weights alone")
    kept = {name: weight for name, weight in choice.weights.items() if abs(weight) >= SMALLEST}
    return {CHOICE: kept, TREES: learn_trees(lessons.signs, lessons.right).as_numbers()}


def _lessons(fold: int, topics: dict[str, TopicMetadata]) -> dict[str, Lessons]:
    plain, held_out = plain_examples()
    own = FILES[fold::FOLDS]
    taught = read_all(path for path in FILES if path not in own)
    rank = reader(taught, plain, topics)
    messages, expected = read_all(own), counted(taught.follow_ups)
    single = Messages(single_questions=tuple(SingleQuestion(text, topic) for text, topic in held_out[fold::FOLDS]))
    return {
        CUTTING: cutting_lessons(messages + single, rank),
        FOLLOWING: following_lessons(messages, held_out, topics, expected, rank),
    }


def reader(taught: Messages, plain: Sequence[tuple[str, str]], topics: dict[str, TopicMetadata]) -> Read:
    """Return a classifier that learned from plain examples and from these conversations."""
    classifier = NgramIntentClassifier(_classifier_settings(), None, None)
    classifier.fit(_taught(taught, plain, topics))

    def rank(asked: Sequence[str]) -> list[Ranking]:
        return [
            message.get(INTENT_RANKING) for message in classifier.process([Message(data={TEXT: text}) for text in asked])
        ]

    return rank


def _classifier_settings() -> dict[str, Any]:
    return {**NgramIntentClassifier.get_default_config(), **settings_of(NgramIntentClassifier.__name__)}


def _taught(messages: Messages, plain: Sequence[tuple[str, str]], topics: dict[str, TopicMetadata]) -> list[Example]:
    """Return all that a classifier learns from."""
    return [*(Example(text, (topic,)) for text, topic in plain), *examples(messages, topics)]


def plain_examples() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the topic files' examples with their topics: most to learn from, and some held out."""
    plain = [(text, topic) for topic, texts in examples_by_topic().items() for text in texts]
    random.Random(SEED).shuffle(plain)  # noqa: S311 - which examples are held out, nothing secret
    return plain[HELD_OUT:], plain[:HELD_OUT]


def cutting_lessons(messages: Messages, rank: Read) -> Lessons:
    """Return each way to cut each message, with those that are right, and the signs at places that are cut and at others."""
    lessons, least = Lessons(), thresholds()
    wanted = [(message.text, set(message.starts[1:]), message.topics) for message in messages.several_questions]
    wanted += [(message.text, set(), (message.topic,)) for message in messages.single_questions]
    for text, starts, asked in wanted:
        cuttable = Cuttable.of(text)
        marked = [number for number, joint in enumerate(cuttable.joints, 1) if joint.start in starts]
        if not cuttable.joints or len(marked) != len(starts) or len(cuttable.joints) > MOST_JOINTS:
            continue
        rankings = dict(zip(cuttable.spans, rank([cuttable.part(span) for span in cuttable.spans]), strict=True))
        inner, last = range(1, len(cuttable.joints) + 1), len(cuttable.joints) + 1
        ways = [[0, *way, last] for size in range(len(inner) + 1) for way in combinations(inner, size)]
        edges = [0, *marked, last]
        # Wherever else it can be cut so that the same is answered is as good as where its author marked it.
        right = [number for number, way in enumerate(ways) if _answered(way, rankings, least) == asked]
        features = [cuttable.features(way, rankings) for way in ways]
        lessons.situations.append(Situation(features, right or [ways.index(edges)]))
        cut = list(zip(edges, edges[1:], edges[2:], strict=False))
        whole = [(start, edge, end) for start, end in pairwise(edges) for edge in range(start + 1, end)]
        lessons.signs += [cuttable.signs(((start, edge), (edge, end)), rankings) for start, edge, end in cut + whole]
        lessons.right += [True] * len(cut) + [False] * len(whole)
    return lessons


def _answered(way: Sequence[int], rankings: Mapping[Span, Ranking], least: Thresholds) -> tuple[str, ...]:
    """Return the topics that would be answered about if a message were cut so, each part read by itself."""
    understood = [least.understood(rankings[span]) for span in pairwise(way)]
    return tuple(question.topic for question in different([Question("", parsed) for parsed in understood]))


def following_lessons(
    messages: Messages,
    plain: Sequence[tuple[str, str]],
    topics: dict[str, TopicMetadata],
    expected: Expected,
    rank: Read,
) -> Lessons:
    """Return for each text after an answer the topics that it may be about, and the right one.

    The texts are follow-ups, further parts of messages, and what asks for itself (among it the `plain` examples) after some
    other answer.
    """
    draw = random.Random(SEED)  # noqa: S311 - which answer came before, nothing secret
    some = [topic for topic in sorted(topics) if context_of(topic, topics)]
    asked = [(message.after, message.text, message.topic) for message in messages.follow_ups]
    for several in messages.several_questions:
        asked += zip(several.topics, several.parts[1:], several.topics[1:], strict=False)
        asked.append((draw.choice(some), several.parts[0], several.topics[0]))
    asked += [(draw.choice(some), single.text, single.topic) for single in messages.single_questions]
    asked += [(draw.choice(some), text, topic) for text, topic in plain]
    lessons = Lessons()
    for before, text, topic in asked:
        context = context_of(before, topics)
        if context and may_need_context(text):
            alone, *in_context = rank([text, *context.readings(text)])
            evidence = Evidence(text, context, alone, in_context)
            candidates = evidence.candidates(expected)
            if topic in candidates:
                features = [evidence.features(each, expected) for each in candidates]
                lessons.situations.append(Situation(features, [candidates.index(topic)]))
                lessons.signs += [evidence.signs(each, expected) for each in candidates]
                lessons.right += [each == topic for each in candidates]
    return lessons


def _right(choice: Choice, situations: Sequence[Situation]) -> float:
    def best(situation: Situation) -> int:
        scores = [choice.score(features) for features in situation.candidates]
        return scores.index(max(scores))

    return sum(best(situation) in situation.right for situation in situations) / max(len(situations), 1)


if __name__ == "__main__":
    main()
