"""What the classifier is taught of conversations: wholes, parts, contexts and titles, and how much each counts."""

from __future__ import annotations

from assistant.answers import TopicMetadata
from assistant.conversation.messages import FollowUp, Messages, SeveralQuestions, SingleQuestion
from assistant.nlu.conversation_examples import TITLE_WEIGHT, WEIGHT, examples

TOPICS = {
    "verlof": TopicMetadata(titel="Verlof", bron="Wat mag je van ons verwachten?"),
    "telewerk": TopicMetadata(titel="Telewerk", bron="Wat mag je van ons verwachten?"),
    "begroeting": TopicMetadata(titel="Begroeting"),
}
TWO = SeveralQuestions.marked("hoeveel verlof krijg ik bij jullie per jaar | en telewerk?", ["verlof", "telewerk"])


def taught(messages: Messages) -> dict[tuple[str, tuple[str, ...]], float]:
    return {(text, topics): weight for text, topics, weight in examples(messages, TOPICS)}


def test_a_message_is_taught_whole_and_in_parts_and_a_part_that_says_little_after_the_one_before_it() -> None:
    found = taught(Messages(several_questions=(TWO,)))
    assert found[(TWO.text, ("verlof", "telewerk"))] == WEIGHT
    assert found[("hoeveel verlof krijg ik bij jullie per jaar", ("verlof",))] == WEIGHT
    assert found[("Verlof\nen telewerk?", ("telewerk",))] == WEIGHT
    assert ("en telewerk?", ("telewerk",)) not in found


def test_each_title_that_can_be_offered_counts_for_more() -> None:
    assert taught(Messages()) == {("Verlof", ("verlof",)): TITLE_WEIGHT, ("Telewerk", ("telewerk",)): TITLE_WEIGHT}


def test_what_two_authors_wrote_alike_is_taught_once() -> None:
    messages = Messages(
        single_questions=(SingleQuestion("mag ik thuis werken en hoe", "telewerk"),) * 2,
        follow_ups=(FollowUp("verlof", "en thuis werken?", "telewerk"),) * 2,
    )
    assert len(examples(messages, TOPICS)) == len(TOPICS) - 1 + 2
