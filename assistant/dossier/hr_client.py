"""Reads the HR backend (docs/hr-backend.md); the only module that imports `requests` to do so."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Optional, Protocol

import requests
from pydantic import ValidationError
from urllib3.exceptions import HTTPError, ReadTimeoutError

from assistant.metrics import HR_ERRORS
from hr_backend.records import Candidate, Round

BUDGET_SECONDS = 3.0  # for all reads that one answer needs
CONNECT_SECONDS = 0.5
READ_SECONDS = 1.2  # without a byte from the backend
ROUND_SECONDS = 60.0
PAUSES = (0.1, 0.3)  # before a second and a third try
MOST_BYTES = 256 * 1024
PART_BYTES = 16 * 1024
READER = "assistent"


class HrError(Exception):
    """The HR backend gave no answer that can be used; the message is for the log, the kind for who counts."""

    kind = "other"


class HrUnavailableError(HrError):
    """It could not be reached, or says that it cannot answer."""

    kind = "unavailable"


class HrTimedOutError(HrError):
    """It did not answer in time."""

    kind = "timed_out"


class HrRefusedError(HrError):
    """It does not accept our question or our token."""

    kind = "refused"


class HrNotFoundError(HrError):
    """It knows no such candidate."""


class HrMalformedError(HrError):
    """It answered something that the contract does not have."""

    kind = "malformed"


@dataclass(frozen=True)
class Dossier:
    """What one answer about a candidate rests on."""

    candidate: Candidate
    round: Round


class HrBackend(Protocol):
    """What the assistant asks of the HR backend; each may raise any `HrError`."""

    def candidate_of(self, address: str) -> Candidate:
        """Return the record with this e-mail address."""

    def dossier_of(self, number: str) -> Dossier:
        """Return the record with this number, and the round."""


class HrClient:
    """Speaks HTTP with the backend, within `budget` seconds for each call of a public method."""

    def __init__(self, url: str, token: str, budget: float = BUDGET_SECONDS) -> None:
        self._url = url.rstrip("/")
        self._budget = budget
        self._known_round: tuple[float, Optional[Round]] = (0.0, None)
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy or a netrc of the machine must not see, or replace, our token
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.update({"Authorization": f"Bearer {token}", "X-Reader": READER, "Accept": "application/json"})

    def candidate_of(self, address: str) -> Candidate:
        """See `HrBackend.candidate_of`."""
        with _counted():
            return _validated(Candidate, self._get("candidates/by-email", self._deadline(), email=address))

    def dossier_of(self, number: str) -> Dossier:
        """See `HrBackend.dossier_of`."""
        deadline = self._deadline()
        with _counted():
            candidate = _validated(Candidate, self._get(f"candidates/{number}", deadline))
            return Dossier(candidate, self._round(deadline))

    def _round(self, deadline: float) -> Round:
        """Return the round, which changes once a year, so that a minute's memory spares half of the reads."""
        read_at, known = self._known_round
        if known is None or time.monotonic() - read_at > ROUND_SECONDS:
            known = _validated(Round, self._get("round", deadline))
            self._known_round = (time.monotonic(), known)
        return known

    def _deadline(self) -> float:
        return time.monotonic() + self._budget

    def _get(self, path: str, deadline: float, **query: str) -> Any:
        """Read, and read again where that is worth it: a read changes nothing, so repeating it is safe."""
        for pause in PAUSES:
            try:
                return self._try(path, deadline, query)
            except (HrUnavailableError, HrTimedOutError):
                if time.monotonic() + pause >= deadline:
                    raise
                time.sleep(pause)
        return self._try(path, deadline, query)

    def _try(self, path: str, deadline: float, query: dict[str, str]) -> Any:
        left = deadline - time.monotonic()
        if left <= 0:
            raise HrTimedOutError(f"{path}: no time left")
        timeout = (min(CONNECT_SECONDS, left), min(READ_SECONDS, left))
        try:
            with self._session.get(
                f"{self._url}/{path}", params=query, timeout=timeout, allow_redirects=False, stream=True
            ) as reply:
                _check_status(path.partition("/")[0], reply.status_code)
                return json.loads(_body(reply, deadline))
        except (requests.Timeout, ReadTimeoutError) as error:
            raise HrTimedOutError("no answer in time") from error
        except (requests.RequestException, HTTPError) as error:
            raise HrUnavailableError("no connection") from error
        except ValueError as error:
            raise HrMalformedError("not JSON") from error


@contextmanager
def _counted() -> Iterator[None]:
    """Count an error by its kind; that somebody is not there is none."""
    try:
        yield
    except HrNotFoundError:
        raise
    except HrError as error:
        HR_ERRORS.labels(error.kind).inc()
        raise


def _check_status(what: str, status: int) -> None:
    """Raise unless the status says that a record follows; `what` names the read without anybody's number or address."""
    if status == 200:
        return
    if status == 404:
        raise HrNotFoundError(f"{what}: none")
    if status in (401, 403, 422) or 400 <= status < 429:
        raise HrRefusedError(f"{what}: status {status}")
    if status >= 429:
        raise HrUnavailableError(f"{what}: status {status}")
    raise HrMalformedError(f"{what}: status {status}")


def _body(reply: requests.Response, deadline: float) -> bytes:
    """Return the body, which may neither be endless nor come endlessly slowly."""
    body = b""
    while part := reply.raw.read1(PART_BYTES, decode_content=True):  # what has come, without waiting for more
        body += part
        if len(body) > MOST_BYTES:
            raise HrMalformedError("too long")
        if time.monotonic() > deadline:
            raise HrTimedOutError("too slow")
    return body


def _validated(kind: Any, fields: Any) -> Any:
    try:
        return kind(**fields)
    except (ValidationError, TypeError) as error:
        raise HrMalformedError(f"not a {kind.__name__}") from error
