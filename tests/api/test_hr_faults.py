"""Whatever goes wrong between the assistant and the HR backend, the candidate reads a clear sentence within seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from assistant.dossier.hr_client import (
    BUDGET_SECONDS,
    HrClient,
    HrError,
    HrMalformedError,
    HrNotFoundError,
    HrRefusedError,
    HrTimedOutError,
    HrUnavailableError,
)
from tests.candidates import Office, code_in, office
from tests.faulty import FAULTS, FaultyProxy, faulty_proxy
from tools.mail_catcher import mail_catcher
from tools.servers import Conversation, HrServer, chat_server, free_port, hr_server

UNREACHABLE = "Ik kan je dossier nu niet bereiken"
MOST_SECONDS = BUDGET_SECONDS + 4  # the budget, and what Rasa and the action server take on a busy machine


@pytest.fixture(scope="module")
def hr(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HrServer]:
    with hr_server(tmp_path_factory.mktemp("hr")) as running:
        yield running


@pytest.fixture(scope="module")
def proxy(hr: HrServer) -> Iterator[FaultyProxy]:
    with faulty_proxy(hr.url) as running:
        yield running


@pytest.fixture(autouse=True)
def healthy_again(proxy: FaultyProxy) -> Iterator[None]:
    yield
    proxy.fault = ""


@pytest.fixture
def client(proxy: FaultyProxy, hr: HrServer) -> HrClient:
    return HrClient(proxy.url, hr.token)


def test_a_healthy_backend_is_read_into_dataclasses(client: HrClient) -> None:
    candidate = client.candidate_of("Chloe@Kandidaat.example")
    dossier = client.dossier_of(candidate.number)
    assert dossier.candidate == candidate
    assert dossier.candidate.steps[2].interview_at is not None
    assert dossier.round.year == 2025


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("500", HrUnavailableError),
        ("closed", HrUnavailableError),
        ("401", HrRefusedError),
        ("html", HrMalformedError),
        ("half", HrMalformedError),
        ("other", HrMalformedError),
        ("redirect", HrMalformedError),
        ("endless", HrMalformedError),
        ("slow", HrTimedOutError),
        ("trickle", HrTimedOutError),
    ],
)
def test_each_fault_is_told_apart_within_the_budget(
    client: HrClient, proxy: FaultyProxy, fault: str, kind: type[HrError]
) -> None:
    proxy.fault = fault
    began = time.monotonic()
    with pytest.raises(kind):
        client.dossier_of("K-2025-0001")
    assert time.monotonic() - began < MOST_SECONDS


def test_nobody_is_not_found_and_nothing_listens_is_unavailable(client: HrClient) -> None:
    with pytest.raises(HrNotFoundError):
        client.candidate_of("niemand@kandidaat.example")
    with pytest.raises(HrUnavailableError):
        HrClient(f"http://127.0.0.1:{free_port()}", "x" * 40).dossier_of("K-2025-0001")


def test_what_passes_is_tried_again(client: HrClient, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first try fails, the second finds the backend well: the candidate notices nothing."""
    proxy.fault = "500"
    monkeypatch.setattr("assistant.dossier.hr_client.time.sleep", lambda _: setattr(proxy, "fault", ""))
    assert client.dossier_of("K-2025-0001").candidate.first_name == "Amina"


@pytest.fixture(scope="module")
def conversation(hr: HrServer, proxy: FaultyProxy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Conversation]:
    """Somebody who is identified, before anything goes wrong."""
    folder = tmp_path_factory.mktemp("chat")
    with mail_catcher(folder / "mail") as mail:
        settings = {**hr.settings, "HR_URL": proxy.url, "SMTP_PORT": str(mail.port), "BOT_NOW": "2025-10-30T10:00:00+01:00"}
        with chat_server(folder, CHAT_RATE_LIMIT="off", **settings) as chat:
            yield Office(chat, hr, mail).identified("gita@kandidaat.example")
            assert "kandidaat.example" not in chat.log.read_text(encoding="utf-8")
            assert code_in(mail)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_candidate_reads_a_clear_sentence_and_goes_on(
    conversation: Conversation, proxy: FaultyProxy, fault: str
) -> None:
    proxy.fault = fault
    began = time.monotonic()
    answer = conversation.ask("waar zit ik in de procedure?")
    assert time.monotonic() - began < MOST_SECONDS
    assert UNREACHABLE in answer["text"]
    assert "056 27 85 03" in answer["text"]
    assert "Met een medewerker spreken" in [button["title"] for button in answer["buttons"]]
    assert "33 tot 35" in conversation.ask("hoeveel verlof krijg ik?")["text"]
    proxy.fault = ""
    assert "6 november 2025" in conversation.ask("waar zit ik in de procedure?")["text"]


def test_without_a_backend_no_code_is_sent_and_it_does_not_count(conversation: Conversation, proxy: FaultyProxy) -> None:
    conversation.ask("uitloggen")
    proxy.fault = "500"
    for _ in range(4):
        conversation.ask("ik wil inloggen")
        assert UNREACHABLE in conversation.ask("jef@kandidaat.example")["text"]
    proxy.fault = ""
    conversation.ask("ik wil inloggen")
    assert "een mail met een code" in conversation.ask("jef@kandidaat.example")["text"]


def test_a_mail_that_cannot_leave_is_told(hr: HrServer, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("no mail")
    with chat_server(folder, CHAT_RATE_LIMIT="off", SMTP_PORT=str(free_port()), **hr.settings) as chat:
        for address in ("amina@kandidaat.example", "niemand@kandidaat.example"):
            conversation = chat.converse()
            conversation.ask("ik wil inloggen")
            assert "De mail met de code kon niet vertrekken" in conversation.ask(address)["text"]
            assert "33 tot 35" in conversation.ask("hoeveel verlof krijg ik?")["text"]


def test_a_backend_that_is_killed_and_comes_back(tmp_path: Path) -> None:
    """Its process dies without a word; the conversation goes on, and so does the file once another listens there."""
    with ExitStack() as stack:
        kortrijk = stack.enter_context(office(tmp_path, BOT_NOW="2025-10-30T10:00:00+01:00"))
        conversation = kortrijk.identified("gita@kandidaat.example")
        kortrijk.hr.process.kill()
        kortrijk.hr.process.wait(10)
        assert UNREACHABLE in conversation.ask("waar zit ik in de procedure?")["text"]
        assert "33 tot 35" in conversation.ask("hoeveel verlof krijg ik?")["text"]
        stack.enter_context(hr_server(tmp_path, kortrijk.hr.token, port=int(kortrijk.hr.url.rsplit(":", 1)[1])))
        assert "6 november 2025" in conversation.ask("waar zit ik in de procedure?")["text"]
