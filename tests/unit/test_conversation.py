"""What a message means in its conversation: where it may be cut, what is a correction or a remark, which feelings it shows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import GradientBoostingClassifier

from assistant.answers import TopicMetadata
from assistant.conversation.asides import MORE, WHY, aside, titled
from assistant.conversation.choice import Choice, Situation, learn
from assistant.conversation.context import Context, context_of, may_need_context
from assistant.conversation.corrections import only_rejects, rejects
from assistant.conversation.feelings import feeling_in
from assistant.conversation.follow_ups import Evidence, Expected, counted, ranking_after
from assistant.conversation.joints import MOST_JOINTS, begins_question, joints_in
from assistant.conversation.messages import FollowUp, SeveralQuestions, SingleQuestion, read_messages
from assistant.conversation.several_questions import Cuttable
from assistant.conversation.trees import SETTINGS, Scoring, Trees, learn_trees

STEP_2 = Context("stap2", "Stap 2, de computertest", "wat is", frozenset({"stap2_wanneer"}))


def test_a_marked_message_is_read_without_its_marks() -> None:
    message = SeveralQuestions.marked("dag! hoeveel verlof heb ik | en is er telewerk?", ["verlof", "telewerk"])
    assert message.text == "dag! hoeveel verlof heb ik en is er telewerk?"
    assert message.parts == ["dag! hoeveel verlof heb ik", "en is er telewerk?"]


def test_a_mark_after_a_new_line_keeps_the_line() -> None:
    message = SeveralQuestions.marked("verlof?\n| telewerk?", ["verlof", "telewerk"])
    assert message.text == "verlof?\ntelewerk?"


def test_a_message_with_more_parts_than_topics_is_refused() -> None:
    with pytest.raises(ValueError, match="2 parts, 1 topics"):
        SeveralQuestions.marked("verlof? | telewerk?", ["verlof"])


def test_a_file_of_messages_is_read(tmp_path: Path) -> None:
    path = tmp_path / "messages.yml"
    path.write_text(
        'several_questions: [{text: "a? | b?", topics: [x, y]}]\n'
        "single_questions: [{text: a en b, topic: x}]\n"
        'follow_ups: [{after: x, text: "en b?", topic: y}]\n',
        encoding="utf-8",
    )
    messages = read_messages(path)
    assert messages.several_questions[0].parts == ["a?", "b?"]
    assert messages.single_questions == (SingleQuestion("a en b", "x"),)
    assert (messages + messages).follow_ups == (FollowUp("x", "en b?", "y"),) * 2


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("hoeveel verlof heb ik, en krijg ik maaltijdcheques?", ["en krijg ik"]),
        ("hoeveel verlof heb ik en krijg ik maaltijdcheques", ["en krijg ik"]),
        ("Wat verdien ik? Is er telewerk?", ["Is er"]),
        ("1. wat verdien ik 2. is er telewerk", ["2. is er"]),
        ("wat verdien ik\nis er telewerk", ["is er"]),
        ("verlof en premies", ["en premies"]),
    ],
)
def test_a_message_may_be_cut_where_a_question_may_begin(text: str, begins: list[str]) -> None:
    starts = [text[joint.start :] for joint in joints_in(text)]
    assert all(any(start.startswith(words) for start in starts) for words in begins)


@pytest.mark.parametrize("text", ["hoeveel verlof krijg ik", "ja", "?", "", "is 7,50 euro veel", "...", "voor 2.000 euro"])
def test_nothing_to_cut(text: str) -> None:
    assert joints_in(text) == []


@given(st.text(max_size=300))
def test_whatever_is_typed_the_parts_hold_it(text: str) -> None:
    cuttable = Cuttable.of(text)
    assert len(cuttable.joints) <= MOST_JOINTS
    assert cuttable.edges == sorted(set(cuttable.edges)) or not text
    assert cuttable.spans[0] == (0, len(cuttable.joints) + 1)
    assert all(cuttable.part(span) for span in cuttable.spans)


@pytest.mark.parametrize("text", ["hoeveel verlof", "en krijg ik dat ook", "moek nog iets doen", "verder is er telewerk"])
def test_a_question_begins_like_one(text: str) -> None:
    assert begins_question(text)


@pytest.mark.parametrize("text", ["ik heb een diploma", "mijn contract", "verlof"])
def test_other_words_do_not(text: str) -> None:
    assert not begins_question(text)


def test_the_likeliest_way_to_cut_is_the_best_of_all_ways() -> None:
    """What is found step by step is what comparing every way finds."""
    cuttable = Cuttable.of("hoeveel verlof, en telewerk? Dank u")
    names = ["verlof", "telewerk", "bedanking"]
    rankings = {
        span: [{"name": names[number % 3], "confidence": 1 / (number + 1)}] for number, span in enumerate(cuttable.spans)
    }
    choice = Choice({"sure": 1.0, "cut": 0.7, "cut comma and": 0.9, "words 1": -0.4, "small talk": -2.0})
    inner = range(1, len(cuttable.joints) + 1)
    ways = [
        [0, *(edge for edge in inner if chosen >> edge & 1), len(inner) + 1] for chosen in range(0, 2 ** (len(inner) + 1), 2)
    ]
    trees = learn_trees([cuttable.signs(((0, 1), (1, end)), rankings) for end in (2, 3)] * 20, [False, True] * 20)

    def score(way: list[int]) -> float:
        cuts = [((start, edge), (edge, end)) for start, edge, end in zip(way, way[1:], way[2:], strict=False)]
        signs = np.array([cuttable.signs(cut, rankings) for cut in cuts], dtype=np.float32)
        return choice.score(cuttable.features(way, rankings)) + (float(trees.log_odds(signs).sum()) if cuts else 0.0)

    assert cuttable.likeliest(Scoring(choice, trees), rankings) == max(ways, key=score)


def test_trees_learn_what_is_a_sign_only_together_with_another() -> None:
    rows = [[float(one), float(other), 0.5] for one in (0, 1) for other in (0, 1)] * 30
    trees = learn_trees(rows, [row[0] != row[1] for row in rows])
    odds = trees.log_odds(np.array([[0, 0, 0.5], [0, 1, 0.5], [1, 0, 0.5], [1, 1, 0.5]], dtype=np.float32))
    assert [each > 0 for each in odds] == [False, True, True, False]
    again = Trees.of_numbers(json.loads(json.dumps(trees.as_numbers())))
    assert again.log_odds(np.array(rows[:4], dtype=np.float32)) == pytest.approx(odds, abs=0.01)


def test_trees_count_as_scikit_learn_counts() -> None:
    draw = np.random.default_rng(0)
    rows = draw.random((300, 4), dtype=np.float32)
    right = rows[:, 0] * rows[:, 1] > rows[:, 2] / 3
    model = GradientBoostingClassifier(**SETTINGS).fit(rows, right)
    assert learn_trees(rows.tolist(), right.tolist()).log_odds(rows) == pytest.approx(
        model.decision_function(rows), abs=1e-3
    )


def test_weights_are_learned_from_choices() -> None:
    situations = [Situation([{"right": 1.0, "bias": 1.0}, {"wrong": 1.0, "bias": 1.0}], [0])] * 5
    choice = learn(situations, 0.1)
    assert choice.score({"right": 1.0}) > choice.score({"wrong": 1.0})
    assert choice.weights["bias"] == pytest.approx(0.0, abs=1e-3)


def test_weights_learn_from_a_choice_with_two_that_are_right() -> None:
    one, other, wrong = {"one": 1.0}, {"other": 1.0}, {"wrong": 1.0}
    choice = learn([Situation([one, other, wrong], [0, 1]), Situation([one, wrong], [0])] * 5, 0.1)
    assert choice.score(one) > choice.score(other) > choice.score(wrong)


def test_a_context_reads_a_text_with_its_title_and_its_side() -> None:
    assert STEP_2.readings("en stap 3?") == ["Stap 2, de computertest\nen stap 3?", "wat is en stap 3?"]
    assert Context("verlof", "Verlof").examples("en telewerk?") == ["Verlof\nen telewerk?"]


def test_small_talk_makes_no_context() -> None:
    topics = {"begroeting": TopicMetadata(titel="Begroeting"), "stap2": TopicMetadata(titel="Stap 2", bron="Stap 2")}
    assert context_of("begroeting", topics) is None
    assert context_of("onbekend", topics) is None
    assert context_of("stap2", topics) == Context("stap2", "Stap 2")


@pytest.mark.parametrize(("text", "may"), [("en voor stap 3?", True), ("telewerk?", True), ("woord " * 20, False)])
def test_short_texts_and_those_that_point_may_need_a_context(text: str, may: bool) -> None:
    assert may_need_context(text) is may


def trees_that_agree(evidence: Evidence, right: str, expected: Expected) -> Trees:
    topics = evidence.candidates(expected)
    return learn_trees([evidence.signs(topic, expected) for topic in topics] * 20, [topic == right for topic in topics] * 20)


def test_topics_after_an_answer_are_ranked_without_those_that_were_rejected() -> None:
    alone = [{"name": "stap2", "confidence": 0.6}, {"name": "stap3", "confidence": 0.4}]
    evidence = Evidence("nee, stap 3", STEP_2, alone, [alone, alone])
    scoring = Scoring(Choice({"alone | always": 2.0}), trees_that_agree(evidence, "stap2", {}))
    ranking = ranking_after(evidence, scoring, {})
    assert [entry["name"] for entry in ranking] == ["stap2", "stap3"]
    assert sum(entry["confidence"] for entry in ranking) == pytest.approx(1.0)
    assert [entry["name"] for entry in ranking_after(evidence, scoring, {}, {"stap2"})] == ["stap3"]


def test_what_people_asked_next_is_expected() -> None:
    expected = counted([FollowUp("stap2", "en wanneer?", "stap2_wanneer")] * 3 + [FollowUp("stap2", "waar?", "toestel")])
    alone = [{"name": "verlof", "confidence": 0.9}]
    evidence = Evidence("en dan?", STEP_2, alone, [alone, alone])
    assert evidence.candidates(expected) == ["verlof", "stap2", "stap2_wanneer", "toestel"]
    scoring = Scoring(Choice({"expected | always": 2.0}), trees_that_agree(evidence, "stap2_wanneer", expected))
    ranking = ranking_after(evidence, scoring, expected)
    assert [entry["name"] for entry in ranking[:2]] == ["stap2_wanneer", "toestel"]


@pytest.mark.parametrize(
    "text",
    [
        "nee, ik bedoel de tweede test",
        "dat vroeg ik niet",
        "neen ik wil weten wanneer",
        "ik bedoel de premie",
        "da's niet wat ik bedoel",
    ],
)
def test_a_correction_is_noticed(text: str) -> None:
    assert rejects(text)


@pytest.mark.parametrize(
    "text", ["en stap 3?", "hoeveel verlof krijg ik?", "nee", "niet", "is er telewerk?", "wat bedoelt men met polyvalent?"]
)
def test_other_messages_correct_nothing(text: str) -> None:
    assert not rejects(text)


def test_a_correction_may_say_nothing_else() -> None:
    assert only_rejects("dat vroeg ik niet")
    assert only_rejects("nee, dat bedoel ik niet")
    assert not only_rejects("dat vroeg ik niet, ik wil weten wanneer")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("vertel meer", MORE),
        ("kan je daar meer over vertellen?", MORE),
        ("meer info aub", MORE),
        ("waarom?", WHY),
        ("en waarom is dat zo?", WHY),
        ("waarom moet ik een uittreksel afgeven?", None),
        ("meer verlof?", None),
        ("", None),
    ],
)
def test_remarks_on_an_answer(text: str, intent: str) -> None:
    assert aside(text) == intent


def test_a_part_of_a_title_chooses_its_button() -> None:
    buttons = [
        {"title": "Niet geslaagd voor stap 1", "payload": "a"},
        {"title": "Niet geslaagd voor stap 2", "payload": "b"},
    ]
    assert titled("stap 2", buttons) == buttons[1]
    assert titled("niet geslaagd", buttons) is None
    assert titled("hoeveel verlof krijg ik bij stap 2?", buttons) is None
    assert titled("de", buttons) is None


@pytest.mark.parametrize(
    ("text", "feeling"),
    [
        ("ik ben bang dat ik niet slaag", "bezorgd"),
        ("wat een stress, wanneer is stap 1?", "gespannen"),
        ("schandalig dat ik niets hoor", "boos"),
        ("ik ben zo ontgoocheld", "teleurgesteld"),
        ("ik ben niet bang voor een test", None),
        ("moet je stressbestendig zijn?", None),
        ("hoe ga je om met boze klanten?", None),
        ("hoeveel verlof krijg ik?", None),
    ],
)
def test_feelings_are_noticed_where_they_are_unmistakable(text: str, feeling: str) -> None:
    assert feeling_in(text) == feeling
