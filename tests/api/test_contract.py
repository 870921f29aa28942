"""The chat API does what docs/chat-api.md says."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import requests

from assistant.rate_limits import ADDRESS_SHARE
from tests.fuzz.chat_requests import send
from tools.servers import ChatServer, Conversation, ServerError, chat_server


@pytest.fixture
def conversation(server: ChatServer) -> Conversation:
    return server.converse()


def test_liveness(server: ChatServer) -> None:
    reply = requests.get(f"{server.api}/", timeout=5)
    assert reply.status_code == 200
    assert reply.json() == {"status": "ok"}


def test_a_new_conversation_greets_and_says_that_it_is_a_computer_program(conversation: Conversation) -> None:
    begun = conversation.begun
    assert set(begun) == {"token", "expires_at", "messages"}
    assert datetime.fromisoformat(begun["expires_at"]).utcoffset() in (timedelta(hours=1), timedelta(hours=2))
    (greeting,) = begun["messages"]
    assert "computerprogramma" in greeting["text"]
    assert "beslis niets" in greeting["text"]
    assert 1 <= len(greeting["buttons"]) <= 3


def test_a_question_gets_an_answer_with_buttons_and_links_only_where_there_are_any(conversation: Conversation) -> None:
    message = conversation.ask("hoeveel krijg ik voor een maaltijdcheque?")
    assert "€ 7,50" in message["text"]
    assert set(message) == {"text", "buttons"}
    assert all(set(button) == {"title", "payload"} for button in message["buttons"])
    message = conversation.ask("waar staan de veelgestelde vragen?")
    assert message["links"] == [
        {
            "title": "Veelgestelde vragen over werken bij Kortrijk",
            "url": "https://www.kortrijk.be/veelgestelde-vragen-over-werken-bij-kortrijk",
        }
    ]


def test_a_button_that_was_offered_can_be_chosen(conversation: Conversation) -> None:
    offered = conversation.ask("hoeveel verlof krijg ik?")["buttons"][0]
    reply = conversation.choose(offered["payload"])
    assert reply.status_code == 200
    assert reply.json()["messages"][0]["text"]


def test_the_history_shows_both_sides_oldest_first(conversation: Conversation) -> None:
    answer = conversation.ask("/hoeveel verlof krijg ik?")
    button = answer["buttons"][0]
    chosen = conversation.choose(button["payload"]).json()["messages"][0]
    history = conversation.history()
    assert [message["from"] for message in history] == ["bot", "user", "bot", "user", "bot"]
    assert [message["text"] for message in history[1:]] == [
        "/hoeveel verlof krijg ik?", answer["text"], button["title"], chosen["text"],
    ]  # fmt: skip
    assert history[2]["buttons"] == answer["buttons"]
    instants = [datetime.fromisoformat(message["at"]) for message in history]
    assert instants == sorted(instants)


def test_a_long_conversation_is_kept_whole(conversation: Conversation) -> None:
    """Rasa's session starts anew from time to time so that it stays fast; the candidate's history does not."""
    for _ in range(55):
        conversation.ask("hoeveel verlof krijg ik?")
    assert len(conversation.history()) == 1 + 2 * 55


def test_a_deleted_conversation_is_gone_and_its_token_opens_nothing(conversation: Conversation) -> None:
    conversation.ask("hoeveel verlof krijg ik?")
    assert conversation.end().status_code == 204
    for reply in (conversation.post({"text": "hallo"}), conversation.end()):
        assert reply.status_code == 401
        assert reply.json()["error"] == "unauthorized"


def test_conversations_survive_a_restart_of_the_server(start) -> None:
    first = start()
    conversation = first.converse()
    answer = conversation.ask("hoeveel verlof krijg ik?")
    first.process.terminate()
    first.process.wait(20)
    second = start()
    conversation.api = second.api
    assert [message["text"] for message in conversation.history()][-1] == answer["text"]
    assert conversation.choose(answer["buttons"][0]["payload"]).status_code == 200


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    with chat_server(tmp_path_factory.mktemp("limited"), CHAT_RATE_LIMIT="3/minute", CHAT_PROXIES="1") as running:
        yield running


def test_too_many_messages_are_told_when_to_try_again(limited: ChatServer) -> None:
    conversation = limited.converse()
    assert [conversation.post({"text": "verlof?"}).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = conversation.post({"text": "verlof?"})
    assert refused.json()["error"] == "too_many_requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Retry-After"] in refused.json()["message"]
    assert limited.converse().post({"text": "verlof?"}).status_code == 200


def test_an_address_that_a_browser_makes_up_does_not_take_the_place_of_what_our_proxy_saw(limited: ChatServer) -> None:
    def begin(made_up: str, seen: str) -> int:
        headers = [(b"X-Forwarded-For", address.encode()) for address in (made_up, seen)]
        return send(limited.url, "POST", b"/webhooks/website/sessions", headers, b"").status

    most = 3 * ADDRESS_SHARE
    assert [begin(f"198.51.100.{number}", "203.0.113.5") for number in range(most + 1)] == [201] * most + [429]
    assert begin("203.0.113.5", "203.0.113.6") == 201


def test_the_clock_of_the_demonstration_is_the_clock_of_the_answers(start) -> None:
    conversation = start(BOT_NOW="2025-11-01T10:00:00+01:00").converse()
    assert conversation.begun["expires_at"].startswith("2025-11-02T10:00:00+01:00")
    assert "Je hebt nog 2 dagen" in conversation.ask("tegen wanneer moet de computertest klaar zijn?")["text"]


@pytest.mark.parametrize("origin", ["https://evil.example", "https://www.kortrijk.be.evil.example", "null"])
def test_other_websites_cannot_read_answers(server: ChatServer, origin: str) -> None:
    asking = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    for method, path in (("POST", "sessions"), ("OPTIONS", "messages")):
        reply = requests.request(method, f"{server.api}/{path}", headers=asking, timeout=5)
        assert "Access-Control-Allow-Origin" not in reply.headers


def test_the_website_of_the_city_can_talk_to_the_assistant(server: ChatServer) -> None:
    headers = {"Origin": "https://www.kortrijk.be"}
    asking = {
        **headers,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    preflight = requests.options(f"{server.api}/messages", headers=asking, timeout=5)
    assert preflight.ok
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert {"authorization", "content-type"} <= set(
        re.split(", *", preflight.headers["Access-Control-Allow-Headers"].lower())
    )
    for reply in (preflight, requests.post(f"{server.api}/sessions", headers=headers, timeout=5)):
        assert reply.headers["Access-Control-Allow-Origin"] == "https://www.kortrijk.be"
    assert "Retry-After" in reply.headers["Access-Control-Expose-Headers"]
    assert reply.headers["Cache-Control"] == "no-store"
    refused = requests.get(f"{server.api}/messages", headers=headers, timeout=5)
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == "https://www.kortrijk.be"


def test_an_outage_of_the_database_is_said_and_passes(start, tmp_path) -> None:
    """Rasa's own wrapper would go on with a blank memory and lose what is said."""
    running = start()
    conversation = running.converse()
    database = tmp_path / "assistant.db"
    hidden = [path.rename(path.with_name(path.name + ".away")) for path in tmp_path.glob("assistant.db*")]
    database.mkdir()
    # Connections in the pool still see the renamed file; a fresh server meets the outage at its start.
    running.process.terminate()
    running.process.wait(20)
    with pytest.raises(ServerError, match="did not start"):
        start()
    database.rmdir()
    for path in hidden:
        path.rename(path.with_name(path.name.removesuffix(".away")))
    conversation.api = start().api
    assert conversation.post({"text": "hoeveel verlof krijg ik?"}).status_code == 200


def test_a_locked_database_gives_the_contact_and_the_conversation_goes_on(start, tmp_path) -> None:
    running = start()
    conversation = running.converse()
    lock = sqlite3.connect(tmp_path / "assistant.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    refused = conversation.post({"text": "hoeveel verlof krijg ik?"})
    assert time.monotonic() - began < 15
    assert refused.status_code == 503
    assert refused.json()["error"] == "unavailable"
    assert "056 27 85 03" in refused.json()["message"]
    assert "vacatures@kortrijk.be" in refused.json()["message"]
    lock.execute("ROLLBACK")
    lock.close()
    assert "33" in conversation.ask("hoeveel verlof krijg ik?")["text"]
