"""What all tests share: the sources of the project, and settings that no machine's environment can change."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import log_markers

ROOT = Path(__file__).resolve().parent.parent
TEST_SECRET = "a secret for tests, and longer than 32 characters"

os.environ["SECRET_KEY"] = TEST_SECRET
os.environ["ACTION_TOKEN"] = TEST_SECRET
os.environ["HR_API_TOKEN"] = TEST_SECRET
for name in (
    "BOT_NOW",
    "CHAT_RATE_LIMIT",
    "CHAT_ALLOWED_ORIGINS",
    "DATABASE_URL",
    "REDIS_URL",
    "PORT",
    "ACTIONS_PORT",
    "ACTIONS_HOST",
    "ACTIONS_URL",
    "HR_PORT",
    "HR_HOST",
    "HR_DATABASE_URL",
    "HR_URL",
    "SMTP_HOST",
    "SMTP_PORT",
    "SMTP_USER",
    "SMTP_PASSWORD",
    "SMTP_TLS",
    "MAIL_FROM",
    "LOG_LEVEL",
    "METRICS_PORT",
    "METRICS_HOST",
    "KEEP_CONVERSATIONS_DAYS",
    "KEEP_CODES_DAYS",
    "KEEP_HANDOFFS_DAYS",
    "KEEP_ACCESS_DAYS",
):
    os.environ.pop(name, None)


@pytest.fixture(scope="session", autouse=True)
def no_log_shows_what_people_wrote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Read the logs of every server of the run at its end; the first fixture of all ends last, after the servers."""
    log_markers.plant_what_is_typed()
    yield
    found = log_markers.leaks(tmp_path_factory.getbasetemp().rglob("*.log"))
    assert not found, "written to a log:\n" + "\n".join(found)


@pytest.fixture(scope="session")
def infobundel() -> str:
    """The infobundel with its white space folded, so that a quotation may run over a line's end."""
    return " ".join((ROOT / "docs" / "infobundel.txt").read_text(encoding="utf-8").split())
