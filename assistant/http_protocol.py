"""Reads HTTP as Sanic 21.12 does, and refuses with 400 what that release stumbles over."""

from __future__ import annotations

import re
from typing import Any

from sanic.exceptions import InvalidUsage, SanicException
from sanic.http import Http, Stage
from sanic.request import Request
from sanic.server.protocols.http_protocol import HttpProtocol

_LENGTH = re.compile(r"[0-9]{1,12}")


class FramedRequest(Request):
    """A request whose headers say without doubt where its body ends.

    A negative length sends Sanic into a loop that nobody else gets out of; two statements about the length let a proxy and
    this server see two different requests.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lengths, encodings = self.headers.getall("content-length", []), self.headers.getall("transfer-encoding", [])
        if len(lengths) + len(encodings) > 1 or encodings not in ([], ["chunked"]):
            raise InvalidUsage("Bad Request")
        if lengths and not _LENGTH.fullmatch(lengths[0]):
            raise InvalidUsage("Bad Request")


class _Reader(Http):
    """Whatever fails before a request has been read is the client's doing: Sanic would answer 500, or nothing at all."""

    async def error_response(self, exception: Exception) -> None:
        """Answer with the exception's own status, or 400."""
        if self.stage is Stage.REQUEST and not isinstance(exception, SanicException):
            exception = InvalidUsage("Bad Request")
        if self.request is None:
            self.url = None  # it may be what could not be read
        await super().error_response(exception)


class StrictProtocol(HttpProtocol):
    """Sanic's protocol with both of them; an argument of `Sanic.run`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.request_class = FramedRequest

    def _setup_connection(self) -> None:
        super()._setup_connection()
        self._http = _Reader(self)
