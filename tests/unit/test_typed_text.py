"""What a person types is text: readable, and never one of Rasa's commands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.typed_text import readable, without_command

SLASHES = ["/", "//", " /", "\N{NO-BREAK SPACE}/", "\N{ZERO WIDTH SPACE}/", "\N{FULLWIDTH SOLIDUS}", "\N{FRACTION SLASH}",
           "\N{DIVISION SLASH}", "\N{RIGHT-TO-LEFT OVERRIDE}/", "\n/", "/\N{ZERO WIDTH SPACE}/", "\N{SOFT HYPHEN}/"]  # fmt: skip


@pytest.mark.parametrize("slash", SLASHES)
def test_no_disguise_of_a_command_gets_through(slash: str) -> None:
    assert without_command(readable(f"{slash}restart")) == "restart"


@pytest.mark.parametrize("text", ["en/of", "24/7 telewerk?", "stad / OCMW", "wat?"])
def test_a_slash_within_a_sentence_stays(text: str) -> None:
    assert without_command(readable(text)) == text


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("  hallo\t", "hallo"),
        ("een\x00twee", "een twee"),
        ("een \ud800 twee", "een   twee"),
        ("regel\nregel", "regel\nregel"),
        ("cafe\N{COMBINING ACUTE ACCENT}", "café"),
        ("\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE} ", ""),
        (" \N{NO-BREAK SPACE}\t\n", ""),
        ("👩‍👩‍👧 verlof?", "👩‍👩‍👧 verlof?"),
    ],
)
def test_only_readable_characters_stay(typed: str, clean: str) -> None:
    assert readable(typed) == clean


@given(st.text(max_size=200))
def test_whatever_is_typed_can_be_stored_and_is_no_command(text: str) -> None:
    safe = without_command(readable(text))
    safe.encode("utf-8")
    assert "\x00" not in safe
    assert not safe.strip().startswith("/")
