"""A mail server that does what goes wrong with mail servers, and keeps what it took."""

from __future__ import annotations

import asyncio
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tools.servers import free_port

WELL, REFUSING, REJECTING, STALLING, CLOSING, TAKING_AND_CLOSING = (
    "well", "refusing", "rejecting", "stalling", "closing", "taking and closing",
)  # fmt: skip


class FaultyMailServer:
    """Listens on one port, through stops and starts; `fault` may change at any time."""

    def __init__(self) -> None:
        self.port = free_port()
        self.fault = WELL
        self.mails: list[EmailMessage] = []
        self._lock = threading.Lock()
        self._controller: Controller | None = None

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()
        self._controller = None

    @property
    def is_up(self) -> bool:
        return self._controller is not None

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.fault == REFUSING:
            return "451 try again later"
        if self.fault == REJECTING:
            return "554 never"
        if self.fault == STALLING:
            await asyncio.sleep(2)
            return "451 too late"
        if self.fault != CLOSING:
            self._keep(envelope)
        if self.fault in (CLOSING, TAKING_AND_CLOSING):
            transport: Any = server.transport
            transport.abort()
            return "421 gone"
        return "250 taken"

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.content
        assert isinstance(content, bytes)
        with self._lock:
            self.mails.append(message_from_bytes(content, policy=default))
