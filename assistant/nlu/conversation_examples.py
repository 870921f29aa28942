"""What the classifier learns from conversations: parts of messages, whole messages, follow-ups in their context, titles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Optional

from assistant.answers import TopicMetadata, offerable
from assistant.conversation.context import context_of, may_need_context
from assistant.conversation.messages import Messages
from assistant.nlu.ngram_model import Example

Asked = tuple[str, tuple[str, ...]]  # a text, and the topics that it asks about
TITLE_WEIGHT = 3.0  # a title stands before follow-ups on other topics too
WEIGHT = 0.5  # a message is learned from as a whole, in parts and in contexts; most candidates ask one plain question


def examples(messages: Messages, topics: Mapping[str, TopicMetadata]) -> list[Example]:
    """Return titles, and what people say in a conversation, each text with the same topics once."""
    titles = [Example(each.titel, (topic,), TITLE_WEIGHT) for topic, each in topics.items() if offerable(each)]
    said = dict.fromkeys([*_of_several_questions(messages, topics), *_of_the_rest(messages, topics)])
    return [*titles, *(Example(text, asked, WEIGHT) for text, asked in said)]


def _of_several_questions(messages: Messages, topics: Mapping[str, TopicMetadata]) -> Iterator[Asked]:
    """Yield each part by itself, or in the context of the one before it, and each two or more parts together."""
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


def _of_the_rest(messages: Messages, topics: Mapping[str, TopicMetadata]) -> Iterator[Asked]:
    """Yield single questions, and follow-ups in the context of the answer before them."""
    yield from ((message.text, (message.topic,)) for message in messages.single_questions)
    for follow_up in messages.follow_ups:
        context = context_of(follow_up.after, topics)
        for text in context.examples(follow_up.text) if context else []:
            yield text, (follow_up.topic,)
