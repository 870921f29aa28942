"""The worker as it is, with pauses of a fraction of a second: `python -m tests.worker_process`."""

from __future__ import annotations

import os
import threading
from datetime import timedelta

from assistant.log import configure_logging
from assistant.mail.outbox import Outbox
from assistant.mail.sender import SmtpSender
from assistant.mail.worker import Worker
from assistant.settings import WorkerSettings, read_settings
from assistant.storage import open_database

if __name__ == "__main__":
    configure_logging("worker")
    settings = read_settings(WorkerSettings)
    box = Outbox(open_database(settings.database_url), pauses=[timedelta(seconds=0.2)], claim=timedelta(seconds=3))
    sender = SmtpSender(settings, seconds=0.5, total_seconds=1.0)
    Worker(box, sender, f"test:{os.getpid()}").run(threading.Event(), poll_seconds=0.05)
