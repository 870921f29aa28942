"""Whatever is sent to the chat API and to the HR API, neither answers with an error of its own.

`make test` sends a small share, the same each time; `make fuzz COUNT=20000 SEED=1` sends as many as it is told to.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.candidates import office
from tests.conftest import TEST_SECRET
from tests.fuzz.chat_requests import (
    OWN_TOKEN,
    Attempt,
    Talk,
    attempts,
    encoded,
    header_names,
    header_values,
    problem_of,
    send,
)
from tools.servers import ChatServer, HrServer, hr_server

FULL = int(os.environ.get("FUZZ_COUNT", "0"))  # 0: the small share
SEED = int(os.environ.get("FUZZ_SEED", "1"))
SHARE, HR_SHARE = 200, 100
IN_A_CONVERSATION = 9  # requests after the one that begins it


def fuzzed(examples: int) -> Callable[[Any], Any]:
    """Settings for this many examples, of which none is remembered: a run says by itself what it tried."""
    chosen = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=not FULL,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    return lambda test: chosen(seed(SEED)(test) if FULL else test)


@pytest.fixture(scope="module")
def chat(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    """The chat server that tests share; for a full run one with a mail server and an HR backend beside it."""
    with ExitStack() as stack:
        if FULL:
            yield stack.enter_context(office(tmp_path_factory.mktemp("office"))).chat
        else:
            yield request.getfixturevalue("server")


def test_the_chat_api_answers_whatever_is_sent_as_its_contract_says(chat: ChatServer) -> None:
    answers: Counter[int] = Counter()

    @fuzzed((FULL or SHARE) // (IN_A_CONVERSATION + 1))
    @given(st.lists(attempts, min_size=IN_A_CONVERSATION, max_size=IN_A_CONVERSATION))
    def each_conversation(sent: list[Attempt]) -> None:
        talk = begun(chat)
        answers[201] += 1
        for attempt in sent:
            reply = talk.send(attempt)
            answers[reply.status] += 1
            assert problem_of(attempt, reply) is None, attempt
            if reply.status == 204 or (reply.status == 401 and attempt.token == OWN_TOKEN):  # erased
                talk = begun(chat)

    each_conversation()
    print(f"\nchat API: {sum(answers.values())} requests, answers by status: {dict(sorted(answers.items()))}")
    assert "33" in chat.converse().ask("hoeveel vakantiedagen krijg ik?")["text"]
    assert min(answers[200], answers[400]) > answers[201] / 4  # some of it is understood, and some is refused


def begun(chat: ChatServer) -> Talk:
    conversation = chat.converse().begun
    payloads = [button["payload"] for message in conversation["messages"] for button in message.get("buttons", [])]
    return Talk(chat.url, conversation["token"], payloads)


@pytest.mark.parametrize(
    "header",
    [
        (b"Content-Length", b"-1"),
        (b"Content-Length", b"onzin"),
        (b"Content-Length", b""),
        (b"Transfer-Encoding", b"gzip"),
        (b"Expect", b"iets"),
    ],
)
def test_a_body_that_ends_nowhere_is_refused_and_the_server_goes_on(chat: ChatServer, header: tuple[bytes, bytes]) -> None:
    """A negative length let the server run around in a loop for ever."""
    for method, path in (("POST", b"/webhooks/website/messages"), ("GET", b"/webhooks/website/messages")):
        assert send(chat.url, method, path, [header], b'{"text": "hallo"}').status in (400, 417)
    assert "33" in chat.converse().ask("hoeveel vakantiedagen krijg ik?")["text"]


def test_two_statements_about_where_a_body_ends_are_refused(chat: ChatServer) -> None:
    both = [(b"Content-Length", b"5"), (b"Transfer-Encoding", b"chunked")]
    assert send(chat.url, "POST", b"/webhooks/website/sessions", both, b"0\r\n\r\n").status == 400


@pytest.mark.parametrize("path", [b"/webhooks/website/\xff", "/webhooks/website/é".encode(), b"/\xed\xa0\x80"])
def test_an_address_in_other_than_ascii_is_answered(chat: ChatServer, path: bytes) -> None:
    assert send(chat.url, "GET", path, [], b"").status in (400, 404)


@pytest.mark.parametrize("header", [(b"Accept", b"\x00"), (b"Accept", b"*/*;q=x"), (b"Content-Type", b"\xff;charset=\xff")])
def test_headers_that_make_no_sense_change_nothing(chat: ChatServer, header: tuple[bytes, bytes]) -> None:
    assert send(chat.url, "GET", b"/webhooks/website/sessions", [header], b"").status == 405
    assert send(chat.url, "GET", b"/nergens", [header], b"").status == 404


@pytest.mark.parametrize(
    "value", [b"\xff\xfe", "é".encode(), b"onzin", b"", b",", b"x" * 5000], ids=lambda value: ascii(value[:10])
)
def test_a_forwarded_address_that_is_none_changes_nothing(chat: ChatServer, value: bytes) -> None:
    talk = begun(chat)
    said = Attempt("POST", b"/webhooks/website/messages", OWN_TOKEN, [(b"X-Forwarded-For", value)], b'{"text": "verlof?"}')
    assert talk.send(said).status == 200


def test_the_hr_api_answers_whatever_is_sent_as_its_document_says(tmp_path: Path) -> None:
    """Schemathesis makes requests from the document, right and wrong; headers of any bytes go with them."""
    answers: Counter[int] = Counter()
    with hr_server(tmp_path, TEST_SECRET) as hr:
        document = schemathesis.openapi.from_url(f"{hr.url}/openapi.json")
        kinds = [
            (operation, mode)
            for operation in (found.ok() for found in document.get_all_operations())
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
            if mode == GenerationMode.POSITIVE or operation.query or operation.path_parameters
        ]
        for operation, mode in kinds:
            obeys(operation, mode, (FULL or HR_SHARE) // len(kinds) // 2, answers)
        survives(hr, (FULL or HR_SHARE) // 2, answers)
        assert hr.get("candidates/K-2025-0001").status_code == 200
    print(f"\nHR API: {sum(answers.values())} requests, answers by status: {dict(sorted(answers.items()))}")


def obeys(operation: Any, mode: GenerationMode, examples: int, answers: Counter[int]) -> None:
    with requests.Session() as session:

        @fuzzed(examples)
        @given(operation.as_strategy(generation_mode=mode))
        def every_answer_is_in_the_document(case: schemathesis.Case) -> None:
            reply = case.call_and_validate(headers={"Authorization": f"Bearer {TEST_SECRET}"}, session=session)
            answers[reply.status_code] += 1

        every_answer_is_in_the_document()


def survives(hr: HrServer, examples: int, answers: Counter[int]) -> None:
    right = [(b"Authorization", f"Bearer {TEST_SECRET}".encode())]
    known = st.sampled_from(
        [b"/round", b"/health", b"/candidates/K-2025-0001", b"/candidates/by-email?email=amina@kandidaat.example"]
    )
    made_up = st.tuples(st.sampled_from([b"/candidates/", b"/candidates/by-email?email=", b"/"]), encoded).map(b"".join)

    @fuzzed(examples)
    @given(
        st.sampled_from(["GET", "GET", "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"]),
        st.one_of(known, made_up),
        st.one_of(st.just(right), st.just([]), st.tuples(st.just(b"Authorization"), header_values).map(lambda one: [one])),
        st.lists(st.tuples(st.one_of(st.just(b"X-Reader"), header_names), header_values), max_size=3),
    )
    def nothing_fails(method: str, path: bytes, token: list[Any], headers: list[Any]) -> None:
        reply = send(hr.url, method, path, token + headers, b"")
        answers[reply.status] += 1
        assert reply.status < 500

    nothing_fails()
