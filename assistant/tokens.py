"""The two kinds of signed text that leave the server: a conversation's token, and what stands behind its buttons."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Optional

from itsdangerous import BadData, URLSafeSerializer

from assistant.clock import Clock
from assistant.settings import BRUSSELS

LIFETIME = timedelta(hours=24)


class Tokens:
    """Makes and checks signed texts; the signature is HMAC over the server's secret, so nobody else can make one."""

    def __init__(self, secret_key: str, clock: Clock) -> None:
        self._secret = secret_key
        self._clock = clock
        self._sessions = URLSafeSerializer(secret_key, salt="session")

    def issue(self, conversation_id: str) -> tuple[str, datetime]:
        """Return a token for the conversation and the instant at which it ends."""
        expires_at = (self._clock() + LIFETIME).replace(microsecond=0)
        return str(self._sessions.dumps([conversation_id, int(expires_at.timestamp())])), expires_at.astimezone(BRUSSELS)

    def conversation_of(self, token: str) -> Optional[str]:
        """Return the id of the conversation that the token is for; None where it is forged, damaged or expired."""
        try:
            conversation_id, expires_at = self._sessions.loads(token)
        except (BadData, ValueError, TypeError):
            return None
        return conversation_id if self._clock().timestamp() < expires_at else None

    def button_payload(self, conversation_id: str, topic: str, title: str) -> str:
        """Return a payload that only this conversation can send back."""
        return str(self._buttons(conversation_id).dumps([topic, title]))

    def button_of(self, conversation_id: str, payload: str) -> Optional[tuple[str, str]]:
        """Return the topic and title behind a payload; None where this conversation was never offered it."""
        try:
            topic, title = self._buttons(conversation_id).loads(payload)
        except (BadData, ValueError, TypeError):
            return None
        return topic, title

    def _buttons(self, conversation_id: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._secret, salt=f"button {conversation_id}")
