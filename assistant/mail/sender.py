"""Hands one mail to the SMTP server, and tells whether trying again can help where that failed."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from typing import Protocol

from assistant.settings import MailSettings

SECONDS = 4.0  # for each answer of the server
TOTAL_SECONDS = 6.0  # for the whole of one mail, however slowly the server goes on


class MailError(Exception):
    """The server did not take the mail; `permanent` tells that it never will."""

    def __init__(self, reason: str, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


class MailSender(Protocol):
    """Where mail goes out."""

    def send(self, message: EmailMessage) -> None:
        """Hand the message over; when this returns, the server has answered for it.

        Raises:
            MailError: it was not taken.
        """


class SmtpSender:
    """Sends by SMTP; a connection for each mail, as there are few and hours between them."""

    def __init__(self, settings: MailSettings, seconds: float = SECONDS, total_seconds: float = TOTAL_SECONDS) -> None:
        self._settings = settings
        self._seconds = seconds
        self._total_seconds = total_seconds

    def send(self, message: EmailMessage) -> None:
        """See `MailSender.send`."""
        try:
            with self._connected() as server, _broken_off_after(server, self._total_seconds):
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise MailError(f"recipient refused with {codes}", permanent=all(_is_final(code) for code in codes)) from error
        except smtplib.SMTPResponseException as error:
            raise MailError(f"refused with {error.smtp_code}", permanent=_is_final(error.smtp_code)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailError(f"not sent: {type(error).__name__}") from error

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if settings.smtp_tls == "tls":
            server = smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=self._seconds, context=context)
        else:
            server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=self._seconds)
        try:
            if settings.smtp_tls == "starttls":
                server.starttls(context=context)
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
        except BaseException:
            server.close()
            raise
        return server


@contextmanager
def _broken_off_after(server: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Break the connection when the block takes longer: the limit of a socket begins anew with each byte."""

    def break_off() -> None:
        with suppress(OSError):
            if server.sock:
                server.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, break_off)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _is_final(code: int) -> bool:
    """Tell whether a reply code means that the same mail will never be taken (RFC 5321, 4.2.1)."""
    return 500 <= code < 600
