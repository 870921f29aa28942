"""Disturbs one part after the other while candidates talk, and counts what they saw and what became of what was promised."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.candidates import ANSWERED, NOTHING, SECONDS, TOLD, CandidateTalk, mails_by_reference
from tests.faults.parts import Town, town, wait_until

FAULTS = ("killed", "stopped", "slowed")
HOLD_SECONDS = 7.0  # more than the database may be silent
DELIVERED_SECONDS = 180


@dataclass(frozen=True)
class Seen:
    """What candidates saw from the beginning of a fault until all of them had answers again."""

    part: str
    fault: str
    kinds: Counter[str]
    reasons: Counter[str]  # of what was not an answer
    recovery: float  # seconds from its mending until then


@dataclass(frozen=True)
class Kept:
    """What became of what was promised."""

    acknowledged: int
    promised: int
    arrived: int
    again: int  # mails that came once more, with the same Message-ID
    problems: list[str]


@dataclass
class Suite:
    """Candidates who talk, and the parts under them."""

    town: Town
    candidates: list[CandidateTalk]
    seen: list[Seen] = field(default_factory=list)

    def disturb(self, name: str, fault: str, hold: float = HOLD_SECONDS) -> Seen:
        """Let a part fail for a while; not before everybody talks, and until everybody does again."""
        part = self.town.parts[name]
        self._wait_until_all_talk(f"before the {name} is {fault}")
        began = time.monotonic()
        part.disturb(fault)
        time.sleep(hold)
        part.mend(fault)
        mended = time.monotonic()
        self._wait_until_all_talk(f"after the {name} was {fault}")
        outcomes = [each for candidate in self.candidates for each in list(candidate.outcomes) if each.at > began]
        seen = Seen(
            name,
            fault,
            Counter(each.kind for each in outcomes),
            Counter(each.said[:60] for each in outcomes if each.kind != ANSWERED),
            time.monotonic() - mended,
        )
        self.seen.append(seen)
        return seen

    def end(self) -> Kept:
        """Stop the candidates, wait for the mail, and compare what they were told with what is there."""
        for candidate in self.candidates:
            candidate.stop()
        promised = {reference for candidate in self.candidates for reference in candidate.references}
        sink = self.town.sink
        wait_until(lambda: promised <= mails_by_reference(sink).keys(), "what was promised has arrived", DELIVERED_SECONDS)
        time.sleep(3)  # whatever would come twice has a moment for it
        arrived = mails_by_reference(sink)
        problems = [problem for candidate in self.candidates if (problem := candidate.problem())]
        problems += [f"{reference}: two different mails" for reference in promised if len(arrived[reference]) != 1]
        return Kept(
            acknowledged=sum(each.kind == ANSWERED for candidate in self.candidates for each in candidate.outcomes),
            promised=len(promised),
            arrived=len(promised & arrived.keys()),
            again=sum(sum(ids.values()) - len(ids) for ids in arrived.values()),
            problems=problems,
        )

    def _wait_until_all_talk(self, when: str) -> None:
        instant = time.monotonic()
        wait_until(lambda: all(each.talks_since(instant) for each in self.candidates), f"all candidates talk {when}")


@contextmanager
def suite(folder: Path, candidates: int, seconds: float = SECONDS) -> Iterator[Suite]:
    """Start everything and let candidates begin, who wait `seconds` for an answer."""
    with town(folder) as running:
        talking = [CandidateTalk(number, running.api, running.sink, seconds) for number in range(candidates)]
        begun = []
        try:
            for candidate in talking:
                candidate.begin()
                begun.append(candidate)
            yield Suite(running, talking)
        finally:
            for candidate in begun:
                candidate.stop()


def in_turn(parts: Sequence[str]) -> list[tuple[str, str]]:
    """Return each fault of each part."""
    return [(part, fault) for part in parts for fault in FAULTS]


def at_random(parts: Sequence[str], count: int, seed: int) -> list[tuple[str, str]]:
    """Return this many of them, the same ones for the same seed."""
    chance = random.Random(seed)
    return [(chance.choice(parts), chance.choice(FAULTS)) for _ in range(count)]


def table(seen: Sequence[Seen]) -> str:
    """Return what candidates saw, as a table in Markdown."""
    lines = [
        "| part | fault | answered | told in a sentence | nothing | all answered again after |",
        "|---|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {each.part} | {each.fault} | {each.kinds[ANSWERED]} | {each.kinds[TOLD]} | {each.kinds[NOTHING]} "
        f"| {each.recovery:.1f} s |"
        for each in seen
    ]
    return "\n".join(lines)
