"""Mistyped words become the words that were meant, and what is a word already stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.nlu.spelling import COMMON, Spelling

SEEN = {"hoeveel": 40, "verlof": 40, "krijg": 40, "maaltijdcheques": 9, "loon": 5, "test": 5, "ik": 90, "brussel": 1}


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return Spelling(SEEN)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hoevel verlof", "hoeveel verlof"),  # a letter left out
        ("verrlof", "verlof"),  # one doubled
        ("velrof", "verlof"),  # two swapped
        ("VERLOD?", "verlof?"),  # the key beside it, and nothing else changes
        ("maaltijdchekes", "maaltijdcheques"),  # two errors in a long word
        ("hoeveelverlof", "hoeveel verlof"),  # a space left out
        ("hoeveel verlof krijg ik", "hoeveel verlof krijg ik"),
        ("lon", "lon"),  # too short to tell
        ("brussel", "brussel"),  # seen once: a word, but never put in the place of another
        ("brusel", "brusel"),
        ("Waregem 8500", "Waregem 8500"),  # like nothing that was seen
        ("", ""),
    ],
)
def test_what_was_typed_and_what_was_meant(spelling: Spelling, typed: str, meant: str) -> None:
    assert spelling.corrected(typed) == meant


def test_two_words_are_only_parted_where_both_are_common() -> None:
    assert Spelling({"hoeveel": COMMON, "verlof": COMMON}).corrected("hoeveelverlof") == "hoeveel verlof"
    assert Spelling({"hoeveel": COMMON, "verlof": COMMON - 1}).corrected("hoeveelverlof") == "hoeveelverlof"


def test_words_are_counted_whatever_their_case() -> None:
    assert Spelling.of(["Verlof, verlof?", "VERLOF 20"]).seen == {"verlof": 3}


@settings(max_examples=100)
@given(text=st.text(max_size=200))
def test_any_text_can_be_corrected(spelling: Spelling, text: str) -> None:
    assert isinstance(spelling.corrected(text), str)
