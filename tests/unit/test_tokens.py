"""Tokens and button payloads cannot be made, changed or moved by anybody else, and tokens end."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from assistant.settings import BRUSSELS
from assistant.tokens import LIFETIME, Tokens

NOW = datetime(2025, 10, 25, 12, tzinfo=BRUSSELS)
SECRET = "s" * 40


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(SECRET, lambda: NOW)


def test_a_token_names_its_conversation_until_it_ends(tokens: Tokens) -> None:
    token, expires_at = tokens.issue("abc")
    assert tokens.conversation_of(token) == "abc"
    assert expires_at == NOW + LIFETIME
    almost = Tokens(SECRET, lambda: NOW + LIFETIME - timedelta(seconds=1))
    assert almost.conversation_of(token) == "abc"
    ended = Tokens(SECRET, lambda: NOW + LIFETIME)
    assert ended.conversation_of(token) is None


@pytest.mark.parametrize("token", ["", "x", "W10.x", "\ud800", "é", "a" * 5000])
def test_a_forged_token_is_refused(tokens: Tokens, token: str) -> None:
    assert tokens.conversation_of(token) is None


def test_a_token_of_another_server_is_refused(tokens: Tokens) -> None:
    other = Tokens("t" * 40, lambda: NOW)
    assert tokens.conversation_of(other.issue("abc")[0]) is None


def test_every_change_to_a_token_breaks_it(tokens: Tokens) -> None:
    token, _ = tokens.issue("abc")
    for position, character in enumerate(token[:-1]):  # the last character of base64 has bits that say nothing
        changed = token[:position] + ("A" if character != "A" else "B") + token[position + 1 :]
        assert tokens.conversation_of(changed) is None


def test_a_button_works_only_in_the_conversation_that_it_was_offered_in(tokens: Tokens) -> None:
    payload = tokens.button_payload("abc", "verlof", "Verlof")
    assert tokens.button_of("abc", payload) == ("verlof", "Verlof")
    assert tokens.button_of("def", payload) is None


def test_a_token_is_no_button_and_a_button_no_token(tokens: Tokens) -> None:
    token, _ = tokens.issue("abc")
    assert tokens.button_of("abc", token) is None
    assert tokens.conversation_of(tokens.button_payload("abc", "verlof", "Verlof")) is None
