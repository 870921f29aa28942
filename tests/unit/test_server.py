"""The server does not start with something else in the place of a part that Rasa could not load."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig

from assistant.nlg import CandidateAnswers
from assistant.server import self_check
from assistant.tracker_store import CandidateTrackerStore


@pytest.fixture
def agent(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What Rasa hands over when all is well, its fail-safe wrapper around the store included."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/assistant.db")
    store = FailSafeTrackerStore(CandidateTrackerStore(domain=Domain.empty()))

    async def parse_message(_text: str) -> dict[str, Any]:
        return {"intent": {"name": "verlof"}}

    return SimpleNamespace(
        is_ready=lambda: True,
        processor=SimpleNamespace(tracker_store=store),
        tracker_store=store,
        nlg=CandidateAnswers(EndpointConfig(), Domain.empty()),
        parse_message=parse_message,
    )


async def test_a_good_agent_passes_and_loses_the_wrapper_that_swallows_errors(agent: SimpleNamespace) -> None:
    assert await self_check(agent) == ""
    assert isinstance(agent.tracker_store, CandidateTrackerStore)
    assert agent.processor.tracker_store is agent.tracker_store


async def test_a_model_that_was_not_loaded(agent: SimpleNamespace) -> None:
    agent.is_ready = lambda: False
    assert "remove var/models" in await self_check(agent)


async def test_a_tracker_store_in_memory(agent: SimpleNamespace) -> None:
    agent.tracker_store = FailSafeTrackerStore(InMemoryTrackerStore(Domain.empty()))
    assert "endpoints.yml" in await self_check(agent)


async def test_rasas_own_nlg(agent: SimpleNamespace) -> None:
    agent.nlg = TemplatedNaturalLanguageGenerator({})
    assert "endpoints.yml" in await self_check(agent)


async def test_a_classifier_that_was_not_trained(agent: SimpleNamespace) -> None:
    async def parse_message(_text: str) -> dict[str, Any]:
        return {"intent": {"name": None}}

    agent.parse_message = parse_message
    assert "remove var/models" in await self_check(agent)
