"""Finds an e-mail address or a six-digit code in what a person typed."""

from __future__ import annotations

import re
import unicodedata
from typing import Optional

from email_validator import EmailNotValidError, validate_email

CODE_DIGITS = 6
MOST_CHARACTERS = 254  # of an address (RFC 5321)

_AROUND_AT = re.compile(r"\s*@\s*")
_AROUND_DOT = re.compile(r"(?<=[\w-])\s*\.\s*(?=[\w-])")
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]+@[^\s<>()\[\]\"',;:]+")
_DIGITS = re.compile(r"\d(?:[\s.\-]{0,2}\d)*")


def address_in(text: str) -> Optional[str]:
    """Return the one e-mail address in `text`, in lower case; None where there is none, or more than one.

    An address with other than ASCII characters is none: a look-alike of a known one must not be taken for it.
    """
    for readable in (text, _AROUND_AT.sub("@", text), _without_spaces_after_at(text)):
        found = [address for word in _ADDRESS.findall(readable) if (address := _address(word))]
        if found:
            # An '@' that belongs to none of them may be what is left of another address.
            return found[0] if len(set(found)) == 1 and len(found) == readable.count("@") else None
    return None


def code_in(text: str) -> Optional[str]:
    """Return the six digits in `text`, however they are spaced; a longer number is no code."""
    for digits in _DIGITS.findall(unicodedata.normalize("NFKC", text)):
        code = re.sub(r"\D", "", digits)
        if len(code) == CODE_DIGITS and code.isascii():
            return code
    return None


def _address(word: str) -> Optional[str]:
    trimmed = word.strip(".!?*_")
    if not trimmed.isascii() or len(trimmed) > MOST_CHARACTERS:
        return None
    try:
        validate_email(trimmed, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return trimmed.lower()


def _without_spaces_after_at(text: str) -> str:
    """Join what a phone's keyboard put spaces into: 'jan @ kandidaat . example'."""
    name, at, domain = _AROUND_AT.sub("@", text).partition("@")
    return name + at + _AROUND_DOT.sub(".", domain)
