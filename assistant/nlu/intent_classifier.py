"""The intent classifier of the pipeline: Rasa's shell around the n-gram model."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Optional

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.answers import topics_of
from assistant.conversation.messages import read_all
from assistant.nlu.conversation_examples import examples
from assistant.nlu.ngram_model import Array, Example, NgramModel, NgramSettings

logger = logging.getLogger(__name__)
INTENT_RANKING = "intent_ranking"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NgramIntentClassifier(IntentClassifier, GraphComponent):
    """Chooses the intent of a message; docs/nlu.md has the table on which it was chosen above Rasa's own.

    Settings: those of `NgramSettings`; `conversations`, a folder of files that `read_messages` reads, to learn from beside
    Rasa's examples, which have one intent each; `ranking_length`, how many intents it names; `out_of_scope`, the intent of
    what must be refused, and `out_of_scope_weight`, by which its probability is multiplied: a wrong answer costs more than
    a refusal, and real questions wander off more often than the examples do.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings that hold where config.yml names none."""
        return {
            **asdict(NgramSettings()),
            "conversations": None,
            "ranking_length": 6,
            "out_of_scope": None,
            "out_of_scope_weight": 1.0,
        }

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, model: Optional[NgramModel] = None
    ) -> None:
        self._ranking_length: int = config["ranking_length"]
        self._out_of_scope: Optional[str] = config["out_of_scope"]
        self._out_of_scope_weight: float = config["out_of_scope_weight"]
        self._conversations: Optional[str] = config["conversations"]
        self._model = model or NgramModel(NgramSettings.of(config))
        self._storage = storage
        self._resource = resource

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> NgramIntentClassifier:
        """Create an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NgramIntentClassifier:
        """Load a trained component; one that cannot be read stops the start, where Rasa would go on untrained."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, NgramModel.load(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples of the topic files and from conversations."""
        files = sorted(Path(self._conversations).glob("*.yml")) if self._conversations else []
        plain = [Example(text, (each.get(INTENT),)) for each in training_data.intent_examples if (text := each.get(TEXT))]
        self.fit([*plain, *examples(read_all(files), topics_of(training_data.responses))])
        with self._storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def fit(self, examples: Sequence[Example]) -> None:
        """Learn from texts, each with its intents."""
        self._model.fit(examples)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the likeliest intent, and the ranking, on each message."""
        chances = self._weighted(self._model.probabilities([message.get(TEXT) or "" for message in messages]))
        for message, row in zip(messages, chances, strict=True):
            best = np.argsort(-row, kind="stable")[: self._ranking_length]
            ranking = [
                {INTENT_NAME_KEY: self._model.labels[index], PREDICTED_CONFIDENCE_KEY: float(row[index])} for index in best
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING, ranking, add_to_output=True)
        return messages

    def _weighted(self, chances: Array) -> Array:
        if self._out_of_scope in self._model.labels:
            chances[:, self._model.labels.index(self._out_of_scope)] *= self._out_of_scope_weight
        return chances / chances.sum(axis=1, keepdims=True)
