"""Where a message may be cut into questions, and what is seen there: punctuation, linking words, how a question begins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MOST_JOINTS = 9  # 55 parts to read; people who ask more are told to ask one by one

_QUESTION_WORDS = (
    r"hoe\w*|wat|wa|wie|wiens|waar\w*|wanneer|wnr|welke?|waarom|tegen wanneer|vanaf wanneer|tot wanneer"
    r"|(?:in|op|bij|voor|met|aan|van) (?:welke?|wie)"
)
_VERBS = (
    r"krijg\w*|heb\w*|heeft|zijn|is|ist|ben|bent|was|moet\w*|moe|moek|mag\w*|mogen|kan\w*|kunn?\w*|zal|zou\w*|zullen|zit\w*"
    r"|staa?\w*|doe\w*|gaa?\w*|bestaa\w*|geld\w*|tel\w*|kom\w*|werk\w*|duurt|duren|word\w*|volstaa\w*|betaal\w*|bied\w*"
    r"|gee?f\w*|gev\w*|wil|wilt|verdien\w*|hoor\w*|ligt|vind\w*|stuur\w*|sture\w*|weet|weten|hangt|telt|vergoed\w*"
    r"|verwacht\w*|beslist|gebeurt|maak\w*|kost|hoef\w*|geraak\w*|mis|bel\w*|reken\w*|voorzie\w*"
)
_SUBJECTS = (
    r"ik|kik|ek|je|jij|u|ge|gij|gie|jullie|ze|zij|hij|we|wij|er|het|'t|t|dat|da|die|dit|deze|men|iemand|iedereen|daar|hier"
    r"|de|een|nen|'n|mijn|m'n|jouw|uw|elke|alle|nog|ook|stap|niks|iets|geen|nu"
)
# How a question begins: a question word, or a verb with its subject after it.
_LINKS = (
    r"(?:(?:en|of|ook|dan|nog|verder|maar|trouwens|daarnaast|daarbij|bovendien|ten \w+de|tot slot|plus|alsook|daarna)"
    r"[,:]?\s+)*"
)
_BEGINS = re.compile(rf"^{_LINKS}(?:(?:{_QUESTION_WORDS})\b|(?:{_VERBS})\s+(?:{_SUBJECTS})(?!\w))", re.IGNORECASE)
_CLITIC = re.compile(
    rf"^{_LINKS}(?:moe|kan|mag|heb|ben|is|zijn|krijg|moet|kun|zal|gaa|doe|wor)\w*(?:k|de|ekik|dekik|e|je)\s", re.IGNORECASE
)
_LINKED = re.compile(r"^(?:en|of|ook|maar|plus|alsook|verder|daarnaast|trouwens|tot slot|&|\+|nog)\b", re.IGNORECASE)
_TOLD = re.compile(r"\b(?:ik|'k|k|mijn|m'n)\b", re.IGNORECASE)
_ASKS_ABOUT = re.compile(r"\b(?:vroeg|vraag|wil|wou|wilde|zou|graag|weten|benieuwd|vernemen|weet)\b", re.IGNORECASE)
_POINTS = re.compile(r"\b(?:dat|da|die|dit|deze|daar\w*|er\w+|dan|hetzelfde|dezelfde|zelfde)\b", re.IGNORECASE)

_KIND_PATTERNS = {  # the strongest first; the place after a match is where the next question may begin
    "line": r"\n\s*(?=\S)",
    "number": r"\s(?=\(?[1-9][.)/]\s?[^\W\d])|\s(?=[-*•]\s\w)|\s(?=(?:ten (?:eerste|tweede|derde)|eerst|vraag \d)\b)",
    "question": r"\?+[\s!]*(?=[^\s?!])",
    "sentence": r"(?<!\d)[.!;:]+\s+(?=\S)|(?<=\d)[.!;:]\s+(?=\D)|\s[-\u2013\u2014]+\s(?=\S)|\.{2,}\s*(?=\w)|…\s*(?=\w)",
    "comma and": r",\s*(?=(?:en|of|maar|ook|plus|alsook)\s)",
    "comma": r"(?<!\d),\s*(?=\S)|(?<=\d),\s+(?=\S)",
    "and": r"\s(?=(?:en|alsook|plus|ook nog|evenals|&|\+)\s)",
    "or": r"\s(?=of\s)",
    "link": r"\s(?=(?:ook|verder|daarnaast|trouwens|tot slot|nog)\s)",
    "bare": rf"\s(?=(?:{_QUESTION_WORDS})\s)|\s(?=(?:{_VERBS})\s(?:{_SUBJECTS})\s)",
}
KINDS = tuple(_KIND_PATTERNS)
_KINDS = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _KIND_PATTERNS.items()]
_STRENGTH = {kind: strength for strength, (kind, _) in enumerate(_KINDS)}


@dataclass(frozen=True)
class Joint:
    """A place where a further question may begin: at `start` of the text; the strongest sign stands there."""

    start: int
    kind: str


def joints_in(text: str) -> list[Joint]:
    """Return the joints of a text in their order, the strongest where there are many."""
    found: dict[int, Joint] = {}
    for kind, pattern in _KINDS:
        for match in pattern.finditer(text):
            start = match.end()
            if text[:start].strip(" \n?!.,;:-") and text[start:].strip(" \n?!.,;:-"):
                found.setdefault(start, Joint(start, kind))
    strongest = sorted(found.values(), key=lambda joint: _STRENGTH[joint.kind])[:MOST_JOINTS]
    return sorted(strongest, key=lambda joint: joint.start)


def begins_question(text: str) -> bool:
    """Tell whether a text begins as a question does."""
    return bool(_BEGINS.match(text) or _CLITIC.match(text))


def seen_at(left: str, right: str) -> dict[str, bool]:
    """Return what is seen of the words on both sides of a joint, always the same signs in the same order."""
    begins, asked = begins_question(right), "?" in left or begins_question(left)
    return {
        "begins": begins,
        "asked": asked,
        "asks": right.endswith("?"),
        "linked": bool(_LINKED.match(right)),
        "told": bool(_TOLD.search(left)) and not asked,
        "tells": bool(_TOLD.search(right)) and not right.endswith("?") and not begins,
        "wonders": bool(_ASKS_ABOUT.search(left)),
        "points": bool(_POINTS.search(right)),
        "short left": len(left.split()) <= 2,
        "short right": len(right.split()) <= 2,
        "long right": len(right.split()) >= 6,
    }


def cut_features(left: str, right: str, joint: Joint, seen: Mapping[str, bool]) -> dict[str, float]:
    """Return what is `seen_at` a joint, each sign by itself and with the kind of joint, and the words beside it."""
    features = {"cut": 1.0, f"cut {joint.kind}": 1.0}
    for sign, present in seen.items():
        if present:
            features[f"cut {sign}"] = 1.0
            features[f"cut {joint.kind} {sign}"] = 1.0
    beside = {
        "first": right.split()[:1],
        "first two": right.split()[:2],
        "last": left.split()[-1:],
        "ends": right.split()[-1:],
    }
    for name, words in beside.items():
        features[f"cut {name} {' '.join(words).lower().strip('?!.,;:')}"] = 1.0
    if seen["begins"] and seen["asked"]:
        features["cut asked begins"] = 1.0
        features[f"cut {joint.kind} asked begins"] = 1.0
    return features


def part_features(part: str) -> dict[str, float]:
    """Return what is seen of a part that would be one question, its words alone."""
    words, marks = len(part.split()), part.rstrip("?! .").count("?")
    features = {"part": 1.0, "words 1": float(words == 1), "words 2": float(words == 2), "words 3-4": float(3 <= words <= 4)}
    features |= {
        "words 20": float(words >= 20),
        "marks inside": float(marks),
        "asks": float("?" in part or begins_question(part)),
    }
    return {name: value for name, value in features.items() if value}
