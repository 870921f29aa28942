"""A file of candidates is imported whole, or not at all with every problem told."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Engine

from assistant.settings import SettingsError, read_settings
from hr_backend import importer, rows, sheet
from hr_backend.candidates import Candidates, newest_round
from hr_backend.database import prepared_database
from hr_backend.import_file import DEMO_FILE, explain, load_demo, report, texts
from hr_backend.importer import Imported, import_candidates, is_empty
from hr_backend.schema import candidate, candidate_step, metadata
from hr_backend.settings import HrSettings
from hr_backend.sheet import Problem
from tests.hr_files import ROW, demo_rows, write_csv, write_xlsx

NOW = datetime(2025, 11, 3, 9, tzinfo=timezone.utc)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return prepared_database(f"sqlite:///{tmp_path}/hr.db")


def stored(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return [connection.execute(sa.select(table)).all() for table in (candidate, candidate_step)]


def changed(**cells: str) -> list[dict[str, str]]:
    return [{**ROW, **cells}]


def problems(path: Path, engine: Engine) -> list[tuple[int, str, str]]:
    imported = import_candidates(path, engine)
    assert is_empty(engine)
    assert (imported.new, imported.changed, imported.unchanged) == (0, 0, 0)
    assert all(explain(problem) for problem in imported.problems)
    return [(problem.line, problem.column, problem.code) for problem in imported.problems]


def test_the_demonstration_file_is_imported_and_again_changes_nothing(engine: Engine) -> None:
    assert import_candidates(DEMO_FILE, engine) == Imported(new=12)
    before = stored(engine)
    assert import_candidates(DEMO_FILE, engine) == Imported(unchanged=12)
    assert stored(engine) == before


def test_a_record_is_what_the_file_says(engine: Engine) -> None:
    import_candidates(DEMO_FILE, engine)
    chloe = Candidates(engine).by_number("K-2025-0003", "test", NOW)
    assert chloe is not None
    assert (chloe.first_name, chloe.origin.value) == ("Chloé", "intern")
    assert [step.status and step.status.value for step in chloe.steps] == ["vrijgesteld", "vrijgesteld", "ingepland", None]
    assert [step.reason and step.reason.value for step in chloe.steps] == ["bevordering", "eerder_geslaagd", None, None]
    interview = chloe.steps[2].interview_at
    assert interview is not None
    assert interview.isoformat() == "2025-11-20T10:30:00+01:00"
    gita = Candidates(engine).by_email(" GITA@Kandidaat.example", "test", NOW)
    assert gita is not None
    assert gita.steps[1].deadline == date(2025, 11, 6)


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_both_delimiters_with_and_without_bom(
    tmp_path: Path, engine: Engine, delimiter: str, encoding: str, end: str
) -> None:
    import_candidates(DEMO_FILE, engine)
    path = write_csv(tmp_path / "k.csv", demo_rows(), delimiter, encoding, end)
    assert import_candidates(path, engine) == Imported(unchanged=12)


def test_xlsx_gives_the_same_with_texts_and_with_days(tmp_path: Path, engine: Engine) -> None:
    import_candidates(DEMO_FILE, engine)
    demo: list[dict[str, Any]] = list(demo_rows())
    assert import_candidates(write_xlsx(tmp_path / "texts.xlsx", demo), engine) == Imported(unchanged=12)
    days = {"stap2_deadline", "wachtlijst_tot"}
    typed = [
        {name: date.fromisoformat(value) if value and name in days else value for name, value in row.items()} for row in demo
    ]
    assert import_candidates(write_xlsx(tmp_path / "days.xlsx", typed), engine) == Imported(unchanged=12)


def test_columns_in_another_order_capitals_in_their_names_and_empty_lines(tmp_path: Path, engine: Engine) -> None:
    turned = [{name.upper(): row[name] for name in reversed(row)} for row in demo_rows()]
    path = write_csv(tmp_path / "k.csv", turned)
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\r\n\r\n") + b",,,\r\n")
    assert import_candidates(path, engine) == Imported(new=12)


def test_an_update_changes_that_candidate_alone(tmp_path: Path, engine: Engine) -> None:
    import_candidates(DEMO_FILE, engine)
    row = {
        **demo_rows()[0],
        "stap2_status": "geslaagd",
        "stap3_status": "ingepland",
        "stap3_gesprek": "2025-11-14T09:00:00Z",
    }
    assert import_candidates(write_csv(tmp_path / "k.csv", [row]), engine) == Imported(changed=1)
    amina = Candidates(engine).by_number("K-2025-0001", "test", NOW)
    assert amina is not None
    assert amina.steps[1].status == "geslaagd"
    assert amina.steps[2].interview_at == datetime(2025, 11, 14, 9, tzinfo=timezone.utc)
    assert import_candidates(DEMO_FILE, engine) == Imported(changed=1, unchanged=11)


def test_two_candidates_may_change_addresses(tmp_path: Path, engine: Engine) -> None:
    import_candidates(DEMO_FILE, engine)
    first, second, *_ = demo_rows()
    first["email"], second["email"] = second["email"], first["email"]
    assert import_candidates(write_csv(tmp_path / "k.csv", [first, second]), engine) == Imported(changed=2)
    found = Candidates(engine).by_email("bram@kandidaat.example", "test", NOW)
    assert found is not None
    assert found.number == "K-2025-0001"


def test_an_address_of_a_candidate_outside_the_file_is_refused(tmp_path: Path, engine: Engine) -> None:
    import_candidates(DEMO_FILE, engine)
    before = stored(engine)
    imported = import_candidates(write_csv(tmp_path / "k.csv", changed(email="BRAM@kandidaat.example")), engine)
    assert imported.problems == (Problem(2, "email", "email_taken"),)
    assert "K-2025-0002" in report(imported)
    assert stored(engine) == before


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"kandidaatnummer": ""}, "kandidaatnummer", "number"),
        ({"kandidaatnummer": "K-25-1"}, "kandidaatnummer", "number"),
        ({"kandidaatnummer": "k-2025-0001"}, "kandidaatnummer", "number"),
        ({"kandidaatnummer": "K-2025-٠٠٠١"}, "kandidaatnummer", "number"),
        ({"voornaam": ""}, "voornaam", "name"),
        ({"voornaam": "x" * 101}, "voornaam", "name"),
        ({"familienaam": "Voor\nBeeld"}, "familienaam", "name"),
        ({"familienaam": "Voor\x1b[31mBeeld"}, "familienaam", "name"),
        ({"email": ""}, "email", "email"),
        ({"email": "noor"}, "email", "email"),
        ({"email": "noor@kandidaat"}, "email", "email"),
        ({"email": "Noor <noor@kandidaat.example>"}, "email", "email"),
        ({"email": "x" * 250 + "@kandidaat.example"}, "email", "email"),
        ({"herkomst": ""}, "herkomst", "one_of"),
        ({"herkomst": "Extern"}, "herkomst", "one_of"),
        ({"stap1_status": "ingepland"}, "stap1_status", "one_of_or_empty"),
        ({"stap2_status": "wachtlijst"}, "stap2_status", "one_of_or_empty"),
        ({"stap3_status": "vrijgesteld"}, "stap3_status", "one_of_or_empty"),
        ({"stap4_status": "geslaagd"}, "stap4_status", "one_of_or_empty"),
        ({"stap1_status": "vrijgesteld"}, "stap1_reden", "reason_missing"),
        ({"stap1_status": "geslaagd", "stap1_reden": "diploma"}, "stap1_reden", "reason_without_exemption"),
        ({"stap2_reden": "diploma"}, "stap2_reden", "reason_without_exemption"),
        ({"stap2_status": "vrijgesteld", "stap2_reden": "zomaar"}, "stap2_reden", "one_of_or_empty"),
        ({"stap2_deadline": "06/11/2025"}, "stap2_deadline", "day"),
        ({"stap2_deadline": "2025-02-30"}, "stap2_deadline", "day"),
        ({"wachtlijst_tot": "0001-01-01"}, "wachtlijst_tot", "day"),
        ({"wachtlijst_tot": "20261128"}, "wachtlijst_tot", "day"),
        ({"stap3_gesprek": "2025-11-20T10:30:00"}, "stap3_gesprek", "instant"),
        ({"stap3_gesprek": "2025-11-20"}, "stap3_gesprek", "instant"),
        ({"stap3_gesprek": "2025-11-20T25:30:00Z"}, "stap3_gesprek", "instant"),
        ({"stap3_gesprek": "0001-01-01T00:00:00+14:00"}, "stap3_gesprek", "instant"),
        ({"uitkomst": "job"}, "uitkomst", "outcome_too_early"),
        ({"stap4_status": "wachtlijst", "uitkomst": "job"}, "uitkomst", "outcome_too_early"),
        ({"stap4_status": "jobinterview", "uitkomst": "ja"}, "uitkomst", "one_of_or_empty"),
    ],
)
def test_a_wrong_cell_is_named_with_what_was_expected(
    tmp_path: Path, engine: Engine, cells: dict[str, str], column: str, code: str
) -> None:
    path = write_csv(tmp_path / "k.csv", changed(**cells))
    assert problems(path, engine) == [(2, column, code)]
    told = report(import_candidates(path, engine))
    assert f"regel 2, kolom {column}: " in told
    assert "verwacht: " in told


@pytest.mark.parametrize("name", ["=1+1", "+32", "-", "@SUM(A1)", "'s Jongers", "Nguyễn", "{line}"])
@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_a_name_is_data_whatever_it_begins_with(tmp_path: Path, engine: Engine, name: str, write: Any) -> None:
    assert import_candidates(write(tmp_path / "k", changed(voornaam=name)), engine) == Imported(new=1)
    found = Candidates(engine).by_number("K-2025-0100", "test", NOW)
    assert found is not None
    assert found.first_name == name


def test_every_problem_is_told_in_order_and_nothing_is_kept(tmp_path: Path, engine: Engine) -> None:
    bad = [
        {**ROW, "herkomst": "x", "uitkomst": "job"},
        {**ROW, "voornaam": "A", "email": "a@kandidaat.example"},
        {**ROW, "kandidaatnummer": "K-2025-0101", "email": "NOOR@kandidaat.example"},
    ]
    assert problems(write_csv(tmp_path / "k.csv", demo_rows() + bad), engine) == [
        (14, "herkomst", "one_of"),
        (14, "uitkomst", "outcome_too_early"),
        (15, "kandidaatnummer", "double"),
        (16, "email", "double"),
    ]


def test_columns_missing_unknown_and_twice(tmp_path: Path, engine: Engine) -> None:
    row = {**ROW, "telefoon": "0"}
    del row["uitkomst"]
    path = write_csv(tmp_path / "k.csv", [row])
    assert problems(path, engine) == [(1, "uitkomst", "column_missing"), (1, "telefoon", "column_unknown")]
    path = write_csv(tmp_path / "k.csv", [ROW])
    path.write_text(path.read_text(encoding="utf-8").replace("herkomst", "email"), encoding="utf-8")
    assert problems(path, engine) == [(1, "herkomst", "column_missing"), (1, "email", "column_twice")]


HEADER = ",".join(ROW)


@pytest.mark.parametrize(
    ("data", "line", "code"),
    [
        (b"", 1, "empty_file"),
        (b"\r\n\r\n", 1, "empty_file"),
        (f"{HEADER}\nK-2025-0001,Chlo".encode() + b"\xe9,\n", 2, "not_utf8"),
        (HEADER.encode("utf-16"), 1, "not_utf8"),
        (f'{HEADER}\n"K-2025-0001,A\n'.encode(), 2, "not_csv"),
        (f"{HEADER}\nK-2025-0001,A\0\n".encode(), 2, "not_csv"),
        (f"{HEADER}\nK-2025-0001,Amina\n".encode(), 2, "cells"),
        (b"PK\x03\x04 geen werkmap", 1, "not_xlsx"),
    ],
)
def test_a_file_that_is_no_sheet(tmp_path: Path, engine: Engine, data: bytes, line: int, code: str) -> None:
    path = tmp_path / "k.csv"
    path.write_bytes(data)
    assert problems(path, engine) == [(line, "", code)]


def test_a_file_that_is_missing_too_large_or_too_long(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert problems(tmp_path / "geen.csv", engine) == [(1, "", "no_file")]
    monkeypatch.setattr(sheet, "MOST_ROWS", 11)
    assert problems(DEMO_FILE, engine) == [(13, "", "too_many_rows")]
    monkeypatch.setattr(sheet, "MOST_UNPACKED_BYTES", 100)
    assert problems(write_xlsx(tmp_path / "k.xlsx", [ROW]), engine) == [(1, "", "file_too_large")]
    monkeypatch.setattr(sheet, "MOST_BYTES", 100)
    assert problems(DEMO_FILE, engine) == [(1, "", "file_too_large")]


def test_a_formula_and_an_instant_without_zone_in_xlsx(tmp_path: Path, engine: Engine) -> None:
    path = write_xlsx(tmp_path / "k.xlsx", [{**ROW, "stap3_gesprek": datetime(2025, 11, 20, 10, 30)}])  # noqa: DTZ001
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["B2"] = "=1+1"
    book.save(path)
    assert problems(path, engine) == [(2, "voornaam", "formula"), (2, "stap3_gesprek", "instant")]


def test_the_line_is_that_of_the_file_where_a_cell_runs_over_lines(tmp_path: Path, engine: Engine) -> None:
    second = {**ROW, "kandidaatnummer": "x", "email": "b@kandidaat.example"}
    path = write_csv(tmp_path / "k.csv", [{**ROW, "voornaam": "A\nB"}, second], end="\n")
    assert problems(path, engine) == [(2, "voornaam", "name"), (4, "kandidaatnummer", "number")]


def test_a_cell_is_never_repeated_in_what_is_told(tmp_path: Path, engine: Engine) -> None:
    path = write_csv(tmp_path / "k.csv", changed(email="planted secret", herkomst="planted secret"))
    assert "planted" not in report(import_candidates(path, engine))


def test_every_text_belongs_to_a_problem() -> None:
    source = "".join(Path(module.__file__ or "").read_text(encoding="utf-8") for module in (sheet, rows, importer))
    assert [code for code in texts().fouten if f'"{code}"' not in source] == []


def test_the_round_is_that_of_the_facts_and_is_filled_once(engine: Engine) -> None:
    found = newest_round(engine)
    assert found is not None
    assert found.year == 2025
    assert [(step.invited_on, step.ends_on) for step in found.steps] == [
        (date(2025, 10, 22), date(2025, 10, 26)),
        (date(2025, 10, 27), date(2025, 11, 3)),
        (None, None),
        (None, None),
    ]
    assert found.steps[2].days == [date(2025, 11, 14), date(2025, 11, 20), date(2025, 11, 21)]
    assert newest_round(prepared_database(str(engine.url))) == found


def test_the_migrations_make_the_tables_of_the_schema(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_demonstration_data_fills_an_empty_database_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/demo.db"
    monkeypatch.setenv("HR_DATABASE_URL", url)
    load_demo()
    engine = prepared_database(url)
    with engine.begin() as connection:
        connection.execute(candidate.update().values(first_name="X"))
    load_demo()
    found = Candidates(engine).by_number("K-2025-0001", "test", NOW)
    assert found is not None
    assert found.first_name == "X"


@pytest.mark.parametrize(("name", "value"), [("HR_PORT", "0"), ("HR_API_TOKEN", "kort"), ("HR_DATABASE_URL", "mysql://x/y")])
def test_a_bad_setting_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        read_settings(HrSettings)


def test_an_interview_is_told_in_the_time_of_kortrijk(tmp_path: Path, engine: Engine) -> None:
    path = write_csv(tmp_path / "k.csv", changed(stap3_status="ingepland", stap3_gesprek="2025-07-01T08:00Z"))
    assert import_candidates(path, engine) == Imported(new=1)
    found = Candidates(engine).by_number("K-2025-0100", "test", NOW)
    assert found is not None
    assert found.steps[2].interview_at is not None
    assert found.steps[2].interview_at.utcoffset() == timedelta(hours=2)
