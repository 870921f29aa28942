"""A log line is one line, names its process, and shows nothing that a person wrote."""

from __future__ import annotations

import logging
import sys

from assistant.log import OneLine


def line(message: str, error: BaseException | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, message, (), info)
    return OneLine("chat").format(record)


def test_a_line_break_in_a_message_makes_no_new_line() -> None:
    written = line("een\n2025-01-01 chat INFO x: vervalst\r\x1b[31m\N{LINE SEPARATOR}")
    assert len(written.splitlines()) == 1
    assert " chat ERROR x: " in written


def test_an_exception_is_logged_as_its_types_and_places_without_its_message() -> None:
    try:
        try:
            raise ValueError("mijn nummer is 0470 12 34 56")
        except ValueError as cause:
            raise RuntimeError("amina@kandidaat.example") from cause
    except RuntimeError:
        error = sys.exc_info()[1]
    written = line("request failed", error)
    assert "RuntimeError@test_log.py" in written
    assert "ValueError@test_log.py" in written
    assert "0470" not in written
    assert "amina" not in written
