"""Reads the internal port of a process, as Prometheus and an orchestrator do."""

from __future__ import annotations

import time
from contextlib import suppress

import requests
from prometheus_client.parser import text_string_to_metric_families

SECONDS = 30


def metrics(url: str) -> dict[str, float]:
    """Every figure by its name and labels: `name{label="value"}`."""
    text = requests.get(f"{url}/metrics", timeout=15).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {sample.name + _labels(sample.labels): sample.value for sample in samples}


def wait_for(url: str, status: int) -> str:
    """Wait until the address answers with this status; return what it says."""
    deadline = time.monotonic() + SECONDS
    seen = ""
    while time.monotonic() < deadline:
        with suppress(requests.ConnectionError):  # a process that has just been started
            reply = requests.get(url, timeout=15)
            seen = f"{reply.status_code} {reply.text}"
            if reply.status_code == status:
                return str(reply.json()["status"])
        time.sleep(0.05)
    raise AssertionError(f"{url} never answered {status}; at last: {seen}")


def _labels(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in sorted(labels.items())) + "}" if labels else ""
