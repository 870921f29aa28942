"""Runs the action server: `python -m assistant.action_server`. It answers nobody but the chat server."""

from __future__ import annotations

import hmac
import logging
import sys
from typing import Optional

from rasa_sdk.endpoint import create_app
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json
from sqlalchemy.exc import SQLAlchemyError

from assistant.action_services import action_services
from assistant.http_protocol import StrictProtocol
from assistant.internal_port import Health, show_health, watched
from assistant.log import configure_logging
from assistant.mail.outbox import Outbox
from assistant.mail.outbox_gauges import watch_outbox
from assistant.settings import ActionSettings, SettingsError, read_settings
from assistant.storage import open_database

logger = logging.getLogger(__name__)

TOKEN_HEADER = "x-action-token"  # noqa: S105 - the header's name; endpoints.yml sends it
MOST_REQUEST_BYTES = 2 * 1024 * 1024  # Rasa sends the whole conversation


def main() -> None:
    """Serve until stopped."""
    configure_logging("actions")
    try:
        settings = read_settings(ActionSettings)
        action_services()  # what is wrong with them shows now, and not at a candidate's first question
    except SettingsError as error:
        sys.exit(f"actions: {error}")
    except SQLAlchemyError as error:
        sys.exit(f"actions: the database of DATABASE_URL cannot be used ({type(error).__name__})")
    engine = open_database(settings.database_url)
    watch_outbox(Outbox(engine))
    app = application(settings.action_token)
    health = Health(engine)
    show_health(app, health)
    listening = {"host": settings.actions_host, "port": settings.actions_port, "protocol": StrictProtocol}
    try:
        with watched(settings, health):
            app.run(**listening, workers=1, access_log=False)
    except SettingsError as error:
        sys.exit(f"actions: {error}")


def application(token: str) -> Sanic:
    """Return rasa-sdk's server with the actions of this project, closed to whoever does not know `token`."""
    app = create_app("actions", cors_origins="")
    app.config.REQUEST_MAX_SIZE = MOST_REQUEST_BYTES
    app.error_handler.add(Exception, _failed)

    @app.middleware("request")
    async def authenticate(request: Request) -> Optional[HTTPResponse]:
        given = request.headers.get(TOKEN_HEADER, "").encode("utf-8", "replace")
        if hmac.compare_digest(given, token.encode()):
            return None
        logger.warning("a call without the shared secret was refused", extra={"path": request.path})
        return json({"error": "unauthorized"}, status=401)

    return app


def _failed(request: Request, error: Exception) -> HTTPResponse:
    """Log the cause and say nothing: rasa-sdk would send the whole request, and with it the conversation, back."""
    logger.error("action failed", exc_info=error, extra={"path": request.path})
    return json({"error": "failed"}, status=getattr(error, "status_code", 500))


if __name__ == "__main__":
    main()
