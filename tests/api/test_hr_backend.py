"""The HR backend as the assistant meets it: a server in a process of its own, filled with `make import`'s command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from hr_backend.import_file import DEMO_FILE
from hr_backend.schema import access, candidate
from tests.conftest import ROOT, TEST_SECRET
from tests.hr_files import demo_rows, many_rows, write_csv, write_xlsx
from tools.servers import HrServer, hr_server

START_SECONDS = 30
RIGHT = {"Authorization": f"Bearer {TEST_SECRET}"}
READS = ("round", "candidates/K-2025-0001", "candidates/by-email?email=amina@kandidaat.example")


def load(hr: HrServer, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "hr_backend.import_file", str(path)],
        cwd=ROOT,
        env={**os.environ, "HR_DATABASE_URL": hr.database},
        capture_output=True,
        text=True,
        check=False,
    )


def rows(hr: HrServer, table: sa.Table) -> list[Any]:
    engine = sa.create_engine(hr.database)
    with engine.connect() as connection:
        found = connection.execute(sa.select(table).order_by(*table.primary_key)).all()
    engine.dispose()
    return list(found)


@pytest.fixture(scope="module")
def hr(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HrServer]:
    with hr_server(tmp_path_factory.mktemp("hr"), TEST_SECRET) as running:
        yield running


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {TEST_SECRET}x"},
        {"Authorization": f"Bearer {TEST_SECRET[:-1]}"},
        {"Authorization": f"Basic {TEST_SECRET}"},
        {"Authorization": "Bearer é".encode("latin-1").decode("latin-1")},
    ],
)
@pytest.mark.parametrize("path", [*READS, "candidates/onzin"])
def test_without_the_right_token_nothing_is_read(hr: HrServer, headers: dict[str, str], path: str) -> None:
    before = len(rows(hr, access))
    reply = hr.get(path, headers)
    assert reply.status_code == 401
    assert reply.json() == {"error": "unauthorized"}
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert len(rows(hr, access)) == before


@pytest.mark.parametrize("path", ["health", "openapi.json"])
def test_health_and_the_contract_are_open(hr: HrServer, path: str) -> None:
    assert hr.get(path, {}).status_code == 200


def test_a_record_by_number_and_by_address_is_the_same(hr: HrServer) -> None:
    record = hr.get("candidates/K-2025-0009").json()
    assert record == {
        "number": "K-2025-0009",
        "first_name": "Ilse",
        "last_name": "Voorbeeld",
        "email": "ilse@kandidaat.example",
        "origin": "extern",
        "steps": [
            {"step": 1, "status": "vrijgesteld", "reason": "diploma"},
            {"step": 2, "status": "geslaagd"},
            {"step": 3, "status": "geslaagd"},
            {"step": 4, "status": "jobinterview"},
        ],
        "waitlist_until": "2026-11-28",
        "outcome": "job",
    }
    assert hr.get("candidates/by-email?email=ILSE@Kandidaat.Example").json() == record
    assert hr.get("candidates/K-2025-0003").json()["steps"][2]["interview_at"] == "2025-11-20T10:30:00+01:00"
    assert hr.get("candidates/K-2025-0002").json()["steps"][1] == {"step": 2}


def test_the_round(hr: HrServer) -> None:
    found = hr.get("round").json()
    assert found["year"] == 2025
    assert found["steps"][1] == {"step": 2, "invited_on": "2025-10-27", "ends_on": "2025-11-03", "days": []}
    assert found["steps"][2]["days"] == ["2025-11-14", "2025-11-20", "2025-11-21"]


def test_each_read_of_a_record_is_one_row_of_the_access_log(hr: HrServer) -> None:
    before = len(rows(hr, access))
    hr.get("candidates/K-2025-0002")
    hr.get("candidates/by-email?email=finn@kandidaat.example", {**RIGHT, "X-Reader": "leen.hooghe"})
    hr.get("round")
    hr.get("candidates/K-2025-9999")
    added = rows(hr, access)[before:]
    assert [(row.reader, row.number) for row in added] == [("assistent", "K-2025-0002"), ("leen.hooghe", "K-2025-0006")]
    assert all(row.at is not None for row in added)


@pytest.mark.parametrize("reader", ["", "x" * 65, "twee woorden", "a;b"])
def test_a_reader_without_a_proper_name_reads_nothing(hr: HrServer, reader: str) -> None:
    before = len(rows(hr, access))
    reply = hr.get("candidates/K-2025-0001", {**RIGHT, "X-Reader": reader})
    assert (reply.status_code, reply.json()) == (422, {"error": "invalid_request"})
    assert len(rows(hr, access)) == before


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("candidates/K-2025-9999", 404, "not_found"),
        ("candidates/by-email?email=niemand@kandidaat.example", 404, "not_found"),
        ("candidates/by-email?email=%25@kandidaat.example", 404, "not_found"),
        ("candidates/by-email?email=amina@kandidaat.example%0A", 200, None),
        ("candidates/K-2025-0001%0A", 404, "not_found"),
        ("candidates/K-2025-1", 422, "invalid_request"),
        ("candidates/by-email", 422, "invalid_request"),
        ("candidates/by-email?email=", 422, "invalid_request"),
        ("candidates/by-email?email=" + "x" * 250 + "@kandidaat.example", 422, "invalid_request"),
        ("candidates", 404, "not_found"),
        ("docs", 404, "not_found"),
    ],
)
def test_what_is_not_there_or_malformed_has_one_shape(hr: HrServer, path: str, status: int, code: str | None) -> None:
    reply = hr.get(path)
    assert reply.status_code == status
    if code:
        assert reply.json() == {"error": code}


def test_another_method_is_refused(hr: HrServer) -> None:
    reply = requests.delete(f"{hr.url}/candidates/K-2025-0001", headers=RIGHT, timeout=5)
    assert (reply.status_code, reply.json()) == (405, {"error": "method_not_allowed"})


def test_it_listens_on_this_machine_only(hr: HrServer) -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get(hr.url.replace("127.0.0.1", "127.0.0.2") + "/health", timeout=2)


def test_the_command_tells_what_it_did_and_a_new_status_is_read_at_once(hr: HrServer, tmp_path: Path) -> None:
    again = load(hr, DEMO_FILE)
    assert (again.returncode, again.stdout) == (0, "12 kandidaten in het bestand: 0 nieuw, 0 gewijzigd, 12 ongewijzigd.\n")
    row = {**demo_rows()[1], "stap1_status": "afgelegd"}
    update = load(hr, write_csv(tmp_path / "k.csv", [row], ";"))
    assert update.stdout == "1 kandidaten in het bestand: 0 nieuw, 1 gewijzigd, 0 ongewijzigd.\n"
    assert hr.get("candidates/K-2025-0002").json()["steps"][0]["status"] == "afgelegd"
    assert "1 gewijzigd, 11 ongewijzigd" in load(hr, DEMO_FILE).stdout


def test_a_bad_file_changes_nothing_and_the_command_fails(hr: HrServer, tmp_path: Path) -> None:
    before = rows(hr, candidate)
    good, bad = {**demo_rows()[0], "voornaam": "Anders"}, {**demo_rows()[1], "herkomst": "x"}
    failed = load(hr, write_csv(tmp_path / "k.csv", [good, bad]))
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[1:] == ["regel 3, kolom herkomst: verwacht: extern, intern"]
    assert rows(hr, candidate) == before


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_ten_thousand_rows_are_read_and_known_again(hr: HrServer, tmp_path: Path, write: Any) -> None:
    database = replace(hr, database=f"sqlite:///{tmp_path}/large.db")
    path = write(tmp_path / "large", many_rows(10_000))
    for expected in ("10000 nieuw", "10000 ongewijzigd"):
        loaded = load(database, path)
        assert expected in loaded.stdout, loaded.stderr


def test_the_server_does_as_its_openapi_document_says(hr: HrServer) -> None:
    """Schemathesis makes requests from the document, right and wrong ones, and holds each answer against it."""
    document = schemathesis.openapi.from_url(f"{hr.url}/openapi.json")
    operations = [found.ok() for found in document.get_all_operations()]
    assert {operation.path for operation in operations} == {
        "/health",
        "/round",
        "/candidates/by-email",
        "/candidates/{number}",
    }
    for operation in operations:
        obeys(operation, GenerationMode.POSITIVE)
        if operation.query or operation.path_parameters:
            obeys(operation, GenerationMode.NEGATIVE)
    # What is made up finds nobody: the records themselves are held against the document too.
    for row in demo_rows():
        by_number = document["/candidates/{number}"]["GET"].Case(path_parameters={"number": row["kandidaatnummer"]})
        by_email = document["/candidates/by-email"]["GET"].Case(query={"email": row["email"]})
        for case in (by_number, by_email):
            assert case.call_and_validate(headers=RIGHT).status_code == 200


def obeys(operation: schemathesis.APIOperation[Any, Any, Any], mode: GenerationMode) -> None:
    @settings(
        max_examples=25,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def every_answer_is_in_the_document(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=RIGHT)

    every_answer_is_in_the_document()


def test_a_record_that_cannot_be_logged_is_not_given(hr: HrServer) -> None:
    engine = sa.create_engine(hr.database)
    engine.execute(sa.text("ALTER TABLE access RENAME TO elsewhere"))
    try:
        reply = hr.get("candidates/K-2025-0001")
        assert (reply.status_code, reply.json()) == (503, {"error": "unavailable"})
    finally:
        engine.execute(sa.text("ALTER TABLE elsewhere RENAME TO access"))
        engine.dispose()
    assert hr.get("candidates/K-2025-0001").ok


def test_nothing_personal_is_in_the_log(hr: HrServer) -> None:
    hr.get("candidates/by-email?email=amina@kandidaat.example")
    log = hr.log.read_text(encoding="utf-8")
    assert "amina" not in log
    assert "K-2025" not in log
    assert TEST_SECRET not in log
    assert "Traceback" not in log
