"""Renders the report as one HTML page that needs nothing else: styles and plots stand in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.engine import Engine

from assistant.facts import LOCALE
from assistant.outcomes import Outcome
from assistant.report.figures import Figures, figures, satisfaction
from assistant.report.topic_files import TopicFile, topic_files
from assistant.report.turns import Period, conversations

TEMPLATE = "report.html.jinja"
MOST_TOPICS = 20
MOST_GROUPS = 40


def report(engine: Engine, period: Period, made_at: datetime) -> str:
    """Return the report on a period as HTML."""
    topics = topic_files()
    found = figures(period, conversations(engine, period), topics, satisfaction(engine, period))
    return page(found, topics, made_at)


def page(found: Figures, topics: Mapping[str, TopicFile], made_at: datetime) -> str:
    """Return the page for figures."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        {
            "getal": lambda number: format_decimal(number, locale=LOCALE),
            "deel": lambda number: format_percent(number, format="#,##0.0 %", locale=LOCALE),
            "dag": lambda day: format_date(day, "d MMMM y", locale=LOCALE),
            "korte_dag": lambda day: format_date(day, "EEEEEE d/M", locale=LOCALE),
            "titel": lambda name: topics[name].title if name in topics else name.replace("_", " "),
        }
    )
    return environment.get_template(TEMPLATE).render(
        cijfers=found,
        gemaakt=made_at,
        dagen=[(day, found.by_day[day]) for day in found.period.days],
        uren=[(hour, found.by_hour[hour]) for hour in range(24)],
        drukste=_busiest(found.by_day),
        onderwerpen=found.topics.most_common(MOST_TOPICS),
        uitkomsten=[(outcome.value, found.outcomes[outcome]) for outcome in Outcome],
        groepen={"niet_begrepen": found.not_understood[:MOST_GROUPS], "niet_in_bundel": found.not_in_bundle[:MOST_GROUPS]},
        oordelen=_opinions(found),
    )


def _busiest(by_day: Counter[date]) -> tuple[date, int] | None:
    return max(by_day.items(), key=lambda item: item[1]) if by_day else None


def _opinions(found: Figures) -> list[tuple[str, int, int]]:
    """Return each topic that somebody judged, with how many found it useful and useless; the worst first."""
    if found.satisfaction is None:
        return []
    useful, useless = found.satisfaction.useful, found.satisfaction.useless
    names = set(useful) | set(useless)
    return sorted(((name, useful[name], useless[name]) for name in names), key=lambda row: (-row[2], -row[1], row[0]))
