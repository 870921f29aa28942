"""Reads a conversation from Rasa's table of events, so that the whole of it goes along: a session holds only its end."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from assistant.hand_off.hand_offs import Line
from assistant.message_keys import PART, TYPED
from assistant.settings import BRUSSELS

CANDIDATE, ASSISTANT = "kandidaat", "assistent"
MOST_LINES = 400  # a conversation of a hundred turns, and as much again
_CODE = re.compile(r"(?<!\d)\d{3}[ .\-]?\d{3}(?!\d)")
_HIDDEN_INTENTS = {"gesprek_start", "session_start"}

_events = sa.table("events", sa.column("id"), sa.column("sender_id"), sa.column("type_name"), sa.column("data"))


def conversation_lines(engine: Engine, conversation_id: str) -> list[Line]:
    """Return what was said, oldest first; a lone number of six digits, which may be a code, is blanked out."""
    query = (
        sa.select(_events.c.data)
        .where(_events.c.sender_id == conversation_id, _events.c.type_name.in_(["user", "bot"]))
        .order_by(_events.c.id.desc())
        .limit(MOST_LINES)
    )
    with engine.connect() as connection:
        stored = connection.execute(query).scalars().all()
    return [line for data in reversed(stored) if (line := _line(json.loads(data)))]


def without_codes(text: str) -> str:
    """Return `text` with every lone number of six digits blanked out."""
    return _CODE.sub("••••••", text)


def _line(event: dict[str, Any]) -> Optional[Line]:
    is_candidate = event["event"] == "user"
    topic = (event.get("parse_data", {}).get("intent", {}).get("name") or "") if is_candidate else ""
    if topic in _HIDDEN_INTENTS or (event.get("metadata") or {}).get(PART):
        return None
    text = (event.get("metadata") or {}).get(TYPED) if is_candidate else None
    text = text or event.get("text") or ""
    at = datetime.fromtimestamp(event["timestamp"], BRUSSELS)
    return Line(CANDIDATE if is_candidate else ASSISTANT, without_codes(text), at, topic) if text else None
