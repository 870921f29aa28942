"""The facts are those of the infobundel, and read as Belgians write them."""

from __future__ import annotations

import re
from datetime import date

import pytest
import yaml
from pydantic import ValidationError

from assistant.facts import Amount, Day, Days, Duration, Fact, HelpLine, Link, Page, Quantity, load_facts

FACTS = {name: fact for name, fact in load_facts().items() if not isinstance(fact, (HelpLine, Page))}
MONTHS = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
]


def figures(fact: Fact) -> list[str]:
    """What a quotation must contain to state this fact."""
    if isinstance(fact, (Day, Days)):
        days = [fact.waarde] if isinstance(fact, Day) else fact.waarde
        return [f"{day.day} {MONTHS[day.month - 1]}" for day in days]
    if isinstance(fact, Amount):
        return [f"€{fact.waarde}".replace(".", ",")]
    if isinstance(fact, (Duration, Quantity)):
        return [str(fact.waarde)]
    return []


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_stands_in_the_infobundel_under_its_heading(name: str, infobundel: str) -> None:
    fact = FACTS[name]
    assert fact.citaat in infobundel
    assert fact.bron in infobundel
    assert infobundel.index(fact.bron) < infobundel.rindex(fact.citaat)


@pytest.mark.parametrize("name", FACTS)
def test_the_quotation_states_the_value(name: str) -> None:
    fact = FACTS[name]
    for figure in figures(fact):
        assert re.search(rf"(?<!\d){re.escape(figure)}(?!\d)", fact.citaat), (figure, fact.citaat)
    if isinstance(fact, Link):
        assert str(fact).removeprefix("https://").rstrip("/") in fact.citaat


def test_every_amount_date_and_contact_of_the_infobundel_is_a_fact(infobundel: str) -> None:
    said = " ".join(str(fact) for fact in FACTS.values()) + " ".join(fact.citaat for fact in FACTS.values())
    for pattern in (
        r"€\d+,\d+",
        rf"\d{{1,2}} (?:{'|'.join(MONTHS)})",
        r"[\w.]+@[\w.]+\w",
        r"056 \d\d \d\d \d\d",
        r"\d+ jaar",
    ):
        found = set(re.findall(pattern, infobundel))
        assert found, pattern
        assert {figure for figure in found if figure not in said} == set()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("maaltijdcheque", "€ 7,50"),
        ("fietsvergoeding", "€ 0,36"),
        ("stap2_einde", "3 november 2025"),
        ("stap3_gesprekken", "14, 20 en 21 november 2025"),
        ("ancienniteit_prive", "18 jaar"),
        ("collegas", "1800"),
        ("contact_telefoon", "056 27 85 03"),
    ],
)
def test_a_fact_reads_as_belgians_write_it(name: str, text: str) -> None:
    assert str(FACTS[name]) == text


@pytest.mark.parametrize(
    ("days", "text"),
    [
        ([date(2025, 11, 28), date(2025, 12, 2)], "28 november en 2 december 2025"),
        ([date(2025, 12, 30), date(2026, 1, 5)], "30 december 2025 en 5 januari 2026"),
        ([date(2025, 11, 14)], "14 november 2025"),
    ],
)
def test_days_of_several_months_or_years_name_each(days: list[date], text: str) -> None:
    assert str(Days(soort="data", waarde=days, bron="-", citaat="-")) == text


@pytest.mark.parametrize(
    "fact",
    [
        {"soort": "datum", "waarde": "31 november", "bron": "b", "citaat": "c"},
        {"soort": "data", "waarde": [date(2025, 11, 20), date(2025, 11, 14)], "bron": "b", "citaat": "c"},
        {"soort": "bedrag", "waarde": "-1", "eenheid": "EUR", "bron": "b", "citaat": "c"},
        {"soort": "duur", "waarde": 1, "eenheid": "eeuwen", "bron": "b", "citaat": "c"},
        {"soort": "telefoon", "waarde": "vacatures@kortrijk.be", "bron": "b", "citaat": "c"},
        {"soort": "datum", "waarde": date(2025, 11, 3), "bron": "b"},
    ],
)
def test_a_fact_of_the_wrong_kind_is_refused(fact: dict[str, object], tmp_path) -> None:
    file = tmp_path / "facts.yml"
    file.write_text(yaml.safe_dump({"fout": fact}))
    with pytest.raises(ValidationError):
        load_facts(file)
