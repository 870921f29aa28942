"""Shows the outbox among the metrics of a process, as it is at the moment at which they are read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY, Collector
from sqlalchemy.exc import SQLAlchemyError

from assistant.mail.outbox import FAILED, QUEUED, SENDING, Outbox


class OutboxCollector(Collector):
    """Yields what waits; nothing where the database does not answer, which `up` and `/ready` tell already."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the age of the oldest mail that waits, and the number of mails in each state but sent."""
        try:
            oldest = self._outbox.oldest_waiting()
            counts = self._outbox.counts()
        except SQLAlchemyError:
            return
        age = (datetime.now(timezone.utc) - oldest).total_seconds() if oldest else 0.0
        yield GaugeMetricFamily("assistant_outbox_oldest_seconds", "How long the oldest promised mail waits.", max(age, 0.0))
        mails = GaugeMetricFamily("assistant_outbox_mails", "Promised mails that were not sent yet.", labels=["state"])
        for state in (QUEUED, SENDING, FAILED):
            mails.add_metric([state], counts.get(state, 0))
        yield mails

    def describe(self) -> list[GaugeMetricFamily]:
        """Ask no database when the collector is registered."""
        return []


def watch_outbox(outbox: Outbox) -> None:
    """Show the outbox among this process's metrics from now on."""
    REGISTRY.register(OutboxCollector(outbox))
