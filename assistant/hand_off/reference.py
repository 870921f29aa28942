"""Makes references that can be read out by telephone: no two characters look or sound alike."""

from __future__ import annotations

import re
import secrets

ALPHABET = "34679ACFHJKMNRWX"
PREFIX = "KV"
PATTERN = re.compile(rf"^{PREFIX}-[{ALPHABET}]{{3}}-[{ALPHABET}]{{3}}$")


def new_reference() -> str:
    """Return for example 'KV-7K3-M9F'; whether it is new, the database tells."""
    first, second = ("".join(secrets.choice(ALPHABET) for _ in range(3)) for _ in range(2))
    return f"{PREFIX}-{first}-{second}"
