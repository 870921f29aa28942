"""'Wis mijn gegevens' and the DELETE of the chat API leave nothing behind, in any table."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from assistant.hand_off.hand_offs import hand_off
from assistant.mail.outbox import SENT, outbox
from assistant.privacy.erasure import NOBODY
from assistant.storage import conversation as conversations
from assistant.storage import open_database
from tests.candidates import Office, office
from tools.servers import Conversation, mail_worker

NOW = "2025-10-30T10:00:00+01:00"
SECONDS = 60
KEYS = ("conversation_id", "sender_id")  # how a table names the conversation that a row belongs to
GITA = ("gita@kandidaat.example", "Gita", "K-2025-0007")
WORDS = ("kikkererwtensoep", "rodekoolstoemp", "waterzooi")  # typed in the conversation, and nowhere else


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('data')}/assistant.db"


@pytest.fixture(scope="module")
def kortrijk(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("office"), BOT_NOW=NOW, DATABASE_URL=database) as running:
        yield running


def rows(database: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that is in the database, whoever made it."""
    with open_database(database).connect() as connection:
        tables = reflected(database).sorted_tables
        return {table.name: [dict(row) for row in connection.execute(table.select()).mappings()] for table in tables}


def reflected(database: str) -> sa.MetaData:
    """The tables that are in the database."""
    found = sa.MetaData()
    found.reflect(open_database(database))
    return found


def tables_with(database: str, *values: str) -> set[str]:
    """The tables in which one of `values` stands anywhere, also within a text or a mail."""

    def holds(content: Any) -> bool:
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else str(content)
        return any(value in text for value in values)

    return {
        name for name, found in rows(database).items() if any(holds(content) for row in found for content in row.values())
    }


def newest_conversation(database: str) -> str:
    """The id of the conversation that is held; a browser never learns it."""
    with open_database(database).connect() as connection:
        query = sa.select(conversations.c.id).order_by(conversations.c.last_message_at.desc(), sa.text("rowid DESC"))
        return str(connection.execute(query.limit(1)).scalar_one())


def passed_on(conversation: Conversation, question: str) -> str:
    """Pass a question on; return its reference."""
    conversation.ask("ik wil iemand spreken")
    conversation.ask(question)
    told = conversation.ask("ja")["text"]
    return told.split("Je referentie is ")[1][:10]


def everything(kortrijk: Office, database: str) -> tuple[Conversation, str, str]:
    """A conversation that leaves something in every table; the references of what the city has, and of what waits."""
    conversation = kortrijk.identified(GITA[0])
    conversation.ask(f"hoeveel verlof krijg ik, en {WORDS[0]}?")
    at_the_city = passed_on(conversation, f"is er ook {WORDS[1]} in het restaurant?")
    sent = sa.select(outbox.c.id).where(outbox.c.reference == at_the_city, outbox.c.state == SENT)
    with mail_worker(kortrijk.mail.folder.parent, database, kortrijk.mail.port, BOT_NOW=NOW):
        deadline = time.monotonic() + SECONDS
        while not rows_of(database, sent):
            assert time.monotonic() < deadline
            time.sleep(0.2)
    on_its_way = passed_on(conversation, f"en krijg ik dan ook {WORDS[2]}?")
    return conversation, at_the_city, on_its_way


def rows_of(database: str, query: Any) -> list[Any]:
    with open_database(database).connect() as connection:
        return list(connection.execute(query).all())


def typed(conversation: Conversation) -> str:
    asked = conversation.ask("wis mijn gegevens")["text"]
    assert "Zal ik dit gesprek wissen" in asked
    told: str = conversation.ask("ja")["text"]
    return told


def deleted(conversation: Conversation) -> str:
    reply = conversation.end()
    assert (reply.status_code, reply.content) == (204, b"")
    return ""


@pytest.mark.parametrize("erase", [typed, deleted])
def test_nothing_is_left_in_any_table(kortrijk: Office, database: str, erase: Callable[[Conversation], str]) -> None:
    conversation, at_the_city, on_its_way = everything(kortrijk, database)
    key = newest_conversation(database)
    conversation.ask("kan ik meedoen?")  # leaves an open question
    tables = reflected(database).sorted_tables
    keyed = {table.name for table in tables if set(table.columns.keys()) & set(KEYS)} | {"conversation"}
    missing = keyed - tables_with(database, key)
    assert not missing, f"this test leaves nothing in {missing}: let it, so that it shows that it is erased"
    told = erase(conversation)
    assert tables_with(database, key) == set()
    # What was promised still leaves: its mail, and nothing else, has what was said.
    assert tables_with(database, *GITA, *WORDS) == {"outbox"}
    kept = rows_of(database, sa.select(outbox.c.reference).where(outbox.c.reference.in_([at_the_city, on_its_way])))
    assert [row.reference for row in kept] == [on_its_way]
    if told:
        assert f"({at_the_city}), is al bij de stad" in told
        assert f"({on_its_way}), gaat nog naar de stad" in told
    blank = rows_of(database, sa.select(hand_off).where(hand_off.c.conversation_id == NOBODY))
    assert {(row.name, row.email, row.question, row.candidate_number) for row in blank} == {("", "", "", None)}
    for reply in (conversation.post({"text": "hallo"}), conversation.end()):
        assert reply.status_code == 401


def test_only_a_yes_to_the_question_erases(kortrijk: Office) -> None:
    conversation = kortrijk.converse()
    assert "Alles is gewist" not in conversation.ask("ja")["text"]
    conversation.ask("wis alles")
    assert "laten we zo" in conversation.ask("nee, toch niet")["text"]
    assert "Alles is gewist" not in conversation.ask("ja")["text"]
    assert len(conversation.history()) > 1


def test_erasing_gives_nobody_more_codes(kortrijk: Office) -> None:
    """The codes that went to an address still count, without a conversation."""
    address = "fien@kandidaat.example"
    for _ in range(3):
        conversation = kortrijk.converse()
        conversation.ask("ik wil inloggen")
        assert "mail met een code" in conversation.ask(address)["text"]
        conversation.end()
    conversation = kortrijk.converse()
    conversation.ask("ik wil inloggen")
    assert "verschillende codes" in conversation.ask(address)["text"]


def test_other_conversations_stay(kortrijk: Office) -> None:
    other = kortrijk.converse()
    other.ask("hoeveel verlof krijg ik?")
    before = len(other.history())
    typed(kortrijk.converse())
    assert len(other.history()) == before
