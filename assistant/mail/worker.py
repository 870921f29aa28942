"""Sends the promised mails, and removes what is too old: `python -m assistant.mail.worker`. Several may run at once."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from email import message_from_bytes
from email.policy import SMTP

from sqlalchemy.exc import SQLAlchemyError

from assistant.internal_port import Health, watched
from assistant.log import configure_logging
from assistant.mail.outbox import Claimed, Outbox
from assistant.mail.outbox_gauges import watch_outbox
from assistant.mail.sender import MailError, MailSender, SmtpSender
from assistant.metrics import MAILS
from assistant.privacy.batches import keep_removing
from assistant.privacy.retention import Retention
from assistant.settings import SettingsError, WorkerSettings, read_settings
from assistant.storage import open_database

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
OUTAGE_SECONDS = 5.0
SWEEP_EVERY = 20  # polls


class Worker:
    """Claims, sends and marks, one mail at a time; no transaction is open while it talks to the mail server.

    `beat` is called whenever it has done one thing and goes on to the next.
    """

    def __init__(self, outbox: Outbox, sender: MailSender, name: str, beat: Callable[[], None] = lambda: None) -> None:
        self._outbox = outbox
        self._sender = sender
        self._name = name
        self._beat = beat

    def run(self, stop: threading.Event, poll_seconds: float = POLL_SECONDS) -> None:
        """Work until `stop` is set; the mail in hand is finished first."""
        polls = 0
        while not stop.is_set():
            self._beat()
            try:
                if polls % SWEEP_EVERY == 0 and (freed := self._outbox.sweep()):
                    logger.warning("freed %d mails that a dead worker had claimed", freed)
                polls += 1
                while not stop.is_set() and (mail := self._outbox.claim(self._name)):
                    self.send(mail)
                    self._beat()
            except SQLAlchemyError as error:
                logger.error("the database does not answer", exc_info=error)
                stop.wait(OUTAGE_SECONDS)
            stop.wait(poll_seconds)

    def send(self, mail: Claimed) -> None:
        """Send one mail and mark what became of it."""
        try:
            self._sender.send(message_from_bytes(mail.message, policy=SMTP))
        except MailError as error:
            again = self._outbox.failed(mail, self._name, str(error), error.permanent)
            MAILS.labels("again" if again else "failed").inc()
            level = logging.WARNING if again else logging.ERROR
            logger.log(level, "mail %s: %s (attempt %d)", mail.reference, error, mail.attempts + 1)
            return
        self._outbox.sent(mail, self._name)
        MAILS.labels("sent").inc()
        logger.info("mail %s sent", mail.reference)


def main() -> None:
    """Work until told to stop."""
    configure_logging("worker")
    try:
        settings = read_settings(WorkerSettings)
    except SettingsError as error:
        sys.exit(f"worker: {error}")
    stop = threading.Event()
    engine = open_database(settings.database_url)
    health = Health(engine)

    def finish(*_: object) -> None:
        health.stopping()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, finish)
    name = f"{socket.gethostname()}:{os.getpid()}"[:64]
    try:
        with watched(settings, health):
            outbox = Outbox(engine)
            watch_outbox(outbox)
            old = Retention(engine, settings)
            threading.Thread(target=keep_removing, args=(old.run, stop), daemon=True).start()  # no mail waits for it
            health.ready()
            Worker(outbox, SmtpSender(settings), name, health.beat).run(stop)
    except SettingsError as error:
        sys.exit(f"worker: {error}")


if __name__ == "__main__":
    main()
