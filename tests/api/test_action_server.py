"""The action server answers the chat server and nobody else; without it the candidate is told."""

from __future__ import annotations

import json

import pytest
import requests

from tools.servers import ChatServer

CALL = {
    "next_action": "action_agenda",
    "sender_id": "a",
    "tracker": {"sender_id": "a", "slots": {}, "events": []},
    "domain": {},
}
PLANTED = "een geheime zin van een kandidaat"


@pytest.mark.parametrize(
    "headers", [{}, {"X-Action-Token": ""}, {"X-Action-Token": "x" * 64}, {"Authorization": "Bearer x"}]
)
@pytest.mark.parametrize(("method", "path"), [("POST", "webhook"), ("GET", "actions"), ("GET", "health")])
def test_a_call_without_the_shared_secret_is_refused(
    server: ChatServer, headers: dict[str, str], method: str, path: str
) -> None:
    body = {**CALL, "tracker": {**CALL["tracker"], "latest_message": {"text": PLANTED}}}
    reply = requests.request(method, f"{server.actions_url}/{path}", json=body, headers=headers, timeout=5)
    assert reply.status_code == 401
    assert reply.json() == {"error": "unauthorized"}


def test_it_listens_on_this_machine_only(server: ChatServer) -> None:
    assert server.actions_url.startswith("http://127.0.0.1:")
    port = server.actions_url.rsplit(":", 1)[1]
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.2:{port}/health", timeout=2)


def test_an_error_does_not_send_the_conversation_back(start) -> None:
    running = start(ACTION_TOKEN="t" * 40)
    headers = {"X-Action-Token": "t" * 40}
    for body in (b"geen json " + PLANTED.encode(), json.dumps({"next_action": "bestaat_niet", "tracker": PLANTED}).encode()):
        reply = requests.post(f"{running.actions_url}/webhook", data=body, headers=headers, timeout=5)
        assert reply.status_code >= 400
        assert PLANTED not in reply.text
    assert PLANTED not in running.log.read_text(encoding="utf-8")


def test_a_candidate_gets_the_dates_as_a_calendar_file(start) -> None:
    message = start(BOT_NOW="2025-10-24T10:00:00+02:00").converse().ask("kan je de data in mijn agenda zetten?")
    attachment = message["attachment"]
    assert set(attachment) == {"title", "filename", "mime", "data"}
    assert attachment["mime"] == "text/calendar"
    assert attachment["data"].startswith("BEGIN:VCALENDAR")
    assert "20251103" in attachment["data"]
    assert "20251022" not in attachment["data"]


def test_a_stopped_action_server_gives_an_apology_with_the_contact_and_the_conversation_goes_on(start) -> None:
    running = start()
    conversation = running.converse()
    running.actions.terminate()
    running.actions.wait(20)
    message = conversation.ask("kan je de data in mijn agenda zetten?")
    assert "056 27 85 03" in message["text"]
    assert "vacatures@kortrijk.be" in message["text"]
    assert "33" in conversation.ask("hoeveel verlof krijg ik?")["text"]
