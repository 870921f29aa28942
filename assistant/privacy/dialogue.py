"""'Wis mijn gegevens': asks once whether everything may go. The channel removes it, when the last words have been said."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.clock import Clock
from assistant.pending import Pending, PendingQuestions
from assistant.privacy.erasure import Erasure
from assistant.told import Told

NAME = "wissen"  # of this dialogue, in `Pending.awaits`
SURE, YES = "zeker", "ja"
ERASED = "gewist"


@dataclass(frozen=True)
class ErasureDialogue:
    """The dialogue of all conversations; the parts that it works with come in as arguments."""

    erasure: Erasure
    pendings: PendingQuestions
    clock: Clock

    def begin(self, conversation_id: str) -> list[Told]:
        """Ask whether everything may go."""
        self.pendings.ask(conversation_id, Pending(f"{NAME}.{SURE}"), self.clock())
        return [Told("wis_gegevens", self._passed_on(conversation_id))]

    def answer(self, conversation_id: str, question: str, answer: str) -> list[Told]:
        """Say that everything is gone after a yes to our question, and otherwise leave it."""
        open_question = self.pendings.of(conversation_id, self.clock())
        if open_question is None or open_question.dialogue != NAME:
            return self.begin(conversation_id)
        if (question, answer) == (SURE, YES):
            return [Told(ERASED, self._passed_on(conversation_id))]
        self.pendings.close(conversation_id)
        return [Told("laat_maar")]

    def _passed_on(self, conversation_id: str) -> dict[str, list[str]]:
        passed_on = self.erasure.passed_on(conversation_id)
        return {"bij_de_stad": list(passed_on.at_the_city), "onderweg": list(passed_on.on_their_way)}
