"""Sends the promised mails, and removes what is too old: `python -m assistant.mail.worker`. Several may run at once."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from email import message_from_bytes
from email.policy import SMTP

from sqlalchemy.exc import SQLAlchemyError

from assistant.log import configure_logging
from assistant.mail.outbox import Claimed, Outbox
from assistant.mail.sender import MailError, MailSender, SmtpSender
from assistant.privacy.batches import keep_removing
from assistant.privacy.retention import Retention
from assistant.settings import SettingsError, WorkerSettings, read_settings
from assistant.storage import open_database

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
OUTAGE_SECONDS = 5.0
SWEEP_EVERY = 20  # polls


class Worker:
    """Claims, sends and marks, one mail at a time; no transaction is open while it talks to the mail server."""

    def __init__(self, outbox: Outbox, sender: MailSender, name: str) -> None:
        self._outbox = outbox
        self._sender = sender
        self._name = name

    def run(self, stop: threading.Event, poll_seconds: float = POLL_SECONDS) -> None:
        """Work until `stop` is set; the mail in hand is finished first."""
        polls = 0
        while not stop.is_set():
            try:
                if polls % SWEEP_EVERY == 0 and (freed := self._outbox.sweep()):
                    logger.warning("freed %d mails that a dead worker had claimed", freed)
                polls += 1
                while not stop.is_set() and (mail := self._outbox.claim(self._name)):
                    self.send(mail)
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
            level = logging.WARNING if again else logging.ERROR
            logger.log(level, "mail %s: %s (attempt %d)", mail.reference, error, mail.attempts + 1)
            return
        self._outbox.sent(mail, self._name)
        logger.info("mail %s sent", mail.reference)


def main() -> None:
    """Work until told to stop."""
    configure_logging("worker")
    try:
        settings = read_settings(WorkerSettings)
    except SettingsError as error:
        sys.exit(f"worker: {error}")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    name = f"{socket.gethostname()}:{os.getpid()}"[:64]
    engine = open_database(settings.database_url)
    old = Retention(engine, settings)
    threading.Thread(target=keep_removing, args=(old.run, stop), daemon=True).start()  # no mail waits for it
    Worker(Outbox(engine), SmtpSender(settings), name).run(stop)


if __name__ == "__main__":
    main()
