"""Where files must agree, these tests read both: topics, domain, facts, infobundel, and the test questions."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from assistant.answers import UTTER, Answers, TopicMetadata
from assistant.clock import clock_for
from assistant.conversation.messages import read_all, read_messages
from assistant.facts import load_facts
from assistant.settings import BRUSSELS
from tests.conftest import ROOT
from tools.evaluate import OFFERABLE, TEST_SETS, questions
from tools.evaluate_conversation import CONVERSATION_SETS
from tools.topic_files import examples_by_topic, responses, topic_files

FACTS = load_facts()
CONVERSATIONS = sorted((ROOT / "training" / "conversations").glob("*.yml"))
TOPICS = {name: content for name, content in topic_files().items() if "nlu" in content}
NAMES = {path.rsplit("/", 1)[-1] for path in TOPICS}
WITHOUT_EXAMPLES = {
    "nlu_fallback",
    "gesprek_start",
    "te_veel_vragen",
    "vertel_meer",
    "waarom",
    "antwoord_nuttig",
    "antwoord_identificatie",
    "antwoord_meedoen",
    "antwoord_doorgeven",
    "antwoord_wissen",
}
CONVERSATION_FOLDER = "gesprek"
WITHOUT_SOURCE = ("gesprek/", "mijn_dossier/")  # small talk, and what comes from a candidate's own file
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
MOST_CHARACTERS = 600
FEWEST_EXAMPLES = 100
FEWEST_OUT_OF_SCOPE = 400
INSTANTS = [
    datetime(*day, hour=10, tzinfo=BRUSSELS)
    for day in (
        (2025, 10, 21), (2025, 10, 22), (2025, 10, 24), (2025, 10, 26), (2025, 10, 27), (2025, 11, 3),
        (2025, 11, 4), (2025, 11, 14), (2025, 11, 17), (2025, 11, 21), (2025, 12, 1), (2026, 11, 29),
    )
]  # fmt: skip


def normalised(text: str) -> str:
    folded = unicodedata.normalize("NFD", text.lower())
    letters = "".join(character for character in folded if unicodedata.category(character) != "Mn")
    return re.sub(r"[^\w]+", " ", letters).strip() or text


def without_expressions(template: str) -> str:
    """The words of a template that stand there as they are."""
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", template, flags=re.DOTALL)


def texts_of(name: str) -> list[str]:
    return [
        text
        for variation in responses()[name]
        for text in (variation["text"], (variation.get("metadata") or {}).get("eenvoudig"))
        if text
    ]


@pytest.fixture(params=INSTANTS, ids=lambda instant: instant.strftime("%Y-%m-%d"))
def answers(request: pytest.FixtureRequest) -> Answers:
    return Answers(responses(), FACTS, clock_for(request.param))


def test_every_topic_has_its_line_in_the_domain() -> None:
    """A new topic without its line in domain.yml would never be trained."""
    assert set(DOMAIN["intents"]) == NAMES | WITHOUT_EXAMPLES


@pytest.mark.parametrize("path", TOPICS)
def test_a_topic_file_holds_one_topic_and_its_own_rule_and_answer(path: str) -> None:
    name = path.rsplit("/", 1)[-1]
    content = TOPICS[path]
    assert [entry["intent"] for entry in content["nlu"]] == [name]
    (rule,) = content["rules"]
    assert rule["steps"][0] == {"intent": name}
    assert UTTER + name in content["responses"]


def test_rules_have_names_of_their_own() -> None:
    names = [rule["rule"] for content in topic_files().values() for rule in content.get("rules", [])]
    assert [name for name, times in Counter(names).items() if times > 1] == []


@pytest.mark.parametrize("path", TOPICS)
def test_a_topic_names_its_source_and_sensible_follow_ups(path: str, infobundel: str) -> None:
    name = path.rsplit("/", 1)[-1]
    metadata = TopicMetadata.parse_obj(responses()[UTTER + name][0]["metadata"])
    if not path.startswith(CONVERSATION_FOLDER):
        assert metadata.sources or metadata.aanbieden or path.startswith(WITHOUT_SOURCE)
        assert metadata.vervolg or metadata.antwoorden
        assert metadata.eenvoudig
    assert [source for source in metadata.sources if source not in infobundel] == []
    assert set(metadata.vervolg) <= NAMES - {name}
    assert set(metadata.controle) <= set(FACTS)


def test_the_evaluation_offers_what_the_assistant_offers(answers: Answers) -> None:
    assert answers.offerable == OFFERABLE


def test_titles_differ() -> None:
    titles = [variations[0]["metadata"]["titel"] for name, variations in responses().items() if name[len(UTTER) :] in NAMES]
    assert [title for title, times in Counter(titles).items() if times > 1] == []


@pytest.mark.parametrize("name", responses())
def test_an_answer_names_facts_and_never_repeats_their_values(name: str) -> None:
    """A date, amount, duration, address or number typed into an answer would not follow the facts file."""
    names_of_people = [str(fact) for fact in FACTS.values() if fact.soort in ("naam", "email", "telefoon", "url", "pagina")]
    for text in texts_of(name):
        words = re.sub(r"\b(?:stap|optie|bijlage) \d\b", "", without_expressions(text), flags=re.IGNORECASE)
        assert re.findall(r"\d+|@|https?:|www\.|€", words) == []
        assert [value for value in names_of_people if value in words] == []
        assert re.findall(r"\b(?:een|één|twee|drie|achttien) (?:jaar|maanden?|weken|dagen)\b", words) == []


def test_every_fact_is_used() -> None:
    templates = " ".join(text for name in responses() for text in texts_of(name))
    unused = {name for name in FACTS if not re.search(rf"\b{name}\b", templates)}
    assert unused <= {"website_stad"}


def test_every_answer_is_short_and_in_plain_text_on_every_day(answers: Answers) -> None:
    """Those that name what a candidate's file holds are tested with the files (test_situation.py)."""
    for topic in answers.topics.keys() & NAMES:
        for simple in (False, True):
            text = answers.answer(topic, simple=simple).text
            assert 0 < len(text) <= MOST_CHARACTERS, (topic, len(text))
            assert re.findall(r"<[a-z/]|\*\*|\{\{|\{%|  ", text) == [], topic


def test_no_response_is_left_that_no_rule_uses() -> None:
    used = {step.get("action") for content in topic_files().values() for rule in content["rules"] for step in rule["steps"]}
    assert {name for name in used if name and not name.startswith(UTTER)} == set(DOMAIN["actions"])
    python = " ".join(
        path.read_text(encoding="utf-8") for path in [*ROOT.glob("assistant/**/*.py"), *ROOT.glob("actions/*.py")]
    )
    by_name = {name for name in responses() if f'"{name.removeprefix(UTTER)}"' in python}
    # Where a name is put together, a test of what does so reaches each of them.
    families = (
        "taal_",
        "herinnering_",
        "code_",
        "mijn_status_",
        "mijn_deadline_",
        "mijn_vrijstelling_",
        "doorgeven_",
        "meedoen_",
        "vraag_",
        "gevoel_",
        "nuttig_",
        "vertel_meer_",
        "waarom_",
    )
    of_a_family = {name for name in responses() if name.removeprefix(UTTER).startswith(families)}
    by_their_topic = {f"{UTTER}{name}" for name in NAMES}
    assert set(responses()) - used - by_name - of_a_family - by_their_topic == {
        f"{UTTER}vermoeden_fout",
        f"{UTTER}persoonlijk_stap",
        f"{UTTER}over_deel",
    }


@pytest.mark.parametrize("topic", sorted(examples_by_topic()))
def test_a_topic_has_a_hundred_or_more_different_examples(topic: str) -> None:
    distinct = {normalised(example) for example in examples_by_topic()[topic]}
    assert len(distinct) >= (FEWEST_OUT_OF_SCOPE if topic == "buiten_bereik" else FEWEST_EXAMPLES)


def test_no_example_stands_under_two_topics() -> None:
    topics: dict[str, set[str]] = {}
    for topic, texts in examples_by_topic().items():
        for text in texts:
            topics.setdefault(normalised(text), set()).add(topic)
    assert {text: names for text, names in topics.items() if len(names) > 1} == {}


def test_no_example_is_a_near_duplicate_or_a_test_question() -> None:
    """A near-duplicate teaches nothing; a test question in the training data makes the measurement worthless."""
    measured = {normalised(question.text) for question in questions(TEST_SETS)}
    trained = [normalised(text) for texts in examples_by_topic().values() for text in texts]
    longer_than_a_word = {text for text in measured if " " in text}
    assert longer_than_a_word & set(trained) == set()
    grams = [_grams(text) for text in trained]
    frequency = Counter(gram for own in grams for gram in own)
    index: dict[str, list[int]] = {}
    pairs = []
    for number, own in enumerate(grams):
        # Texts that share nine grams in ten share one of the rarest tenth: only those few need to be compared.
        rarest = sorted(own, key=lambda gram: (frequency[gram], gram))[: len(own) // 10 + 1]
        for other in {other for gram in rarest for other in index.get(gram, ())}:
            count = len(own & grams[other])
            if count / (len(own) + len(grams[other]) - count) > 0.9 and trained[number] != trained[other]:
                pairs.append((trained[number], trained[other]))
        for gram in rarest:
            index.setdefault(gram, []).append(number)
    assert pairs == []


def test_no_conversation_of_the_training_is_one_of_the_tests() -> None:
    """Not as a whole, and not one of its parts."""
    measured = {normalised(question.text) for question in questions(TEST_SETS)} | texts_of_conversations(CONVERSATION_SETS)
    assert {text for text in measured if " " in text} & texts_of_conversations(CONVERSATIONS) == set()


def texts_of_conversations(paths: list[Path]) -> set[str]:
    messages = read_all(paths)
    several = [text for message in messages.several_questions for text in (message.text, *message.parts)]
    others = [message.text for message in (*messages.single_questions, *messages.follow_ups)]
    return {normalised(text) for text in (*several, *others)}


@pytest.mark.parametrize("path", [*CONVERSATIONS, *CONVERSATION_SETS], ids=lambda path: path.stem)
def test_conversations_are_about_topics(path: Path) -> None:
    messages = read_messages(path)
    topics = {topic for message in messages.several_questions for topic in message.topics}
    topics |= {message.topic for message in (*messages.single_questions, *messages.follow_ups)}
    assert topics | {message.after for message in messages.follow_ups} <= NAMES
    assert all(1 < len(message.text) <= 300 for message in messages.several_questions + messages.single_questions)


def test_the_conversations_of_the_tests_are_enough() -> None:
    for path in CONVERSATION_SETS:
        messages = read_messages(path)
        assert len(messages.several_questions) >= 80
        assert len(messages.single_questions) >= 100
        assert len(messages.follow_ups) >= 100


def test_the_test_set_is_large_enough_and_covers_every_topic() -> None:
    counted = Counter(question.topic for question in questions(TEST_SETS))
    assert set(counted) == NAMES
    assert min(counted.values()) >= 8
    assert counted["buiten_bereik"] >= 120


@pytest.mark.parametrize("topic", sorted(examples_by_topic()))
def test_examples_are_plain_text(topic: str) -> None:
    for text in examples_by_topic()[topic]:
        assert len(text) <= 500
        assert re.findall(r"[\[\]{}<>\\]|^/", text) == [], text


def _grams(text: str) -> frozenset[str]:
    padded = f" {text} "
    return frozenset(padded[start : start + 4] for start in range(max(1, len(padded) - 3)))
