"""What each candidate of the demonstration data is told about their own file, at instants around every date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import pytest

from assistant.answers import UTTER, Answers
from assistant.calendar_file import Appointment, round_appointments
from assistant.dossier import situation
from assistant.dossier.hr_client import Dossier
from assistant.facts import load_facts
from assistant.settings import BRUSSELS
from assistant.told import Told
from hr_backend.candidates import Candidates, newest_round
from hr_backend.database import prepared_database
from hr_backend.import_file import DEMO_FILE
from hr_backend.importer import import_candidates
from hr_backend.records import STATUSES, Candidate, Origin, Outcome, Reason, Status, Step
from tools.topic_files import responses

FACTS = load_facts()
MOST_CHARACTERS = 600
INSTANTS = {
    "2025-10-21": (9, 0), "2025-10-24": (9, 0), "2025-10-26": (23, 30), "2025-10-27": (9, 0), "2025-11-03": (9, 0),
    "2025-11-04": (9, 0), "2025-11-15": (9, 0), "2025-11-20": (10, 0), "2025-12-01": (9, 0), "2026-11-29": (9, 0),
}  # fmt: skip
ALWAYS = "2025-10-21"
NO_DEADLINE = {ALWAYS: "staat geen datum waartegen jij nu iets moet doen"}
DIPLOMA = {ALWAYS: "(stap 1): je hebt een getuigschrift hoger secundair onderwijs of een hoger diploma"}
NOT_EXEMPT = {ALWAYS: "Nee, in je dossier staat geen vrijstelling"}
WAITING = {ALWAYS: "tot en met 28 november 2026", "2026-11-29": "liep tot en met 28 november 2026"}

# For each candidate and question: what is said from an instant on, until the next one named.
EXPECTED: dict[int, dict[str, dict[str, str]]] = {
    1: {
        "status": {
            ALWAYS: "voorzien op 27 oktober 2025 (over 6 dagen), per e-mail. Je hebt dan tijd tot en met 3 november 2025.",
            "2025-10-24": "(over 3 dagen)",
            "2025-10-26": "(morgen)",
            "2025-10-27": "ten laatste op 3 november 2025; die dag telt nog helemaal mee. Je hebt nog 7 dagen.",
            "2025-11-03": "Vandaag is de laatste dag.",
            "2025-11-04": "Je had tijd tot en met 3 november 2025. Die datum is voorbij",
        },
        "deadline": {
            ALWAYS: "Je hebt dan tijd tot en met 3 november 2025.",
            "2025-10-27": "(stap 2) ten laatste op 3 november 2025. Die dag telt nog helemaal mee. Je hebt nog 7 dagen.",
            "2025-11-03": "Vandaag is de laatste dag.",
            "2025-11-04": "had je tijd tot en met 3 november 2025. Die datum is voorbij.",
        },
        "exemption": DIPLOMA,
    },
    2: {
        "status": {
            ALWAYS: "voorzien op 22 oktober 2025 (morgen)",
            "2025-10-24": "ten laatste op 26 oktober 2025; die dag telt nog helemaal mee. Je hebt nog 2 dagen.",
            "2025-10-26": "Vandaag is de laatste dag. Het kan alleen op een computer, niet op een smartphone.",
            "2025-10-27": "Je had tijd tot en met 26 oktober 2025. Die datum is voorbij",
        },
        "deadline": {
            ALWAYS: "Je hebt dan tijd tot en met 26 oktober 2025.",
            "2025-10-24": "Je hebt nog 2 dagen.",
            "2025-10-26": "Vandaag is de laatste dag.",
            "2025-10-27": "Die datum is voorbij.",
        },
        "exemption": NOT_EXEMPT,
    },
    3: {
        "status": {
            ALWAYS: "via Microsoft Teams is op donderdag 20 november 2025 om 10.30 uur (over 30 dagen)",
            "2025-10-24": "(over 27 dagen)",
            "2025-10-26": "(over 25 dagen)",
            "2025-10-27": "(over 24 dagen)",
            "2025-11-03": "(over 17 dagen)",
            "2025-11-04": "(over 16 dagen)",
            "2025-11-15": "(over 5 dagen)",
            "2025-11-20": "om 10.30 uur (vandaag)",
            "2025-12-01": "Je gesprek was gepland op donderdag 20 november 2025 om 10.30 uur.",
        },
        "deadline": {
            ALWAYS: "is op donderdag 20 november 2025 om 10.30 uur",
            "2025-11-20": "(vandaag)",
            "2025-12-01": "Dat is voorbij.",
        },
        "exemption": {ALWAYS: "(stap 2): je slaagde in de afgelopen 2 jaar al voor deze test"},
    },
    4: {"status": WAITING, "deadline": WAITING, "exemption": {ALWAYS: "(stap 1): je slaagde in de afgelopen 2 jaar al"}},
    5: {
        "status": {ALWAYS: "Je kan 1 jaar niet opnieuw deelnemen aan deze selectieprocedure. Aan andere selectieprocedures"},
        "deadline": NO_DEADLINE,
        "exemption": NOT_EXEMPT,
    },
    6: {
        "status": {ALWAYS: "staat voor deze stap niet in de infobundel. Leen Hooghe kan het je uitleggen: 056 27 85 03"},
        "deadline": NO_DEADLINE,
        "exemption": NOT_EXEMPT,
    },
    7: {
        "status": {
            ALWAYS: "tijd tot en met 6 november 2025 (jouw eigen einddatum).",
            "2025-10-27": "eigen einddatum. Maak de test ten laatste op 6 november 2025; die dag telt nog helemaal mee. Je hebt nog 10 dagen.",
            "2025-11-03": "Je hebt nog 3 dagen.",
            "2025-11-04": "Je hebt nog 2 dagen.",
            "2025-11-15": "Je had tijd tot en met 6 november 2025 (jouw eigen einddatum). Die datum is voorbij",
        },
        "deadline": {
            ALWAYS: "6 november 2025: dat is jouw eigen einddatum",
            "2025-11-04": "ten laatste op 6 november 2025: dat is jouw eigen einddatum. Die dag telt nog helemaal mee. Je hebt nog 2 dagen.",
            "2025-11-15": "Die datum is voorbij.",
        },
        "exemption": DIPLOMA,
    },
    8: {
        "status": {ALWAYS: "niet geslaagd bent voor het online kennismakingsinterview (stap 3)"},
        "deadline": NO_DEADLINE,
        "exemption": {ALWAYS: "(stap 1): je doet mee via bevordering (D-niveau en 1 jaar anciënniteit)"},
    },
    9: {"status": {ALWAYS: "Proficiat, Ilse! Je hebt de job (optie 1)."}, "deadline": NO_DEADLINE, "exemption": DIPLOMA},
    10: {
        "status": {
            ALWAYS: "wervingsreserve van die vacature: komt dezelfde functie nog eens vrij, dan hoef je niet opnieuw langs een jury.\nJe blijft ook op de wachtlijst, tot en met 28 november 2026: je kan nog uitgenodigd worden voor andere jobinterviews. Dat is geen belofte.",
            "2026-11-29": "liep tot en met 28 november 2026 en is voorbij",
        },
        "deadline": WAITING,
        "exemption": DIPLOMA,
    },
    11: {
        "status": {ALWAYS: "Je mag aan de jury feedback vragen. Je mag 1 jaar niet opnieuw deelnemen"},
        "deadline": NO_DEADLINE,
        "exemption": DIPLOMA,
    },
    12: {
        "status": {ALWAYS: "(stap 2) afgelegd. Je resultaat staat nog niet in je dossier. Nu moet je niets doen"},
        "deadline": NO_DEADLINE,
        "exemption": DIPLOMA,
    },
}  # fmt: skip
QUESTIONS: dict[str, Callable[[Dossier], Told]] = {
    "status": situation.status,
    "deadline": situation.deadline,
    "exemption": situation.exemption,
}


@pytest.fixture(scope="module")
def dossiers(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Dossier]:
    """The demonstration data as the HR backend gives it."""
    engine = prepared_database(f"sqlite:///{tmp_path_factory.mktemp('hr') / 'hr.db'}")
    import_candidates(DEMO_FILE, engine)
    candidates = Candidates(engine)
    selection_round = newest_round(engine)
    now = datetime.now(timezone.utc)
    found = {number: candidates.by_number(f"K-2025-{number:04}", "test", now) for number in EXPECTED}
    return {number: Dossier(candidate, selection_round) for number, candidate in found.items()}


class SetClock:
    """A clock that a test sets; the answers are made once, as that takes a tenth of a second."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


CLOCK = SetClock()
ANSWERS = Answers(responses(), FACTS, CLOCK)


def said(told: Told, now: datetime) -> str:
    CLOCK.now = now
    return ANSWERS.answer(told.response, values=told.values).text


def instant(day: str) -> datetime:
    hour, minute = INSTANTS[day]
    return datetime.fromisoformat(day).replace(hour=hour, minute=minute, tzinfo=BRUSSELS)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("number", EXPECTED)
def test_a_candidate_is_told_what_holds_on_that_day(dossiers: dict[int, Dossier], number: int, question: str) -> None:
    expected = EXPECTED[number][question]
    current = ""
    for day in INSTANTS:
        current = expected.get(day, current)
        text = said(QUESTIONS[question](dossiers[number]), instant(day))
        assert current in text, day
        assert len(text) <= MOST_CHARACTERS
        assert "Bron: je dossier" in text


@pytest.mark.parametrize("number", [5, 6, 8, 11])
def test_bad_news_comes_with_care_a_way_on_and_a_person(dossiers: dict[int, Dossier], number: int) -> None:
    told = situation.status(dossiers[number])
    text = said(told, instant("2025-12-01"))
    assert "het spijt me" in text
    assert "Leen Hooghe" in text
    assert "056 27 85 03" in text
    assert "https://www.kortrijk.be/werken-bij-kortrijk" in text
    assert "iemand_spreken" in responses()[UTTER + told.response][0]["metadata"]["vervolg"]


@pytest.mark.parametrize("number", [4, 10])
def test_the_waiting_list_is_no_promise(dossiers: dict[int, Dossier], number: int) -> None:
    text = said(situation.status(dossiers[number]), instant("2025-12-01"))
    assert "geen garantie" in text or "geen belofte" in text


def every_candidate() -> list[Candidate]:
    """Each place where a candidate can be, with and without what a record may lack."""
    found = []
    for step in (1, 2, 3):
        for status in [None, *STATUSES[step] - situation.DONE]:
            earlier = [Step(step=number, status=Status.PASSED) for number in range(1, step)]
            later = [Step(step=number) for number in range(step + 1, 5)]
            interview = datetime(2025, 11, 20, 9, tzinfo=BRUSSELS) if status is Status.PLANNED else None
            found.append(candidate([*earlier, Step(step=step, status=status, interview_at=interview), *later]))
    passed = [Step(step=number, status=Status.PASSED) for number in (1, 2, 3)]
    for status in [None, *STATUSES[4]]:
        for outcome in [None, *Outcome] if status is Status.JOB_INTERVIEW else [None]:
            found.append(candidate([*passed, Step(step=4, status=status)], outcome))
    return found


def candidate(steps: list[Step], outcome: Outcome | None = None) -> Candidate:
    return Candidate(
        number="K-2025-0001",
        first_name="Noor",
        last_name="Voorbeeld",
        email="noor@kandidaat.example",
        origin=Origin.EXTERNAL,
        steps=steps,
        outcome=outcome,
    )


def test_every_place_has_its_words_and_every_word_its_place(dossiers: dict[int, Dossier]) -> None:
    """A record without an end of the waiting list, or a round without dates, is told of as well."""
    used = set()
    for someone in every_candidate():
        for question in QUESTIONS.values():
            told = question(Dossier(someone, dossiers[1].round))
            used.add(UTTER + told.response)
            for day in INSTANTS:
                text = said(told, instant(day))
                assert 0 < len(text) <= MOST_CHARACTERS
                assert "None" not in text
    families = tuple(f"{UTTER}mijn_{name}_" for name in ("status", "deadline", "vrijstelling"))
    assert {name for name in responses() if name.startswith(families)} - used == {f"{UTTER}mijn_vrijstelling_wel"}


def test_a_step_that_is_exempt_is_not_where_the_candidate_is() -> None:
    steps = [
        Step(step=1, status=Status.EXEMPT, reason=Reason.DIPLOMA),
        Step(step=2, status=Status.EXEMPT, reason=Reason.PASSED_EARLIER),
        Step(step=3),
        Step(step=4),
    ]
    assert situation.position(candidate(steps)) == "gesprek_wacht"


def test_the_appointments_are_the_candidates_own(dossiers: dict[int, Dossier]) -> None:
    def of(number: int) -> list[tuple[str, str]]:
        return [(each.name, each.when.isoformat()) for each in situation.appointments(dossiers[number])]

    assert of(1) == [("stap2_einde", "2025-11-03")]
    assert of(3) == [("mijn_gesprek", "2025-11-20T10:30:00+01:00")]
    assert of(4) == [("mijn_wachtlijst", "2026-11-28")]
    assert of(7) == [("stap2_einde", "2025-11-06")]
    assert of(9) == []


def test_the_dates_of_the_round_become_the_candidates_own(dossiers: dict[int, Dossier]) -> None:
    def of(number: int) -> dict[str, str]:
        steps = situation.steps_of(dossiers[number])
        return {each.name: each.when.isoformat() for each in situation.own_appointments(round_appointments(FACTS), steps)}

    assert of(7)["stap2_einde"] == "2025-11-06"
    assert "stap1_einde" not in of(7)
    assert of(3) == {"mijn_gesprek": "2025-11-20T10:30:00+01:00"}
    everyone = list(situation.own_appointments(round_appointments(FACTS), {}))
    assert everyone == round_appointments(FACTS)
    assert all(isinstance(each, Appointment) for each in everyone)
