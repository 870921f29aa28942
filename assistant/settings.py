"""All settings of the assistant: read once from the environment, checked, and then frozen."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Literal, Optional, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from limits import RateLimitItem, parse
from pydantic import AnyHttpUrl, BaseSettings, EmailStr, Field, ValidationError, parse_obj_as, validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

BRUSSELS = ZoneInfo("Europe/Brussels")
VAR = Path("var")
LOCAL_HOSTS = ("127.0.0.1", "::1", "localhost")
KEEP_CONVERSATIONS_DAYS = 90
MINIMUM_SECRET_LENGTH = 32  # characters; `make run` generates 64
AnySettings = TypeVar("AnySettings", bound=BaseSettings)


class SettingsError(Exception):
    """A setting in the environment has a value that cannot be used; the message names it in one line."""


def long_secret(value: str) -> str:
    """Return a secret that is long enough."""
    if len(value) < MINIMUM_SECRET_LENGTH:
        raise ValueError(f"expected at least {MINIMUM_SECRET_LENGTH} characters")
    return value


def known_database(value: str) -> str:
    """Return the URL of a database of a kind that we use."""
    try:
        backend = make_url(value).get_backend_name()
    except ArgumentError:
        raise ValueError("expected an SQLAlchemy URL such as 'sqlite:///var/name.db'") from None
    if backend not in ("sqlite", "postgresql"):
        raise ValueError(f"expected sqlite or postgresql, got {backend!r}")
    return value


class FrozenSettings(BaseSettings):
    """Settings that never change while the process lives; each field's name in capitals is the variable's name."""

    class Config:
        """An attempt to change one is an error."""

        allow_mutation = False


class MailSettings(FrozenSettings):
    """How mail leaves."""

    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(1025, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_tls: Literal["off", "starttls", "tls"] = "off"
    mail_from: str = "Kandidaat-assistent <assistent@localhost.localdomain>"

    @validator("mail_from")
    def _sender_is_an_address(cls, value: str) -> str:
        if "@" not in parseaddr(value)[1] or not value.isprintable():
            raise ValueError("expected an address, or 'Name <address>'")
        return value

    @validator("smtp_tls")
    def _mail_is_encrypted_outside_this_machine(cls, value: str, values: dict[str, Any]) -> str:
        if value == "off" and values.get("smtp_host") not in LOCAL_HOSTS:
            raise ValueError("expected 'starttls' or 'tls' for an SMTP_HOST other than this machine")
        return value


class DatabaseSettings(FrozenSettings):
    """Where the assistant's own tables and its conversations are kept."""

    database_url: str = f"sqlite:///{VAR}/assistant.db"

    _database_url_is_known = validator("database_url", allow_reuse=True)(known_database)


class WatchedSettings(FrozenSettings):
    """Where a process is watched: its metrics and its health."""

    metrics_port: int = Field(0, ge=0, le=65535)  # 0: nowhere
    metrics_host: str = "127.0.0.1"


class ClockSettings(FrozenSettings):
    """What time it is; a demonstration or a test may say so."""

    bot_now: Optional[datetime] = None

    @validator("bot_now")
    def _bot_now_has_a_time_zone(cls, value: Optional[datetime]) -> Optional[datetime]:
        if value is not None and value.tzinfo is None:
            return value.replace(tzinfo=BRUSSELS)
        return value


class RetentionSettings(DatabaseSettings, ClockSettings):
    """How many days each kind of data is kept, and by which clock."""

    keep_conversations_days: int = Field(KEEP_CONVERSATIONS_DAYS, ge=1, le=3650)  # after the last message
    keep_codes_days: int = Field(1, ge=1, le=3650)
    keep_handoffs_days: int = Field(90, ge=1, le=3650)  # after its mails were sent


class WorkerSettings(RetentionSettings, MailSettings, WatchedSettings):
    """What the environment may set for the worker that sends mail and removes what is too old."""


class Settings(RetentionSettings, WatchedSettings):
    """What the environment may set for the chat server."""

    port: int = Field(5005, ge=1, le=65535)
    host: str = "127.0.0.1"
    actions_port: int = Field(5055, ge=1, le=65535)
    actions_url: Optional[AnyHttpUrl] = None  # None: this machine, at actions_port
    chat_rate_limit: str = "30/minute"
    chat_allowed_origins: str = ""
    chat_proxies: int = Field(0, ge=0, le=5)
    redis_url: str = ""  # empty: each chat server counts for itself
    secret_key: str
    action_token: str

    @validator("chat_rate_limit")
    def _rate_limit_is_off_or_a_rate(cls, value: str) -> str:
        if value != "off":
            try:
                parse(value)
            except ValueError:
                raise ValueError("expected 'off' or a rate such as '30/minute'") from None
        return value

    @validator("redis_url")
    def _redis_url_is_known(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "redis+unix://")):
            raise ValueError("expected a URL such as 'redis://host:6379/0'")
        return value

    @validator("chat_allowed_origins")
    def _origins_are_exact(cls, value: str) -> str:
        for origin in value.split():
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}":
                raise ValueError(f"expected origins such as 'https://www.kortrijk.be' with spaces between, got {origin!r}")
        return value

    _secret_is_long = validator("secret_key", "action_token", allow_reuse=True)(long_secret)

    @property
    def actions_address(self) -> str:
        """Where the chat server reaches the action server."""
        return self.actions_url.rstrip("/") if self.actions_url else f"http://127.0.0.1:{self.actions_port}"

    @property
    def rate(self) -> Optional[RateLimitItem]:
        """The rate that one conversation may use, or None when limiting is off."""
        return None if self.chat_rate_limit == "off" else parse(self.chat_rate_limit)

    @property
    def allowed_origins(self) -> frozenset[str]:
        """The origins of the web pages that may talk to the chat API."""
        return frozenset(self.chat_allowed_origins.split())


class ActionSettings(Settings, MailSettings):
    """What the environment may set for the action server: it alone reads the HR backend."""

    actions_host: str = "127.0.0.1"  # any other address only on a network that nobody else reaches
    hr_url: AnyHttpUrl = parse_obj_as(AnyHttpUrl, "http://127.0.0.1:5060")
    hr_api_token: str
    handoff_to: Optional[EmailStr] = None  # None: the address of the infobundel
    handoff_term: Optional[int] = Field(None, ge=1, le=60)  # in working days; None promises no term

    _hr_secret_is_long = validator("hr_api_token", allow_reuse=True)(long_secret)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings of the assistant from the environment.

    Raises:
        SettingsError: as `read_settings`.
    """
    return read_settings(Settings, **overrides)


def read_settings(kind: type[AnySettings], **overrides: Any) -> AnySettings:
    """Read settings of a kind from the environment.

    Raises:
        SettingsError: with one line that names each variable that is wrong and what was expected.
    """
    try:
        return kind(**overrides)
    except ValidationError as error:
        problems = "; ".join(
            f"{str(problem['loc'][0]).upper()}: {re.sub(r'^value_error.*?:', '', problem['msg'])}"
            for problem in error.errors()
        )
        raise SettingsError(f"settings that cannot be used: {problems}") from None
