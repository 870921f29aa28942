"""The assistant's own tables."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from assistant.settings import BRUSSELS
from assistant.storage import Conversations, open_database

NOW = datetime(2025, 10, 25, 12, tzinfo=BRUSSELS)


@pytest.fixture
def conversations(tmp_path: Path) -> Conversations:
    return Conversations(open_database(f"sqlite:///{tmp_path}/folder/assistant.db"))


def test_a_conversation_exists_from_its_beginning_until_it_is_deleted(conversations: Conversations) -> None:
    assert not conversations.exists("a")
    conversations.begin("a", NOW)
    assert conversations.exists("a")
    conversations.delete("a")
    assert not conversations.exists("a")


def test_turns_are_counted_for_each_conversation(conversations: Conversations) -> None:
    conversations.begin("a", NOW)
    conversations.begin("b", NOW)
    assert [conversations.count_turn("a", NOW) for _ in range(3)] == [1, 2, 3]
    assert conversations.count_turn("b", NOW) == 1


def test_a_turn_of_an_unknown_conversation_is_not_counted(conversations: Conversations) -> None:
    assert conversations.count_turn("a", NOW) is None


def test_an_error_of_the_database_does_not_show_what_was_written(conversations: Conversations) -> None:
    conversations.begin("een geheim nummer", NOW)
    with pytest.raises(Exception, match="UNIQUE") as caught:
        conversations.begin("een geheim nummer", NOW)
    assert "een geheim nummer" not in str(caught.value)
