"""The HTTP side of the contract: who may read, and what is answered. OpenAPI at /openapi.json."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, Literal, Optional, TypeVar

from fastapi import Depends, FastAPI, Header, HTTPException, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException as StarletteHTTPException

from hr_backend.candidates import Candidates, newest_round
from hr_backend.records import NUMBER_PATTERN, Candidate, Round

logger = logging.getLogger(__name__)
AnyRecord = TypeVar("AnyRecord")

DEFAULT_READER = "assistent"
READER_PATTERN = "^[A-Za-z0-9._@-]{1,64}$"
EMAIL_PATTERN = r"^[^@\x00-\x20\x7f]+@[^@\x00-\x20\x7f]+$"
_CODES = {401: "unauthorized", 404: "not_found", 405: "method_not_allowed"}


class Error(BaseModel):
    """What every refusal looks like; `error` is a code for programs, never a sentence for people."""

    error: str


class Health(BaseModel):
    """The server runs."""

    status: Literal["ok"] = "ok"


# What every read can answer besides its record.
_REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "no token, or a wrong one"},
    404: {"model": Error, "description": "there is none"},
    422: {"model": Error, "description": "a value of another form than this document says"},
    503: {"model": Error, "description": "the database does not answer"},
}


def application(engine: Engine, token: str, clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> FastAPI:
    """Return the server on a database, closed to whoever does not know `token`."""
    # The pages that FastAPI draws of its document fetch scripts from elsewhere, so there are none.
    app = FastAPI(title="HR-backend", version="1", docs_url=None, redoc_url=None)
    app.add_exception_handler(StarletteHTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(SQLAlchemyError, _no_database)
    app.add_exception_handler(Exception, _failed)
    candidates = Candidates(engine)
    # What a record does not have is left out, as in the chat API: pydantic 1 cannot say 'or null' in the document.
    reading: dict[str, Any] = {
        "dependencies": [Depends(_guard(token))],
        "responses": _REFUSALS,
        "response_model_exclude_none": True,
    }

    @app.get("/health")
    def health() -> Health:
        """Tell that the server runs."""
        return Health()

    @app.get("/round", **reading)
    def selection_round() -> Round:
        """Return the steps and dates of the newest round."""
        return _found(newest_round(engine))

    @app.get("/candidates/by-email", **reading)
    def candidate_by_email(
        email: str = Query(max_length=254, pattern=EMAIL_PATTERN),
        x_reader: str = Header(DEFAULT_READER, pattern=READER_PATTERN),
    ) -> Candidate:
        """Return the record with this e-mail address, whatever its capitals. The read is logged."""
        return _found(candidates.by_email(email, x_reader, clock()))

    @app.get("/candidates/{number}", **reading)
    def candidate_by_number(
        number: str = Path(pattern=NUMBER_PATTERN),
        x_reader: str = Header(DEFAULT_READER, pattern=READER_PATTERN),
    ) -> Candidate:
        """Return the record with this number. The read is logged."""
        return _found(candidates.by_number(number, x_reader, clock()))

    return app


def _guard(token: str) -> Callable[..., None]:
    scheme = HTTPBearer(auto_error=False, description="HR_API_TOKEN")

    def check(given: Optional[HTTPAuthorizationCredentials] = Depends(scheme)) -> None:  # noqa: B008 - FastAPI's way
        if given is None or not hmac.compare_digest(given.credentials.encode(), token.encode()):
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})

    return check


def _found(record: Optional[AnyRecord]) -> AnyRecord:
    if record is None:
        raise HTTPException(404)
    return record


def _refused(_request: Request, error: Exception) -> JSONResponse:
    status = getattr(error, "status_code", 500)
    code = _CODES.get(status, "refused")
    return JSONResponse({"error": code}, status, headers=getattr(error, "headers", None))


def _malformed(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"error": "invalid_request"}, 422)


def _no_database(_request: Request, error: Exception) -> JSONResponse:
    """Log the cause; the caller learns only that trying later may help."""
    logger.error("the database does not answer", exc_info=error)
    return JSONResponse({"error": "unavailable"}, 503)


def _failed(_request: Request, error: Exception) -> JSONResponse:
    logger.error("a request failed", exc_info=error)
    return JSONResponse({"error": "failed"}, 500)
