"""An address or a code is found however people type it, and never in what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.identity.typed_values import address_in, code_in


@pytest.mark.parametrize(
    "text",
    [
        "amina@kandidaat.example",
        "  Amina@Kandidaat.Example  ",
        "amina@kandidaat.example.",
        "mijn mail is amina@kandidaat.example, dank u!",
        "mijn adres:amina@kandidaat.example",
        "<amina@kandidaat.example>",
        "(amina@kandidaat.example)",
        "amina @ kandidaat.example",
        "amina@ kandidaat . example",
        "amina@kandidaat.example of toch amina@kandidaat.example",
    ],
)
def test_an_address_is_found(text: str) -> None:
    assert address_in(text) == "amina@kandidaat.example"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "geen mail",
        "amina@",
        "@kandidaat.example",
        "amina@kandidaat",
        "amina@kandidaat.example dirk@kandidaat.example",
        "amina@kandidaat.example\nBcc: dirk@kandidaat.example",
        "аmina@kandidaat.example",  # the first letter is Cyrillic
        "amina@kandidaаt.example",
        "ﬁnn@kandidaat.example",  # a ligature that folds to fi
        "amina＠kandidaat.example",
        "amina@kandidaat.example%0d%0aBcc:dirk@kandidaat.example",
        "a" * 250 + "@kandidaat.example",
    ],
)
def test_what_is_not_one_address_is_none(text: str) -> None:
    assert address_in(text) is None


@pytest.mark.parametrize(
    "text",
    ["123456", " 123456 ", "123456.", "123 456", "12 34 56", "1 2 3 4 5 6", "123-456", "de code is 123456!", "１２３４５６"],
)
def test_a_code_is_found(text: str) -> None:
    assert code_in(text) == "123456"


@pytest.mark.parametrize("text", ["", "12345", "1234567", "056 27 85 03", "tot 27 oktober 2025", "abc", "27/10/2025"])
def test_another_number_is_no_code(text: str) -> None:
    assert code_in(text) is None


@given(st.text())
def test_whatever_is_typed_gives_an_answer(text: str) -> None:
    address = address_in(text)
    assert address is None or (address.isascii() and "@" in address)
    code = code_in(text)
    assert code is None or (len(code) == 6 and code.isascii() and code.isdigit())
