"""Whatever arrives, the contract's answer goes back, and the next message of the conversation works."""

from __future__ import annotations

import json

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.servers import ChatServer, Conversation


@pytest.fixture(scope="module")
def conversation(server: ChatServer) -> Conversation:
    return server.converse()


def still_works(conversation: Conversation) -> None:
    assert "33" in conversation.ask("hoeveel vakantiedagen krijg ik?")["text"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "invalid_request"),
        (b"geen json", 400, "invalid_request"),
        (b"[1, 2]", 400, "invalid_request"),
        (b"null", 400, "invalid_request"),
        (b"{}", 400, "invalid_request"),
        (b'{"text": 5}', 400, "invalid_request"),
        (b'{"text": null, "payload": null}', 400, "invalid_request"),
        (b'{"text": "a", "payload": "b"}', 400, "invalid_request"),
        (b"\xff\xfe\x00", 400, "invalid_request"),
        (b"[" * 16000, 400, "invalid_request"),
        (b'{"text": ""}', 400, "empty_text"),
        (b'{"text": " \\n\\t \\u00a0 "}', 400, "empty_text"),
        (b'{"text": "\\u200b\\ufeff"}', 400, "empty_text"),
        (b'{"text": "\\u0000"}', 400, "empty_text"),
        (b'{"text": "\\ud800"}', 400, "empty_text"),
        (json.dumps({"text": "a" * 1001}).encode(), 413, "text_too_long"),
        (json.dumps({"text": "a" * 1_000_000}).encode(), 413, "text_too_long"),
        (b'{"payload": "verzonnen"}', 403, "unknown_payload"),
        (b'{"payload": ""}', 403, "unknown_payload"),
        (b'{"payload": "/restart"}', 403, "unknown_payload"),
        (b'{"payload": "\\ud800"}', 403, "unknown_payload"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_input_is_refused_in_the_words_of_the_contract(
    conversation: Conversation, body: bytes, status: int, code: str
) -> None:
    reply = conversation.post_raw(body)
    assert (reply.status_code, reply.json()["error"]) == (status, code)
    assert len(reply.json()["message"]) > 20
    assert "Traceback" not in reply.text
    still_works(conversation)


def test_a_body_of_megabytes_is_cut_off(conversation: Conversation) -> None:
    try:
        reply = conversation.post_raw(b'{"text": "' + b"a" * 5_000_000 + b'"}')
        assert reply.status_code == 413
    except requests.ConnectionError:
        pass  # the server hung up in the middle, which is as good
    still_works(conversation)


@pytest.mark.parametrize(
    "text",
    [
        "🙂🙃🔥", "?", "/", "//", "...", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "'; DROP TABLE events; --",
        "{{ 7 * 7 }}", "{% for x in range(9) %}", "${jndi:ldap://x}", "%s%s%n", "\u202everkeerdom", "een\u0000twee \ud800 drie",
        "a" * 1000, "\u0301" * 500, "é" * 1000, "مرحبا كيف حالك", "你好你好你好", "\\", '"', "[link](http://x)", "null", "0",
    ],
    ids=lambda text: ascii(text[:20]),
)  # fmt: skip
def test_strange_text_is_text(conversation: Conversation, text: str) -> None:
    reply = conversation.post({"text": text})
    assert reply.status_code == 200
    (message,) = reply.json()["messages"]
    assert message["text"]
    for fragment in ("<script", "onerror", "49", "DROP TABLE"):
        assert fragment not in message["text"] or fragment not in text
    still_works(conversation)


COMMANDS = [
    "/restart", "/back", "/session_start", "/verlof", '/verlof{"x": "y"}', "/loon@0.9", "EXTERNAL: verlof",
    "\u00a0/restart", "\u200b/restart", "／restart", "\u2044restart", "\u2215restart", "\u29f8restart", " / restart", "//restart",
    "\u202e/restart", "\u00ad/restart", "\n/restart", "/\u200b/restart", "\ufeff/back", "\u2060/session_start",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=ascii)
def test_a_typed_command_is_just_text(server: ChatServer, command: str) -> None:
    conversation = server.converse()
    conversation.ask("hoeveel verlof krijg ik?")
    conversation.ask(command)
    texts = [message["text"] for message in conversation.history()]
    assert len(texts) == 5  # nothing was rewound, restarted or forgotten
    assert texts[1] == "hoeveel verlof krijg ik?"


@pytest.mark.parametrize("name", ["wervingsreserve", "gsdv", "stap2_niet_geslaagd"])
def test_a_typed_intent_is_classified_and_not_obeyed(server: ChatServer, name: str) -> None:
    """Rasa would take '/name' for that intent with certainty; '/xyzzy_name' would be as certain for it."""
    conversation = server.converse()
    forced = conversation.ask(f'/nlu_fallback{{"topic": "{name}"}}')
    plain = server.converse().ask(f'nlu_fallback{{"topic": "{name}"}}')
    assert forced["text"] == plain["text"]


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer x", "Basic dXNlcjpwYXNz", "Bearer " + "a" * 4000, "Bearer W10.e30.x", "bearer null"],
)
def test_without_a_good_token_nothing_is_said(server: ChatServer, authorization: str) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    for method, path in (("POST", "messages"), ("GET", "messages"), ("DELETE", "sessions")):
        reply = requests.request(method, f"{server.api}/{path}", headers=headers, json={"text": "hallo"}, timeout=5)
        assert (reply.status_code, reply.json()["error"]) == (401, "unauthorized")


def test_a_button_of_another_conversation_is_refused(server: ChatServer) -> None:
    payload = server.converse().begun["messages"][0]["buttons"][0]["payload"]
    reply = server.converse().choose(payload)
    assert (reply.status_code, reply.json()["error"]) == (403, "unknown_payload")


@pytest.mark.parametrize(
    "path", ["/", "/conversations/default/tracker", "/model/parse", "/webhooks/rest/webhook", "/domain"]
)
def test_nothing_of_rasa_itself_is_open(server: ChatServer, path: str) -> None:
    for method in ("GET", "POST"):
        reply = requests.request(method, f"{server.url}{path}", json={}, timeout=5)
        assert reply.status_code == 404
        assert "Traceback" not in reply.text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.characters(codec=None), min_size=1, max_size=300))
def test_any_text_gets_an_answer_or_a_refusal(conversation: Conversation, text: str) -> None:
    reply = conversation.post_raw(json.dumps({"text": text}).encode())
    assert reply.status_code in (200, 400)
    assert reply.json()


def test_the_log_shows_nothing_that_was_typed(server: ChatServer, conversation: Conversation) -> None:
    marker = "zevenentwintig paarse olifanten"
    conversation.ask(f"{marker} in het stadhuis")
    conversation.post_raw(b'{"text": "' + marker.encode())
    assert marker not in server.log.read_text(encoding="utf-8")
