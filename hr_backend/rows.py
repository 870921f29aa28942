"""Turns the lines of a sheet into candidates, or into every problem that they have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timezone
from enum import Enum
from typing import Any, Optional, TypeVar

from pydantic import EmailError, validate_email

from hr_backend.records import NUMBER_PATTERN, STATUSES, Origin, Outcome, Reason, Status, email_key
from hr_backend.sheet import Cell, Formula, Line, Problem

COLUMNS = (
    "kandidaatnummer",
    "voornaam",
    "familienaam",
    "email",
    "herkomst",
    "stap1_status",
    "stap1_reden",
    "stap2_status",
    "stap2_reden",
    "stap2_deadline",
    "stap3_status",
    "stap3_gesprek",
    "stap4_status",
    "wachtlijst_tot",
    "uitkomst",
)
AnyDay = TypeVar("AnyDay", bound=date)  # a datetime is one too
LONGEST_NAME = 100
LONGEST_EMAIL = 254
_YEARS = range(2000, 2101)
_NUMBER = re.compile(NUMBER_PATTERN)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})")


@dataclass(frozen=True)
class Row:
    """One candidate of a file: the line, and the values of the two tables."""

    line: int
    candidate: dict[str, Any]
    steps: list[dict[str, Any]]


def read_rows(lines: list[Line]) -> tuple[list[Row], list[Problem]]:
    """Return the candidates and the problems; with a problem in the header, that alone."""
    (header_line, header), *rest = lines
    names = ["" if isinstance(cell, Formula) else cell.lower() for cell in header]
    problems = _header_problems(header_line, names)
    if problems:
        return [], problems
    rows = []
    for line, cells in rest:
        row, found = _read(line, names, cells)
        problems += found
        rows.append(row)
    problems += _doubles(rows, "kandidaatnummer", lambda row: row.candidate["number"])
    problems += _doubles(rows, "email", lambda row: row.candidate["email_key"])
    return rows, sorted(problems, key=lambda problem: problem.line)


def _header_problems(line: int, names: list[str]) -> list[Problem]:
    missing = [Problem(line, name, "column_missing") for name in COLUMNS if name not in names]
    unknown = [Problem(line, name, "column_unknown") for name in names if name not in COLUMNS]
    twice = [Problem(line, name, "column_twice") for name in COLUMNS if names.count(name) > 1]
    return missing + unknown + twice


def _read(line: int, names: list[str], cells: list[Cell]) -> tuple[Row, list[Problem]]:
    if len(cells) != len(names):
        problem = Problem(line, "", "cells", {"expected": len(names), "found": len(cells)})
        return Row(line, {"number": None, "email_key": None}, []), [problem]
    reader = _Cells(line, dict(zip(names, cells, strict=True)))
    email = reader.read("email", _email, "email", required=True)
    row = Row(
        line,
        {
            "number": reader.read("kandidaatnummer", _number, "number", required=True),
            "first_name": reader.read("voornaam", _name, "name", required=True, most=LONGEST_NAME),
            "last_name": reader.read("familienaam", _name, "name", required=True, most=LONGEST_NAME),
            "email": email,
            "email_key": email_key(email) if email else None,
            "origin": reader.one_of("herkomst", Origin, required=True),
            "waitlist_until": reader.read("wachtlijst_tot", _day, "day"),
            "outcome": reader.one_of("uitkomst", Outcome),
        },
        [reader.step(step, allowed) for step, allowed in STATUSES.items()],
    )
    if row.candidate["outcome"] and row.steps[-1]["status"] != Status.JOB_INTERVIEW.value:
        reader.report("uitkomst", "outcome_too_early")
    return row, reader.problems


class _Cells:
    """The cells of one line, and the problems met while reading them."""

    def __init__(self, line: int, cells: dict[str, Cell]) -> None:
        self._line = line
        self._cells = cells
        self.problems: list[Problem] = []

    def report(self, column: str, code: str, **values: Any) -> None:
        self.problems.append(Problem(self._line, column, code, values))

    def read(self, column: str, convert: Callable[[str], Any], code: str, *, required: bool = False, **values: Any) -> Any:
        """Return the value of a cell, or None where it is empty or wrong."""
        cell = self._cells.get(column, "")
        if isinstance(cell, Formula):
            self.report(column, "formula")
            return None
        if not cell and not required:
            return None
        try:
            return convert(cell)
        except ValueError:
            self.report(column, code, **values)
            return None

    def one_of(self, column: str, allowed: Iterable[Enum], *, required: bool = False) -> Optional[str]:
        """Return a cell that holds one of these words."""
        words = sorted(str(word.value) for word in allowed)

        def known(cell: str) -> str:
            if cell not in words:
                raise ValueError(column)
            return cell

        code = "one_of" if required else "one_of_or_empty"
        word: Optional[str] = self.read(column, known, code, required=required, words=words)
        return word

    def step(self, step: int, allowed: frozenset[Status]) -> dict[str, Any]:
        """Return the values of one step; a step has no cell for what it cannot have."""
        before = len(self.problems)
        status = self.one_of(f"stap{step}_status", allowed)
        reason = self.one_of(f"stap{step}_reden", Reason)
        if len(self.problems) == before and (reason is not None) != (status == Status.EXEMPT.value):
            code = "reason_missing" if reason is None else "reason_without_exemption"
            self.report(f"stap{step}_reden", code, words=sorted(word.value for word in Reason))
        return {
            "step": step,
            "status": status,
            "reason": reason,
            "deadline": self.read(f"stap{step}_deadline", _day, "day"),
            "interview_at": self.read(f"stap{step}_gesprek", _instant, "instant"),
        }


def _number(cell: str) -> str:
    if not _NUMBER.fullmatch(cell):
        raise ValueError("number")
    return cell


def _name(cell: str) -> str:
    # A name with a line's end in it would break the mails and logs that it comes in. One that begins with '=' may be.
    if not 0 < len(cell) <= LONGEST_NAME or not cell.isprintable():
        raise ValueError("name")
    return cell


def _email(cell: str) -> str:
    if len(cell) > LONGEST_EMAIL or "<" in cell:
        raise ValueError("email")
    try:
        validate_email(cell)
    except EmailError:
        raise ValueError("email") from None
    return cell


def _day(cell: str) -> date:
    if not _DAY.fullmatch(cell):
        raise ValueError("day")
    return _near(date.fromisoformat(cell))


def _instant(cell: str) -> datetime:
    if not _INSTANT.fullmatch(cell):
        raise ValueError("instant")
    return _near(datetime.fromisoformat(cell.replace("Z", "+00:00"))).astimezone(timezone.utc)


def _near(day: AnyDay) -> AnyDay:
    """Return a day that can be meant; other years are slips of the finger."""
    if day.year not in _YEARS:
        raise ValueError("year")
    return day


def _doubles(rows: list[Row], column: str, key: Callable[[Row], Any]) -> list[Problem]:
    first: dict[Any, int] = {}
    return [
        Problem(row.line, column, "double", {"line": first[key(row)]})
        for row in rows
        if key(row) is not None and first.setdefault(key(row), row.line) != row.line
    ]
