"""What an action tells: a response by its name, the values that it names, and perhaps a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from assistant.calendar_file import Attachment


@dataclass(frozen=True)
class Told:
    """An outcome: the response to give (without Rasa's prefix) and its values, as JSON has them."""

    response: str
    values: dict[str, Any] = field(default_factory=dict)
    attachment: Optional[Attachment] = None
