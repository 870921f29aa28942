"""A mail server that sends nothing on: it keeps each mail in a Maildir. `python -m tools.mail_catcher DIR` (SMTP_PORT)."""

from __future__ import annotations

import asyncio
import mailbox
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiosmtpd.controller import Controller, UnthreadedController
from aiosmtpd.handlers import Mailbox

from tools.servers import free_port

HOST = "127.0.0.1"  # nobody but this machine


@dataclass(frozen=True)
class MailCatcher:
    """A running mail server and where it keeps what it gets."""

    port: int
    folder: Path

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails so far, oldest first."""
        kept = mailbox.Maildir(self.folder, create=True)
        files = sorted(kept.iterkeys(), key=lambda key: (kept.get_message(key).get_date(), key))
        return [message_from_bytes(kept.get_bytes(key), policy=default) for key in files]


@contextmanager
def mail_catcher(folder: Path) -> Iterator[MailCatcher]:
    """Run a mail server on a free port, in a thread, until the block ends."""
    port = free_port()
    controller = Controller(Mailbox(folder), hostname=HOST, port=port)
    controller.start()
    try:
        yield MailCatcher(port, folder)
    finally:
        controller.stop()


def main() -> None:
    """Serve until stopped."""
    folder = Path(sys.argv[1])
    folder.parent.mkdir(parents=True, exist_ok=True)
    loop = asyncio.new_event_loop()
    controller = UnthreadedController(Mailbox(folder), hostname=HOST, port=int(os.environ["SMTP_PORT"]), loop=loop)
    controller.begin()  # type: ignore[no-untyped-call] # aiosmtpd
    loop.add_signal_handler(signal.SIGTERM, loop.stop)
    loop.run_forever()
    controller.end()  # type: ignore[no-untyped-call] # aiosmtpd


if __name__ == "__main__":
    main()
