"""'Kan ik meedoen?': which question comes next, and which conditions and steps follow from the answers.

Pure functions of the conditions in the infobundel. They decide nothing about anybody; the selection team does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Optional

YES, NO, UNSURE = "ja", "nee", "weet_niet"
ANSWERS = (YES, NO, UNSURE)


class Route(Enum):
    """On what ground somebody may take part, as far as the infobundel tells."""

    CERTIFICATE = "getuigschrift"
    TEST = "test"  # by passing the extra test of step 1
    PROMOTION = "bevordering"
    UNKNOWN = "onduidelijk"  # the infobundel does not say, or an answer is not known


class ToDo(Enum):
    """What a step asks of somebody."""

    DO = "doen"
    EXEMPT = "vrij"
    UNKNOWN = "onduidelijk"


@dataclass(frozen=True)
class Verdict:
    """What follows from the answers: the ground, and what the two tests ask; the interview is for everyone."""

    route: Route
    step1: ToDo
    step2: ToDo


def next_question(answers: Mapping[str, str]) -> Optional[str]:
    """Return the question that must still be answered, or None when the verdict stands."""
    return next((question for question in _path(answers) if question not in answers), None)


def relevant(answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers that count: a changed answer can make later ones irrelevant."""
    return {question: answers[question] for question in _path(answers) if question in answers}


def verdict(answers: Mapping[str, str]) -> Verdict:
    """Return what follows from the answers to all questions that `next_question` asked."""
    step2 = _exempt_if(answers["eerder_stap2"])
    if _is_permanent(answers):
        if answers["niveau_d"] == YES:
            return Verdict(Route.PROMOTION, ToDo.EXEMPT, step2)
        return Verdict(Route.UNKNOWN, ToDo.UNKNOWN, step2)
    if _is_unsure_about_work(answers):
        return Verdict(Route.UNKNOWN, ToDo.UNKNOWN, step2)
    counts = _certificate_counts(answers)
    if counts is None:
        return Verdict(Route.UNKNOWN, ToDo.UNKNOWN, step2)
    if counts:
        return Verdict(Route.CERTIFICATE, ToDo.EXEMPT, step2)
    return Verdict(Route.TEST, _exempt_if(answers["eerder_stap1"]), step2)


def _path(answers: Mapping[str, str]) -> list[str]:
    """Return the questions in their order, as far as the answers so far tell which come."""
    path = ["werkt_bij_stad"]
    if answers.get("werkt_bij_stad") == YES:
        path.append("vast_contract")
    if _is_permanent(answers):
        return [*path, "niveau_d", "eerder_stap2"]
    if _is_unsure_about_work(answers):
        return [*path, "eerder_stap2"]
    path.append("getuigschrift")
    if answers.get("getuigschrift") == YES:
        path.append("erkend")
    if _certificate_counts(answers) is False:
        path.append("eerder_stap1")
    return [*path, "eerder_stap2"]


def _is_permanent(answers: Mapping[str, str]) -> bool:
    return answers.get("werkt_bij_stad") == YES and answers.get("vast_contract") == YES


def _is_unsure_about_work(answers: Mapping[str, str]) -> bool:
    return UNSURE in (answers.get("werkt_bij_stad"), answers.get("vast_contract"))


def _certificate_counts(answers: Mapping[str, str]) -> Optional[bool]:
    """Tell whether there is a certificate that exempts from step 1; None where that is not known (yet)."""
    if answers.get("getuigschrift") == NO:
        return False
    if answers.get("getuigschrift") == YES:
        return {YES: True, NO: False}.get(answers.get("erkend", ""))
    return None


def _exempt_if(passed_earlier: str) -> ToDo:
    return {YES: ToDo.EXEMPT, NO: ToDo.DO}.get(passed_earlier, ToDo.UNKNOWN)
