"""Logs: one line an event, with the process's name, and never what a candidate wrote."""

from __future__ import annotations

import logging
import os
import re
import sys
from typing import Any

import structlog

# Loggers of Rasa and its libraries that write users' text at a level we would otherwise show.
_TALKATIVE = ("rasa", "sanic", "sqlalchemy", "apscheduler", "matplotlib", "asyncio", "urllib3")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CONTEXT = ("conversation", "path", "code", "status")


class OneLine(logging.Formatter):
    """Time, process, level, logger and message on one line; an exception as its type and place, without its message."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Exceptions' messages stay out: they can carry what a person typed."""
        context = "".join(f" {key}={getattr(record, key)}" for key in _CONTEXT if hasattr(record, key))
        cause = f" cause={_chain(record.exc_info[1])}" if record.exc_info and record.exc_info[1] else ""
        line = f"{self.formatTime(record)} {self._process} {record.levelname} {record.name}: {record.getMessage()}"
        return _CONTROL.sub(" ", f"{line}{context}{cause}")


def configure_logging(process: str) -> None:
    """Send this process's log to standard output, at `LOG_LEVEL` (INFO); other libraries only from WARNING on."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(OneLine(process))
    logging.basicConfig(handlers=[handler], level=os.environ.get("LOG_LEVEL", "INFO").upper(), force=True)
    # What Rasa's dependencies, frozen in 2023, say of themselves helps nobody who runs this.
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.CRITICAL)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Rasa's structured events carry users' messages as values: only the events' names are kept.
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, _name_of_event],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        cache_logger_on_first_use=True,
    )


def _name_of_event(_logger: Any, _method: str, event: Any) -> str:
    return str(event["event"])


def _chain(error: BaseException | None) -> str:
    """Return the types of an exception and its causes, innermost last, with the place where each was raised."""
    links = []
    while error is not None:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"@{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""
        links.append(type(error).__name__ + place)
        error = error.__cause__ or error.__context__
    return "<-".join(links)
