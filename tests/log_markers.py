"""What candidates typed in the suite, and the search for it in the logs of all of its servers.

Whatever a test sends through `Conversation.post` is a marker; so are the names and addresses of the demonstration data and
the codes in the mails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tools.servers import Conversation

# Names and addresses of the candidates of the demonstration data, and of who pass a question on.
PEOPLE = {"kandidaat.example", "elders.example", "Voorbeeld", "De Smet"}
FEWEST_CHARACTERS = 15  # of a text that cannot stand in a log by chance
CODE = re.compile(r"(?<![0-9A-Fa-f-])\d{3}[ ]?\d{3}(?![0-9A-Fa-f-])")

markers: set[str] = set(PEOPLE)
codes: set[str] = set()


def plant_what_is_typed() -> None:
    """From now on, remember what each conversation says."""
    post: Callable[[Conversation, Any], Any] = Conversation.post

    def planting(conversation: Conversation, body: Any) -> Any:
        text = body.get("text") if isinstance(body, dict) else None
        if isinstance(text, str) and len(text) >= FEWEST_CHARACTERS and " " in text.strip():
            markers.add(text)
        return post(conversation, body)

    Conversation.post = planting  # type: ignore[method-assign] - the one door through which tests talk


def leaks(logs: Iterable[Path]) -> list[str]:
    """Return where a marker stands in a log."""
    found = []
    for path in logs:
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path}: {marker!r}" for marker in sorted(markers) if marker in text]
        found += [f"{path}: the code {code}" for code in CODE.findall(text) if code.replace(" ", "") in codes]
    return found
