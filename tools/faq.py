"""Writes the FAQ as one static page, for who has no JavaScript and for when the chat is down: `make faq`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant.answers import UTTER, Answers
from assistant.clock import clock_for
from assistant.facts import load_facts
from assistant.settings import SettingsError
from tools.model import ROOT

TEMPLATE = "faq.html.jinja"
DEFAULT = ROOT / "var" / "faq" / "index.html"
# The groups, in the order of the page; what is about a person's own file has no static answer.
GROUPS = {
    "job": "De job",
    "aanbod": "Wat we bieden",
    "voorwaarden": "Voorwaarden",
    "procedure": "De selectieprocedure",
    "wachtlijst": "Wachtlijst en jobinterview",
    "uitkomst": "Na het jobinterview",
    "competenties": "Competenties",
    "werkgever": "De stad als werkgever",
    "contact": "Contact",
}


@dataclass(frozen=True)
class Entry:
    """One topic of the page."""

    topic: str
    title: str
    text: str


def entries(folder: str, answers: Answers) -> Iterator[Entry]:
    """Yield the topics of a folder under data/ that rest on the infobundel."""
    for path in sorted((ROOT / "data" / folder).glob("*.yml")):
        topic = path.stem
        if topic in answers.topics and answers.metadata(topic).sources:
            yield Entry(topic, answers.metadata(topic).titel, answers.answer(topic).text)


def write_faq(target: Path = DEFAULT) -> Path:
    """Write the page and return where it stands; dates are phrased as of now, so make it anew every day."""
    facts = load_facts()
    clock = clock_for(None)
    responses = {}
    for path in (ROOT / "data").glob("*/*.yml"):
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        responses.update({name: value for name, value in content.get("responses", {}).items() if name.startswith(UTTER)})
    answers = Answers(responses, facts, clock)
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True)
    groups = {title: list(entries(folder, answers)) for folder, title in GROUPS.items()}
    page = environment.get_template(TEMPLATE).render(groups=groups, vandaag=clock().strftime("%d/%m/%Y"), **facts)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page, encoding="utf-8")
    return target


def main() -> None:
    """Write the page to the path given, or to the usual one."""
    try:
        print(write_faq(Path(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1] else DEFAULT))
    except SettingsError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
