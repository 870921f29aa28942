"""The search for what people wrote finds it: a check that can find nothing proves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import log_markers


@pytest.mark.parametrize(
    ("line", "leaks"),
    [
        ("INFO: mail KV-7K3-M9F sent", 0),
        ("ERROR: refused by amina@kandidaat.example", 1),
        ("ERROR: Jan De Smet asked 'krijg ik een laptop van het werk?'", 2),
        ("the code 123 456", 1),
        ("the code 123456.", 1),
        ("conversation=00123456ab, pid 9123456, at 12:34:56", 0),
    ],
)
def test_it_is_found(line: str, leaks: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_markers, "markers", log_markers.PEOPLE | {"krijg ik een laptop van het werk?"})
    monkeypatch.setattr(log_markers, "codes", {"123456"})
    log = tmp_path / "server.txt"  # not a log of this run, which is searched at its end
    log.write_text(line, encoding="utf-8")
    assert len(log_markers.leaks([log])) == leaks
