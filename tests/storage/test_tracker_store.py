"""Conversations are stored whole and in order, and no error in the store ends the server."""

from __future__ import annotations

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, UserUttered

from assistant.tracker_store import CandidateTrackerStore


@pytest.fixture
def store(database_url: str, monkeypatch: pytest.MonkeyPatch) -> CandidateTrackerStore:
    monkeypatch.setenv("DATABASE_URL", database_url)
    return CandidateTrackerStore(domain=Domain.empty())


async def say(store: CandidateTrackerStore, sender: str, text: str) -> None:
    tracker = await store.get_or_create_tracker(sender)
    tracker.update(UserUttered(text))
    tracker.update(BotUttered(f"antwoord op {text}"))
    await store.save(tracker)


async def texts(store: CandidateTrackerStore, sender: str) -> list[str]:
    tracker = await store.retrieve_full_tracker(sender)
    return [event.text for event in tracker.events if isinstance(event, (UserUttered, BotUttered))] if tracker else []


async def test_what_is_said_is_stored_once_and_in_order(store: CandidateTrackerStore) -> None:
    for text in ("een", "twee 🙂", "drie\nregels"):
        await say(store, "a", text)
    assert await texts(store, "a") == [
        "een", "antwoord op een", "twee 🙂", "antwoord op twee 🙂", "drie\nregels", "antwoord op drie\nregels",
    ]  # fmt: skip


async def test_saving_again_without_news_stores_nothing(store: CandidateTrackerStore) -> None:
    await say(store, "a", "een")
    tracker = await store.retrieve("a")
    await store.save(tracker)
    await store.save(tracker)
    assert await texts(store, "a") == ["een", "antwoord op een"]


async def test_a_new_session_is_read_alone_and_the_history_stays_whole(store: CandidateTrackerStore) -> None:
    await say(store, "a", "een")
    tracker = await store.retrieve("a")
    tracker.update(SessionStarted())
    tracker.update(ActionExecuted("action_listen"))
    await store.save(tracker)
    await say(store, "a", "twee")
    latest = await store.retrieve("a")
    assert [event.text for event in latest.events if isinstance(event, UserUttered)] == ["twee"]
    assert await texts(store, "a") == ["een", "antwoord op een", "twee", "antwoord op twee"]


async def test_a_deleted_conversation_is_gone_and_others_stay(store: CandidateTrackerStore) -> None:
    await say(store, "a", "een")
    await say(store, "b", "twee")
    store.delete("a")
    assert await store.retrieve("a") is None
    assert await texts(store, "b") == ["twee", "antwoord op twee"]


async def test_a_value_error_is_raised_and_does_not_end_the_server(store: CandidateTrackerStore) -> None:
    """Rasa's own store turns it into sys.exit."""
    with pytest.raises(ValueError, match="geen waarde"), store.session_scope():
        raise ValueError("geen waarde")


async def test_an_id_that_cannot_be_written_is_an_error_like_any_other(store: CandidateTrackerStore) -> None:
    """A lone surrogate in an id ended Rasa's server; ours are made by the server, and would not."""
    with pytest.raises(UnicodeEncodeError):
        await say(store, "\ud800", "een")
    await say(store, "a", "twee")
    assert await texts(store, "a") == ["twee", "antwoord op twee"]
