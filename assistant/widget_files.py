"""Serves the chat widget's script, which a page of the city includes with one tag (docs/widget.md)."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, raw

DIST = Path("web/dist")
NAME = "kandidaat-chat.*.js"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    # The version is part of the name, so what is behind a name never changes.
    "Cache-Control": "public, max-age=31536000, immutable",
}


class WidgetMissingError(Exception):
    """The widget was not built."""


@cache
def script() -> Path:
    """Return the built script.

    Raises:
        WidgetMissingError: there is none, or more than one.
    """
    found = sorted(DIST.glob(NAME))
    if len(found) != 1:
        raise WidgetMissingError(f"web/dist has {len(found)} scripts; `bash tools/web` builds it")
    return found[0]


def integrity() -> str:
    """Return the hash with which a page makes sure that the script is the one that it trusts."""
    return "sha384-" + base64.b64encode(hashlib.sha384(script().read_bytes()).digest()).decode()


def tag(server: str) -> str:
    """Return the tag that a page includes, for the chat server at this address."""
    source = f"{server}/{script().name}"
    return f'<script defer src="{source}" integrity="{integrity()}" crossorigin="anonymous" data-server="{server}"></script>'


def widget_files() -> Blueprint:
    """Return the route of the script."""
    files = Blueprint("widget_files")
    content = script().read_bytes()

    @files.get(f"/{script().name}")
    async def serve(_: Request) -> HTTPResponse:
        return raw(content, content_type="text/javascript; charset=utf-8", headers=HEADERS)

    return files
