"""Imports a file of candidates: all of its rows, or none and every problem."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timezone
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from hr_backend.rows import Row, read_rows
from hr_backend.schema import candidate, candidate_step
from hr_backend.sheet import Problem, UnreadableError, read_sheet

BATCH = 1000
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_Values = dict[str, Any]


@dataclass(frozen=True)
class Imported:
    """What an import did: the candidates of the file by what became of them, or the problems that stopped it."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()


def import_candidates(path: Path, engine: Engine) -> Imported:
    """Import a CSV or XLSX file; candidates of the database that it does not name stay as they are."""
    try:
        rows, problems = read_rows(read_sheet(path))
    except UnreadableError as error:
        return Imported(problems=(error.problem,))
    if problems:
        return Imported(problems=tuple(problems))
    try:
        with engine.begin() as connection:
            return _write(rows, connection)
    except IntegrityError:
        # Another import ran at the same time and took a number or an address; nothing of this one was kept.
        return Imported(problems=(Problem(1, "", "at_the_same_time"),))


def is_empty(engine: Engine) -> bool:
    """Tell whether there is no candidate yet."""
    with engine.connect() as connection:
        return connection.execute(sa.select(candidate.c.number).limit(1)).first() is None


def _write(rows: list[Row], connection: Connection) -> Imported:
    known, steps = _known(connection)
    problems = _taken(rows, known)
    if problems:
        return Imported(problems=tuple(problems))
    new = [row for row in rows if row.candidate["number"] not in known]
    kept = [row for row in rows if row.candidate["number"] in known]
    changed = [row for row in kept if (row.candidate, row.steps) != (known[_number(row)], steps.get(_number(row)))]
    moved = [row for row in changed if row.candidate["email_key"] != known[_number(row)]["email_key"]]
    if moved:
        # Two candidates may change addresses with one another: first both let go of theirs (a number is no address).
        parked = candidate.update().where(candidate.c.number == sa.bindparam("moved")).values(email_key=candidate.c.number)
        connection.execute(parked, [{"moved": _number(row)} for row in moved])
    written = new + changed
    _upsert(connection, candidate, [row.candidate for row in written])
    _upsert(connection, candidate_step, [{"number": _number(row), **step} for row in written for step in row.steps])
    return Imported(len(new), len(changed), len(kept) - len(changed))


def _number(row: Row) -> str:
    return str(row.candidate["number"])


def _known(connection: Connection) -> tuple[dict[str, _Values], dict[str, list[_Values]]]:
    """Return what the database holds, in the form of a file's rows."""
    candidates = {row["number"]: dict(row) for row in connection.execute(sa.select(candidate)).mappings()}
    steps: dict[str, list[_Values]] = {}
    for found in connection.execute(sa.select(candidate_step).order_by(candidate_step.c.step)).mappings():
        step = dict(found)
        instant = step["interview_at"]
        if instant is not None and instant.tzinfo is None:
            step["interview_at"] = instant.replace(tzinfo=timezone.utc)  # SQLite keeps no zone
        steps.setdefault(step.pop("number"), []).append(step)
    return candidates, steps


def _taken(rows: list[Row], known: dict[str, _Values]) -> list[Problem]:
    """Return a problem for each address that belongs to a candidate outside the file."""
    named = {_number(row) for row in rows}
    others = {values["email_key"]: number for number, values in known.items() if number not in named}
    return [
        Problem(row.line, "email", "email_taken", {"number": others[row.candidate["email_key"]]})
        for row in rows
        if row.candidate["email_key"] in others
    ]


def _upsert(connection: Connection, table: sa.Table, values: list[_Values]) -> None:
    keys = [column.name for column in table.primary_key]
    insert = _INSERT[connection.dialect.name](table)
    others = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in keys}
    statement = insert.on_conflict_do_update(index_elements=keys, set_=others)
    for begin in range(0, len(values), BATCH):
        connection.execute(statement, values[begin : begin + BATCH])
