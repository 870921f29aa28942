"""Makes text that a person typed safe to pass on: readable characters only, and never one of Rasa's commands."""

from __future__ import annotations

import re
import unicodedata

_UNREADABLE = {"Cc", "Cs", "Co", "Cn"}  # control, lone surrogates, private use, unassigned
_COMMAND_MARKS = "/\N{FULLWIDTH SOLIDUS}\N{FRACTION SLASH}\N{DIVISION SLASH}\N{BIG SOLIDUS}\N{MATHEMATICAL RISING DIAGONAL}"
_LEADING = re.compile(rf"^[\s{re.escape(_COMMAND_MARKS)}]+")


def readable(text: str) -> str:
    """Return `text` in composed form, with every unreadable character replaced by a space, and stripped.

    Line breaks stay; invisible formatting characters go from both ends and stay within, where emoji need them.
    """
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(" " if _is_unreadable(character) else character for character in composed)
    return (
        kept.strip().strip("\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}\N{ZERO WIDTH JOINER}\N{WORD JOINER}").strip()
    )


def without_command(text: str) -> str:
    """Return `text` without the slash, in any of its disguises, with which Rasa's commands begin."""
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
    if not visible.lstrip().startswith(tuple(_COMMAND_MARKS)):
        return text
    return _LEADING.sub("", visible)


def _is_unreadable(character: str) -> bool:
    return character != "\n" and unicodedata.category(character) in _UNREADABLE
