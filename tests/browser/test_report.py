"""The report can be read by everybody, on a screen, a telephone and paper."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from assistant.outcomes import Outcome
from assistant.report.figures import Figures, Satisfaction
from assistant.report.groups import Missed, groups
from assistant.report.page import page
from assistant.report.topic_files import topic_files
from assistant.report.turns import Period
from assistant.settings import BRUSSELS
from tests.browser.conftest import AXE, TAGS

PERIOD = Period(date(2025, 10, 20), date(2025, 11, 30))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    missed = [Missed("is er een crèche voor mijn kind?", "voordelen", "contact"), Missed("mag mijn … mee naar het werk?")]
    found = Figures(
        PERIOD,
        conversations=412,
        passed_on=31,
        by_day=Counter({day: 10 + day.day for day in PERIOD.days}),
        by_hour=Counter({hour: hour**2 for hour in range(24)}),
        outcomes=Counter(dict.fromkeys(Outcome, 100)),
        topics=Counter({name: number + 1 for number, name in enumerate(topic_files())}),
        not_understood=groups(missed),
        not_in_bundle=groups(missed),
        not_shown=3,
        satisfaction=Satisfaction(Counter({"verlof": 30}), Counter({"loon": 12})),
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page(found, topic_files(), datetime(2025, 12, 1, tzinfo=BRUSSELS)), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_and_nothing_sticks_out(browser: Browser, file: Path, width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 800}) as context:
        shown = context.new_page()
        shown.goto(file.as_uri())
        shown.evaluate(AXE)
        found = shown.evaluate("tags => axe.run({ runOnly: tags })", TAGS)
        assert [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found["violations"]] == []
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.get_by_role("img", name="Berichten per dag").is_visible()


def test_it_can_be_printed(browser: Browser, file: Path) -> None:
    with browser.new_context() as context:
        shown = context.new_page()
        shown.goto(file.as_uri())
        assert shown.pdf(format="A4", print_background=True).startswith(b"%PDF")
