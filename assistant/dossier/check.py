"""The guided check of 'kan ik meedoen?': keeps the answers between messages; what follows is in eligibility.py."""

from __future__ import annotations

from datetime import datetime

from dateutil.relativedelta import relativedelta

from assistant.dossier.eligibility import ANSWERS, next_question, relevant, verdict
from assistant.facts import Duration, Facts
from assistant.pending import Pending, PendingQuestions
from assistant.told import Told

NAME = "meedoen"  # of this dialogue, in `Pending.awaits`


class EligibilityCheck:
    """Asks, and tells.

    Args:
        pendings: where the answers so far are kept.
        facts: how many years an earlier test counts.
    """

    def __init__(self, pendings: PendingQuestions, facts: Facts) -> None:
        self._pendings = pendings
        self._years = {f"eerder_stap{step}": _years(facts, f"stap{step}_vrijstelling") for step in (1, 2)}

    def begin(self, conversation_id: str, now: datetime) -> list[Told]:
        """Start anew, with the first question."""
        return [Told("kan_ik_meedoen"), *self._next(conversation_id, {}, now)]

    def go_on(self, conversation_id: str, question: str, answer: str, now: datetime) -> list[Told]:
        """Take an answer, also a changed one to an earlier question, and ask the next or tell what follows."""
        open_question = self._pendings.of(conversation_id, now)
        if open_question is None or open_question.dialogue != NAME or answer not in ANSWERS:
            return self.begin(conversation_id, now)
        return self._next(conversation_id, relevant({**open_question.data, question: answer}), now)

    def _next(self, conversation_id: str, answers: dict[str, str], now: datetime) -> list[Told]:
        question = next_question(answers)
        if question is None:
            self._pendings.close(conversation_id)
            found = verdict(answers)
            return [Told(f"meedoen_{found.route.value}", {"stap1": found.step1.value, "stap2": found.step2.value})]
        self._pendings.ask(conversation_id, Pending(f"{NAME}.{question}", answers), now)
        since = now.date() - relativedelta(years=self._years[question]) if question in self._years else None
        return [Told(f"vraag_{question}", {"sinds": since.isoformat() if since else None})]


def _years(facts: Facts, name: str) -> int:
    fact = facts[name]
    if not isinstance(fact, Duration) or fact.eenheid != "jaar":
        raise TypeError(f"{name} is not a number of years")
    return fact.waarde
