"""Mails are made from their templates; what a person typed stays harmless text."""

from __future__ import annotations

from datetime import datetime

import pytest

from assistant.facts import load_facts
from assistant.mail.messages import Messages
from assistant.settings import BRUSSELS

NOW = datetime(2025, 10, 26, 2, 30, tzinfo=BRUSSELS)


@pytest.fixture
def messages() -> Messages:
    return Messages("Kandidaat-assistent <assistent@kortrijk.example>", load_facts(), lambda: NOW)


def test_a_code_is_easy_to_read_and_says_what_to_do_with_it(messages: Messages) -> None:
    mail = messages.compose("code", to="amina@kandidaat.example", voornaam="Amina", code="012345", minuten=10)
    text = mail.get_content()
    assert mail["To"] == "amina@kandidaat.example"
    assert mail["From"] == "Kandidaat-assistent <assistent@kortrijk.example>"
    assert "012 345" in text
    assert "012" not in mail["Subject"]
    assert "10 minuten" in text
    assert "aan niemand door" in text
    assert "056 27 85 03" in text
    assert mail["Message-ID"].endswith("@kortrijk.example>")


def test_an_unknown_address_gets_no_code(messages: Messages) -> None:
    text = messages.compose("onbekend_adres", to="wie@kandidaat.example").get_content()
    assert "geen kandidaat met dit adres" in text
    assert not any(character.isdigit() for character in text.replace("056 27 85 03", ""))


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", "zonder at"])
def test_an_address_that_is_more_than_one_address_is_refused(messages: Messages, address: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the standard library's own, with several messages
        messages.compose("onbekend_adres", to=address)


def test_a_name_with_line_breaks_adds_no_header(messages: Messages) -> None:
    name = "Amina\r\nBcc: c@d.example"
    mail = messages.compose("code", to="a@b.example", voornaam=name, code="123456", minuten=10)
    assert mail["Bcc"] is None
    assert b"\r\nBcc:" not in mail.as_bytes().split(b"\r\n\r\n", 1)[0]
