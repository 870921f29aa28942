"""What all tests share: the sources of the project, and settings that no machine's environment can change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
):
    os.environ.pop(name, None)


@pytest.fixture(scope="session")
def infobundel() -> str:
    """The infobundel with its white space folded, so that a quotation may run over a line's end."""
    return " ".join((ROOT / "docs" / "infobundel.txt").read_text(encoding="utf-8").split())
