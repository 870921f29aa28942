"""How well questions are understood: the trained model on the independent test set, as a table; see docs/nlu.md.

The figures are those of a candidate's experience: what the assistant would answer at once, what it would offer when it
asks back, and what it would refuse.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from assistant.answers import offerable, topics_of
from assistant.choices import likeliest, runners_up
from assistant.log import configure_logging
from tools.model import ROOT, model
from tools.topic_files import examples_by_topic, responses

TEST_SETS = sorted((ROOT / "tests" / "nlu").glob("questions_*.yml"))
OUT_OF_SCOPE = "buiten_bereik"
FALLBACK = "nlu_fallback"
_TOPICS = topics_of(responses())
OFFERABLE = {name for name in examples_by_topic() if offerable(_TOPICS[name])}


@dataclass(frozen=True)
class Question:
    """A question of the test set and the topic that it is about."""

    text: str
    topic: str


@dataclass(frozen=True)
class Outcome:
    """What the assistant makes of a question: the topic that it answers (or a fallback), and those it offers instead."""

    question: Question
    chosen: str
    offered: tuple[str, ...]

    @property
    def first_right(self) -> bool:
        """It answers the right topic at once."""
        return self.chosen == self.question.topic

    @property
    def in_first_three(self) -> bool:
        """It answers the right topic, or offers it as a button: in place of an answer, or beside one in doubt."""
        return self.first_right or self.question.topic in self.offered

    @property
    def in_scope(self) -> bool:
        """The infobundel, or the conversation itself, has an answer."""
        return self.question.topic != OUT_OF_SCOPE


def questions(paths: Iterable[Path]) -> list[Question]:
    """Read test questions from files in Rasa's NLU format."""
    found = []
    for path in paths:
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = (line.strip() for line in entry["examples"].splitlines())
            found += [Question(line[2:], entry["intent"]) for line in lines if line]
    return found


def outcomes(model_path: Path, asked: Sequence[Question]) -> list[Outcome]:
    """Run each question through the whole NLU pipeline of a trained model."""
    from rasa.core.agent import Agent  # imported here: it takes seconds

    agent = Agent.load(str(model_path))

    async def run() -> list[Outcome]:
        results = []
        for question in asked:
            parsed = await agent.parse_message(question.text)
            chosen, ranking = parsed["intent"]["name"] or FALLBACK, parsed["intent_ranking"]
            asks_back = chosen == FALLBACK
            offered = likeliest(ranking, OFFERABLE) if asks_back else runners_up(ranking, chosen, OFFERABLE)
            results.append(Outcome(question, chosen, tuple(offered)))
        return results

    return asyncio.run(run())


def share(results: Iterable[bool]) -> float:
    """Return the share of True, from 0 to 1; 0 for nothing at all."""
    counted = list(results)
    return sum(counted) / len(counted) if counted else 0.0


def figures(results: Sequence[Outcome]) -> dict[str, float]:
    """Return the figures of the table, as shares from 0 to 1."""
    inside = [result for result in results if result.in_scope]
    outside = [result for result in results if not result.in_scope]
    return {
        "first right": share(result.first_right for result in inside),
        "in the first three": share(result.in_first_three for result in inside),
        "out-of-scope refused": share(result.chosen == OUT_OF_SCOPE for result in outside),
        "out-of-scope refused or asked back": share(result.chosen in (OUT_OF_SCOPE, FALLBACK) for result in outside),
        "in-scope wrongly refused": share(result.chosen == OUT_OF_SCOPE for result in inside),
        "in-scope asked back": share(result.chosen == FALLBACK for result in inside),
        "in-scope answered wrongly": share(
            result.chosen not in (result.question.topic, OUT_OF_SCOPE, FALLBACK) for result in inside
        ),
    }


def confusions(results: Sequence[Outcome]) -> Counter[tuple[str, str]]:
    """Return how often a topic was taken for another."""
    return Counter((result.question.topic, result.chosen) for result in results if not result.first_right)


def table(columns: dict[str, dict[str, float]]) -> str:
    """Return the figures as a Markdown table, one column for each pipeline."""
    rows = [f"| | {' | '.join(columns)} |", f"| --- {'| ---: ' * len(columns)}|"]
    for name in next(iter(columns.values())):
        rows.append(f"| {name} | {' | '.join(f'{column[name]:.1%}' for column in columns.values())} |")
    return "\n".join(rows)


def main() -> None:
    """Print the table, the worst confusions and, where asked, each question that went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compare", action="store_true", help="also Rasa's default pipeline and its LogisticRegression")
    parser.add_argument("--epochs", type=int, default=100, help="of DIET, in --compare")
    parser.add_argument("--topic", help="only the questions of this topic")
    parser.add_argument("--errors", action="store_true", help="show each question that went wrong")
    parser.add_argument("--set", type=Path, nargs="+", default=TEST_SETS, help="files with test questions")
    arguments = parser.parse_args()
    configure_logging("eval")
    asked = [question for question in questions(arguments.set) if arguments.topic in (None, question.topic)]
    results = outcomes(model(), asked)
    columns = {"ours": figures(results)}
    if arguments.compare:
        from tools.rivals import rivals

        columns.update({name: figures(outcomes(path, asked)) for name, path in rivals(arguments.epochs)})
    inside = sum(result.in_scope for result in results)
    print(f"{inside} questions in scope, {len(results) - inside} out of scope\n\n{table(columns)}\n")
    print("Worst confusions (asked about -> taken for):")
    for (topic, taken_for), times in confusions(results).most_common(15):
        print(f"{times:4}  {topic} -> {taken_for}")
    if arguments.topic is None and not arguments.compare:
        _print_conversation(asked, arguments.errors)
    if arguments.errors:
        for result in results:
            if not result.first_right:
                print(f"{result.question.topic} -> {result.chosen} {result.offered}: {result.question.text}")


def _print_conversation(asked: Sequence[Question], errors: bool) -> None:
    """Print what is understood in a conversation and, where asked, each message that went wrong."""
    from rasa.core.agent import Agent

    from assistant.parsing import reader
    from tools.evaluate_conversation import misses, rows, table

    reads = reader(Agent.load(str(model())))
    print(f"\nIn a conversation:\n\n{table(list(rows(reads, asked)))}")
    if errors:
        print(*misses(reads), sep="\n")


if __name__ == "__main__":
    main()
