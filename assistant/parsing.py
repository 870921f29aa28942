"""Runs texts through the NLU pipeline of a loaded agent, several in one run: half of what one costs is the run itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

import yaml
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT

from assistant.answers import topics_of
from assistant.conversation.reading import Reader, Thresholds

CONFIG = Path("config.yml")  # from the project's root, where the server starts
FALLBACK_CLASSIFIER = "FallbackClassifier"


def parse(agent: Agent, texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return what the pipeline says of each text, in the form in which Rasa keeps it.

    Raises:
        RuntimeError: the agent has no model.
    """
    processor = agent.processor
    if processor is None:
        raise RuntimeError("the agent has no model")
    target: Optional[str] = processor.model_metadata.nlu_target
    inputs = {
        PLACEHOLDER_MESSAGE: [UserMessage(text=text) for text in texts],
        PLACEHOLDER_TRACKER: DialogueStateTracker.from_events("", []),
    }
    read = processor.graph_runner.run(inputs=inputs, targets=[target])[target]
    empty = {TEXT: "", INTENT: {"name": None, "confidence": 0.0}, ENTITIES: []}
    return [{**empty, **message.as_dict(only_output_properties=True)} for message in read]


def reader(agent: Agent) -> Reader:
    """Return a reader of messages that works with an agent's pipeline and topics, and with the thresholds of config.yml."""
    return Reader(lambda texts: parse(agent, texts), topics_of(agent.domain.responses), thresholds())


def thresholds() -> Thresholds:
    """Return from when on the pipeline is sure enough."""
    settings = settings_of(FALLBACK_CLASSIFIER)
    return Thresholds(settings["threshold"], settings["ambiguity_threshold"])


def settings_of(component: str) -> dict[str, Any]:
    """Return the settings of a component of the pipeline in config.yml, which names it with or without its module."""
    pipeline = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["pipeline"]
    return next(part for part in pipeline if part["name"].split(".")[-1] == component)
