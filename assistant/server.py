"""Starts the chat server: Rasa with the website channel and nothing else open, checked before it says that it is ready."""

from __future__ import annotations

import logging
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import register
from rasa.core.run import close_resources, create_http_input_channels, load_agent_on_start
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.core.utils import AvailableEndpoints
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json
from sanic_cors import CORS

from assistant.http_protocol import StrictProtocol
from assistant.internal_port import Health, show_health, watched
from assistant.nlg import CandidateAnswers
from assistant.parsing import reader
from assistant.settings import Settings
from assistant.storage import open_database
from assistant.tracker_store import CandidateTrackerStore
from assistant.widget_files import widget_files

logger = logging.getLogger(__name__)

MOST_REQUEST_BYTES = 2 * 1024 * 1024  # more is cut off by Sanic; the channel refuses far less, in the contract's words
PREFLIGHT_SECONDS = 600
CHECK_QUESTION = "hoeveel vakantiedagen krijg ik?"


def serve(settings: Settings, model: Path) -> None:
    """Load the model and answer requests on `settings.host` and `settings.port`.

    Raises:
        SettingsError: METRICS_PORT cannot be used.
    """
    os.environ["ACTIONS_URL"] = settings.actions_address  # endpoints.yml names it
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    app = Sanic("kandidaat_assistent", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = MOST_REQUEST_BYTES
    app.error_handler.add(Exception, _refused)
    register(create_http_input_channels(None, "credentials.yml"), app, route="/webhooks/")
    # Only pages of these exact origins may read answers. No cookies: the token travels in a header.
    CORS(
        app,
        origins=sorted(settings.allowed_origins) or "",
        methods=["GET", "POST", "DELETE", "OPTIONS"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["Retry-After"],
        max_age=PREFLIGHT_SECONDS,
        automatic_options=True,
    )
    app.blueprint(widget_files())
    app.register_listener(partial(load_agent_on_start, str(model), endpoints, None), "before_server_start")
    app.register_listener(_check, "before_server_start")
    app.register_listener(close_resources, "after_server_stop")
    health = Health(open_database(settings.database_url))
    show_health(app, health)
    listening = {"host": settings.host, "port": settings.port, "protocol": StrictProtocol}
    with watched(settings, health):
        app.run(**listening, workers=1, access_log=False, backlog=100)


def _refused(_request: Request, error: Exception) -> HTTPResponse:
    """Refuse what reached none of our routes; Sanic's own answer reads headers, and fails where they make no sense."""
    status = getattr(error, "status_code", 500)
    if status >= 500:
        logger.error("request failed", exc_info=error)
    return json({"error": "refused"}, status=status, headers=getattr(error, "headers", None))


async def _check(app: Sanic, _loop: Any) -> None:
    """Refuse to start with a model or an endpoint that Rasa silently put something else in the place of."""
    problem = await self_check(app.ctx.agent)
    if problem:
        logger.critical(problem)
        sys.exit(f"chat: {problem}")
    app.ctx.reader = reader(app.ctx.agent)


async def self_check(agent: Agent) -> str:
    """Return what is wrong with a loaded agent, or '' when it can answer.

    Rasa wraps the tracker store so that its errors are swallowed and events lost; that wrapper is taken off here, and
    the channel tells the candidate that there is an outage.
    """
    if not agent.is_ready() or agent.processor is None:
        return "the model could not be loaded; remove var/models and run `make run` again"
    store = agent.tracker_store
    if isinstance(store, FailSafeTrackerStore):
        agent.tracker_store = agent.processor.tracker_store = store = store._tracker_store
    if not isinstance(store, CandidateTrackerStore):
        return f"the tracker store is {type(store).__name__}; check `tracker_store` in endpoints.yml"
    if not isinstance(agent.nlg, CandidateAnswers):
        return f"the nlg is {type(agent.nlg).__name__}; check `nlg` in endpoints.yml"
    understood = (await agent.parse_message(CHECK_QUESTION))["intent"]["name"]
    if understood != "verlof":
        return f"the model takes {CHECK_QUESTION!r} for {understood!r}; remove var/models and run `make run` again"
    return ""
