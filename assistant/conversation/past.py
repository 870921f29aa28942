"""What a conversation remembers when the next message comes: the topic told last, what was offered, what was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.choices import Ranking
from assistant.conversation.reading import ranking_of
from assistant.message_keys import VALUES
from assistant.outcomes import topic_of

FORGETTING = frozenset({"uitloggen", "wis_gegevens"})  # after these nothing is remembered


@dataclass(frozen=True)
class Past:
    """`topics`: those told, the latest first; `buttons`: below the last message; `ranking`: of the last question."""

    topics: Sequence[str] = ()
    buttons: Sequence[Mapping[str, str]] = ()
    ranking: Ranking = field(default=())


def past_of(tracker: Optional[DialogueStateTracker]) -> Past:
    """Return what the events of a conversation's current session tell."""
    topics: list[str] = []
    buttons: Optional[Sequence[Mapping[str, str]]] = None
    ranking: Optional[Ranking] = None
    for event in reversed(tracker.events if tracker else []):
        if isinstance(event, UserUttered) and ranking is None:
            ranking = ranking_of(event.parse_data or {})
        elif isinstance(event, BotUttered):
            buttons = event.data.get("buttons") or [] if buttons is None else buttons
            topic = topic_of(event.metadata or {})
            if topic in FORGETTING:
                break
            topics += _told(event.metadata or {})
    return Past(topics, buttons or (), ranking or ())


def _told(metadata: Mapping[str, Any]) -> list[str]:
    """Return the topic that was told, and the step that it named: 'that test' is the one of the candidate's own file."""
    topic, step = topic_of(metadata), (metadata.get(VALUES) or {}).get("stap")
    return [each for each in (topic, f"stap{step}" if step else "") if each]
