"""What a candidate is told about their own file: pure functions from the record to an outcome and its values.

The outcome is the name of a response (data/mijn_dossier/) without Rasa's prefix; the values are what its text names, as
JSON has them: days and times in ISO 8601. The words, and what depends on the clock, stand in the response.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Optional, Union

from assistant.calendar_file import Appointment
from assistant.dossier.hr_client import Dossier
from assistant.told import Told
from hr_backend.records import Candidate, Outcome, RoundStep, Status, Step

DONE = frozenset({Status.PASSED, Status.EXEMPT})
TESTS = (1, 2)
INTERVIEW = 3


def status(dossier: Dossier) -> Told:
    """Return where the candidate is, what to do now, and what comes next."""
    return Told(f"mijn_status_{position(dossier.candidate)}", _values(dossier))


def deadline(dossier: Dossier) -> Told:
    """Return the day or time that counts for the candidate now."""
    return Told(f"mijn_deadline_{_DEADLINES.get(position(dossier.candidate), 'geen')}", _values(dossier))


def exemption(dossier: Dossier) -> Told:
    """Return from which steps the candidate is exempt, and why."""
    values = _values(dossier)
    return Told(f"mijn_vrijstelling_{'wel' if values['vrijstellingen'] else 'geen'}", values)


def position(candidate: Candidate) -> str:
    """Return a word for where the candidate is: at the first step that is neither passed nor exempt, or how it ended."""
    step = current_step(candidate)
    if step.step > INTERVIEW:
        if candidate.outcome:
            return f"uitkomst_{candidate.outcome.value}"
        return step.status.value if step.status else "stap4_wacht"
    if step.status is Status.FAILED:
        return f"stap{step.step}_niet_geslaagd"
    kind = "test" if step.step in TESTS else "gesprek"
    return f"{kind}_{step.status.value if step.status else 'wacht'}"


def current_step(candidate: Candidate) -> Step:
    """Return the first step that is neither passed nor exempt; the last step has no 'passed'."""
    return next(step for step in candidate.steps if step.status not in DONE or step is candidate.steps[-1])


def steps_of(dossier: Dossier) -> dict[str, Any]:
    """Return what general answers may say of each step: its status, reason and last day, by the step's number."""
    ends = {step.step: _end(dossier, step) for step in dossier.candidate.steps}
    return {
        str(step.step): {
            "status": step.status.value,
            "reden_woord": step.reason.value if step.reason else None,
            "eigen_einde": _iso(ends[step.step]) if step.deadline else None,
            "gesprek": _iso(step.interview_at),
            "wachtlijst_tot": _iso(dossier.candidate.waitlist_until),
        }
        for step in dossier.candidate.steps
        if step.status
    }


def appointments(dossier: Dossier) -> Iterator[Appointment]:
    """Yield what belongs in the candidate's calendar, whether or not it is over."""
    step = current_step(dossier.candidate)
    end = _end(dossier, step)
    if step.status is Status.INVITED and end:
        yield Appointment(f"stap{step.step}_einde", end)
    if step.status is Status.PLANNED and step.interview_at:
        yield Appointment("mijn_gesprek", step.interview_at)
    if dossier.candidate.waitlist_until and _is_waiting(dossier.candidate):
        yield Appointment("mijn_wachtlijst", dossier.candidate.waitlist_until)


def own_appointments(of_round: Iterable[Appointment], steps: Mapping[str, Mapping[str, Any]]) -> Iterator[Appointment]:
    """Yield the days of the round as they hold for who is identified; `steps` as from `steps_of`, empty for others."""
    for appointment in of_round:
        own = steps.get(appointment.name.removeprefix("stap")[0], {})
        if own.get("status") in {status.value for status in DONE | {Status.TAKEN, Status.FAILED}}:
            continue
        if own.get("gesprek"):
            continue  # the instant itself follows
        if own.get("eigen_einde") and appointment.name.endswith("_einde"):
            yield replace(appointment, when=date.fromisoformat(own["eigen_einde"]))
        else:
            yield appointment
    for own in steps.values():
        if own["gesprek"] and own["status"] == Status.PLANNED.value:
            yield Appointment("mijn_gesprek", datetime.fromisoformat(own["gesprek"]))


# Which deadline matters at a position; at the others there is none.
_DEADLINES = {
    "test_wacht": "test",
    "test_uitgenodigd": "test",
    "gesprek_wacht": "gesprekken",
    "gesprek_uitgenodigd": "gesprekken",
    "gesprek_ingepland": "gesprek",
    "wachtlijst": "wachtlijst",
    "uitkomst_wervingsreserve": "wachtlijst",
    "uitkomst_wachtlijst": "wachtlijst",
    "jobinterview": "jobinterview",
}


def _values(dossier: Dossier) -> dict[str, Any]:
    candidate = dossier.candidate
    step = current_step(candidate)
    planned = _round_step(dossier, step)
    return {
        "voornaam": candidate.first_name,
        "stap": step.step,
        "begin": _iso(planned.invited_on if planned else None),
        "einde": _iso(_end(dossier, step)),
        "eigen": step.deadline is not None,
        "gesprek": _iso(step.interview_at),
        "gespreksdagen": [day.isoformat() for day in planned.days] if planned else [],
        "wachtlijst_tot": _iso(candidate.waitlist_until),
        "vrijstellingen": [
            {"stap": done.step, "reden": done.reason.value}
            for done in candidate.steps
            if done.status is Status.EXEMPT and done.reason
        ],
    }


def _end(dossier: Dossier, step: Step) -> Optional[date]:
    planned = _round_step(dossier, step)
    return step.deadline or (planned.ends_on if planned else None)


def _round_step(dossier: Dossier, step: Step) -> Optional[RoundStep]:
    return next((planned for planned in dossier.round.steps if planned.step == step.step), None)


def _is_waiting(candidate: Candidate) -> bool:
    return position(candidate) == "wachtlijst" or candidate.outcome in (Outcome.RESERVE, Outcome.WAITING_LIST)


def _iso(when: Union[date, datetime, None]) -> Optional[str]:
    return when.isoformat() if when else None
