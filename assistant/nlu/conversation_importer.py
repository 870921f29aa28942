"""Teaches the classifier what people say in a conversation: parts of messages, follow-ups in their context, titles."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Optional, Union

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.answers import TopicMetadata, offerable, topics_of
from assistant.conversation.context import context_of, may_need_context
from assistant.conversation.messages import Messages, read_all
from assistant.nlu.intent_classifier import FURTHER_INTENTS

FOLDER = Path("training/conversations")  # from the project's root, where Rasa trains


class ConversationImporter(RasaFileImporter):
    """Rasa's own importer, and beside its examples those of conversations.

    Settings (config.yml): `conversations`, the folder of files that `read_messages` reads.
    """

    def __init__(
        self,
        config_file: Optional[str] = None,
        domain_path: Optional[str] = None,
        training_data_paths: Optional[Union[list[str], str]] = None,
        conversations: str = str(FOLDER),
    ) -> None:
        """Rasa passes the paths, and the importer's settings by name."""
        super().__init__(config_file, domain_path, training_data_paths)
        self._messages = read_all(sorted(Path(conversations).glob("*.yml")))

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        """Return all examples."""
        data = super().get_nlu_data(language)
        topics = topics_of(data.responses)
        taught = [_example(text, *asked) for text, asked in examples(self._messages, topics)]
        return data.merge(TrainingData(training_examples=taught))


def _example(text: str, topic: str, *further: str) -> Message:
    message = Message.build(text=text, intent=topic)
    if further:
        message.set(FURTHER_INTENTS, list(further))
    return message


def examples(messages: Messages, topics: dict[str, TopicMetadata]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield texts with the topics that they ask about, mostly one.

    These are titles, single questions, parts of messages by themselves and together, and what needs the answer before it in
    that context.
    """
    # A title stands before follow-ups on other topics, so what it asks by itself is said three times: the classifier sees no
    # capitals, and Rasa drops what is the same.
    for topic, metadata in topics.items():
        if offerable(metadata):
            yield from ((title, (topic,)) for title in (metadata.titel, metadata.titel.lower(), metadata.titel.upper()))
    for message in messages.several_questions:
        before: Optional[str] = None
        for part, topic in zip(message.parts, message.topics, strict=True):
            context = context_of(before, topics) if before and may_need_context(part) else None
            for text in context.examples(part) if context else [part]:
                yield text, (topic,)
            before = topic
        for first, end in combinations(range(len(message.topics) + 1), 2):
            if end - first > 1:
                yield message.together(first, end), tuple(dict.fromkeys(message.topics[first:end]))
    yield from ((message.text, (message.topic,)) for message in messages.single_questions)
    for follow_up in messages.follow_ups:
        context = context_of(follow_up.after, topics)
        for text in context.examples(follow_up.text) if context else []:
            yield text, (follow_up.topic,)
