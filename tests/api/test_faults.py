"""A short form of `make faults`: three parts fail while candidates talk and pass questions on."""

from __future__ import annotations

from pathlib import Path

from tests.faults.candidates import NOTHING
from tests.faults.parts import wait_until
from tests.faults.suite import suite

FAULTS = [("action server", "killed"), ("PostgreSQL", "killed"), ("mail server", "stopped")]
HOLD_SECONDS = 1.0
PATIENCE_SECONDS = 120.0  # of a candidate; a slow machine is no fault


def test_whatever_fails_candidates_are_told_and_what_was_promised_is_kept(tmp_path: Path) -> None:
    with suite(tmp_path, candidates=3, seconds=PATIENCE_SECONDS) as running:
        for part, fault in FAULTS:
            seen = running.disturb(part, fault, HOLD_SECONDS)
            assert seen.kinds[NOTHING] == 0, seen
        wait_until(lambda: all(each.references for each in running.candidates), "everybody has passed a question on")
        kept = running.end()
    assert kept.problems == []
    assert kept.arrived == kept.promised >= 3
