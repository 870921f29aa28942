"""`make run` starts everything, says where it is when it answers, and stops all of it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tests.conftest import ROOT
from tools.run import MOVABLE_PORTS, is_free, secret
from tools.servers import free_port

START_SECONDS = 90
STOP_SECONDS = 20


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    ports = {name: str(free_port()) for name in ("PORT", "ACTIONS_PORT", "HR_PORT", "PAGE_PORT")}
    databases = {"DATABASE_URL": f"sqlite:///{tmp_path}/assistant.db", "HR_DATABASE_URL": f"sqlite:///{tmp_path}/hr.db"}
    return {**os.environ, **ports, **databases}


def run(environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        command = [sys.executable, "-W", "ignore", "-m", "tools.run"]
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )


def test_it_answers_when_it_says_so_and_stops_on_ctrl_c(environment: dict[str, str], tmp_path: Path) -> None:
    """The usual port of the action server is taken, by another run perhaps; that one may move, so nobody notices."""
    log = tmp_path / "run.log"
    del environment["ACTIONS_PORT"]
    with socket.socket() as taken:
        with suppress(OSError):  # something has it already, which is as good
            taken.bind(("127.0.0.1", MOVABLE_PORTS["ACTIONS_PORT"]))
            taken.listen()
        starts_and_stops(environment, log)


def starts_and_stops(environment: dict[str, str], log: Path) -> None:
    process = run(environment, log)
    try:
        deadline = time.monotonic() + START_SECONDS
        while "The assistant answers" not in log.read_text(encoding="utf-8"):
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            assert process.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.2)
        page = requests.get(f"http://127.0.0.1:{environment['PAGE_PORT']}/", timeout=5)
        assert "kandidaat-chat." in page.text
        api = f"http://127.0.0.1:{environment['PORT']}/webhooks/website"
        assert requests.post(f"{api}/sessions", timeout=5).status_code == 201
        candidate = f"http://127.0.0.1:{environment['HR_PORT']}/candidates/K-2025-0001"
        token = {"Authorization": f"Bearer {environment['HR_API_TOKEN']}"}
        assert requests.get(candidate, headers=token, timeout=5).json()["first_name"] == "Amina"
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(STOP_SECONDS)
    assert all(is_free(int(environment[name])) for name in ("PORT", "HR_PORT", "PAGE_PORT"))


def test_a_taken_port_is_named_with_what_to_do(environment: dict[str, str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment["PORT"])))
        taken.listen()
        process = run(environment, tmp_path / "run.log")
        assert process.wait(30) == 1
    said = (tmp_path / "run.log").read_text(encoding="utf-8").strip()
    assert said.splitlines()[-1].startswith(f"Port {environment['PORT']} is taken.")
    assert "PORT=" in said


def test_a_bad_setting_stops_the_start_with_one_line(environment: dict[str, str], tmp_path: Path) -> None:
    process = run({**environment, "BOT_NOW": "morgen"}, tmp_path / "run.log")
    assert process.wait(30) == 1
    said = (tmp_path / "run.log").read_text(encoding="utf-8").strip().splitlines()
    assert "BOT_NOW" in said[-1]


def test_the_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "secret_key"
    made = secret(path)
    assert len(made) == 64
    assert secret(path) == made
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
