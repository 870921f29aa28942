"""The contract: what a candidate's record and the round look like, and which words a status may be."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from enum import Enum
from typing import Optional

from pydantic import Extra
from pydantic.config import ConfigDict
from pydantic.dataclasses import dataclass

NUMBER_PATTERN = "^K-[0-9]{4}-[0-9]{4}$"


# Validated wherever one is made, so that the backend cannot send, and a client cannot take, anything else.
_CONFIG = ConfigDict(extra=Extra.ignore)


class Origin(str, Enum):
    """Where a candidate comes from."""

    EXTERNAL = "extern"
    INTERNAL = "intern"


class Status(str, Enum):
    """How far a candidate is in one step; no status means that it has not begun."""

    INVITED = "uitgenodigd"
    TAKEN = "afgelegd"  # the result is awaited
    PLANNED = "ingepland"
    PASSED = "geslaagd"
    FAILED = "niet_geslaagd"
    EXEMPT = "vrijgesteld"
    WAITING_LIST = "wachtlijst"
    JOB_INTERVIEW = "jobinterview"


class Reason(str, Enum):
    """Why a candidate is exempt from a step."""

    DIPLOMA = "diploma"
    PROMOTION = "bevordering"
    PASSED_EARLIER = "eerder_geslaagd"


class Outcome(str, Enum):
    """How the round ended for a candidate."""

    JOB = "job"
    RESERVE = "wervingsreserve"
    WAITING_LIST = "wachtlijst"
    STOPPED = "gestopt"


_TEST = frozenset({Status.INVITED, Status.TAKEN, Status.PASSED, Status.FAILED, Status.EXEMPT})
STATUSES = {
    1: _TEST,
    2: _TEST,
    3: frozenset({Status.INVITED, Status.PLANNED, Status.TAKEN, Status.PASSED, Status.FAILED}),
    4: frozenset({Status.WAITING_LIST, Status.JOB_INTERVIEW}),
}


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class Step:
    """One step of one candidate."""

    step: int
    status: Optional[Status] = None
    reason: Optional[Reason] = None
    deadline: Optional[date] = None
    interview_at: Optional[datetime] = None


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class Candidate:
    """A candidate's record, with the four steps in order."""

    number: str
    first_name: str
    last_name: str
    email: str
    origin: Origin
    steps: list[Step]
    waitlist_until: Optional[date] = None
    outcome: Optional[Outcome] = None


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class RoundStep:
    """When candidates are invited to a step, its last day, and the days of its interviews."""

    step: int
    invited_on: Optional[date] = None
    ends_on: Optional[date] = None
    days: list[date]


@dataclass(frozen=True, kw_only=True, config=_CONFIG)
class Round:
    """The newest selection round."""

    year: int
    steps: list[RoundStep]


def email_key(address: str) -> str:
    """Return what two spellings of one address have in common: capitals and ways to write an accent do not count."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", address.strip()).casefold())
