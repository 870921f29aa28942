"""Notices that a message is not in Dutch, so that the answer can begin with a word in the candidate's language."""

from __future__ import annotations

import re
from typing import Any, Optional

from lingua import Language, LanguageDetectorBuilder
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

LANGUAGE = "language"  # the key in Rasa's parse data: 'fr', 'en' or 'ander'; absent for Dutch and where it is unsure

_NOTICES = {Language.FRENCH: "fr", Language.ENGLISH: "en"}
_OTHERS = (
    Language.GERMAN, Language.SPANISH, Language.PORTUGUESE, Language.ITALIAN, Language.ROMANIAN,
    Language.TURKISH, Language.POLISH, Language.UKRAINIAN, Language.ARABIC,
)  # fmt: skip

# One of these and it is Dutch, or a Fleming's mixture: 'wat is de deadline' looks English to letters alone.
_UNMISTAKABLY_DUTCH = frozenset(
    (
        "ik", "jij", "jullie", "ge", "gij", "het", "een", "wat", "wie", "hoe", "hoeveel", "wanneer", "waar",
        "waarom", "welk", "welke", "niet", "geen", "voor", "van", "mijn", "kun", "mag", "moet", "moeten", "krijg",
        "krijgt", "heb", "heeft", "hebben", "zijn", "wordt", "worden", "deze", "ook", "nog", "maar", "dan", "naar",
        "bij", "uit", "aan", "zonder", "toch", "alleen", "iets", "iemand", "mij", "wij", "zij",
    )
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class LanguageDetector(GraphComponent):
    """Tells Dutch from other languages with Lingua's n-gram models.

    Settings: `certainty`, how sure it must be of the other language, and `doubt`, how likely Dutch may still be (0 to 1);
    `fewest_words`, since a word or two ('feedback', 'congé') says little about the language of a Fleming.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings that hold where config.yml names none."""
        return {"certainty": 0.6, "doubt": 0.02, "fewest_words": 3}

    def __init__(self, config: dict[str, Any]) -> None:
        self._certainty: float = config["certainty"]
        self._doubt: float = config["doubt"]
        self._fewest_words: int = config["fewest_words"]
        # The smaller models: they take 17 MB in place of 300, and whole sentences are all that is judged here.
        builder = LanguageDetectorBuilder.from_languages(Language.DUTCH, *_NOTICES, *_OTHERS)
        self._detector = builder.with_low_accuracy_mode().build()

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> LanguageDetector:
        """Create the component."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `language` on each message that is surely not Dutch."""
        for message in messages:
            language = self.foreign_language(message.get(TEXT) or "")
            if language:
                message.set(LANGUAGE, language, add_to_output=True)
        return messages

    def foreign_language(self, text: str) -> Optional[str]:
        """Return 'fr', 'en' or 'ander', or None for Dutch and where it is not sure."""
        words = _WORD.findall(text.lower())
        if len(words) < self._fewest_words or not _UNMISTAKABLY_DUTCH.isdisjoint(words):
            return None
        likeliest = self._detector.compute_language_confidence_values(text)[0]
        dutch = self._detector.compute_language_confidence(text, Language.DUTCH)
        if likeliest.language == Language.DUTCH or likeliest.value < self._certainty or dutch > self._doubt:
            return None
        return _NOTICES.get(likeliest.language, "ander")
