"""The website's channel: the chat API (docs/chat-api.md) as a Rasa connector, and the only way in."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NoReturn, Optional, Union

import yaml
from jinja2 import Environment, StrictUndefined, Template
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.events import BotUttered, UserUttered
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, empty, raw

from assistant.answers import UTTER
from assistant.clock import Clock, clock_for
from assistant.conversation.past import Past, past_of
from assistant.facts import load_facts
from assistant.feedback import Feedback
from assistant.identity.identification import Identification
from assistant.interpreter import MASKED, Interpreter, known
from assistant.message_keys import CLIENT, PART, PERSONAL, SAID, TYPED
from assistant.metrics import CONVERSATIONS, ERRORS, MESSAGE_SECONDS, MESSAGES
from assistant.outcomes import outcome_of
from assistant.pending import PendingQuestions
from assistant.privacy.dialogue import ERASED
from assistant.privacy.erasure import Erasure
from assistant.rate_limits import RateLimits
from assistant.settings import BRUSSELS, Settings, load_settings
from assistant.storage import Conversations, open_database
from assistant.tokens import Tokens
from assistant.turns import NoConversationError, Turn, Turns, TurnTakenError
from assistant.typed_text import readable

logger = logging.getLogger(__name__)

ERRORS_FILE = Path(__file__).with_name("errors.yml")
MOST_CHARACTERS = 1000
MOST_BODY_BYTES = 16 * 1024  # the longest text, each character written as two \\uXXXX escapes, and some room
ANSWER_SECONDS = 10
# Rasa replays a conversation at each message; a new session of the same conversation keeps that short.
TURNS_PER_SESSION = 25
START_INTENT = "gesprek_start"
SESSION_INTENT = "session_start"
HIDDEN = {START_INTENT, SESSION_INTENT}
IDENTIFYING = "antwoord_identificatie"

MessageHandler = Callable[[UserMessage], Awaitable[Any]]
Handler = Callable[[Request], Awaitable[HTTPResponse]]
Said = Union[str, tuple[str, str]]  # a typed text, or the payload and the title of a button


class ApiError(Exception):
    """A request that gets one of the contract's errors."""

    def __init__(self, status: int, code: str, headers: Optional[Mapping[str, str]] = None, **values: Any) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})
        self.values = values


class MessageCollector(OutputChannel):
    """Collects what Rasa says in one turn."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        """The channel's name."""
        return "website"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep the message as Rasa made it."""
        self.messages.append(message)


@dataclass
class Services:
    """What the channel works with; built once."""

    settings: Settings
    clock: Clock
    tokens: Tokens
    conversations: Conversations
    turns: Turns
    pendings: PendingQuestions
    identification: Identification
    erasure: Erasure
    interpreter: Interpreter
    limits: RateLimits
    error_texts: dict[str, Template]

    @classmethod
    def from_settings(cls, settings: Settings) -> Services:
        """Build the real ones."""
        clock = clock_for(settings.bot_now)
        engine = open_database(settings.database_url)
        pendings = PendingQuestions(engine)
        identification = Identification(engine, settings.secret_key, clock)
        return cls(
            settings=settings,
            clock=clock,
            tokens=Tokens(settings.secret_key, clock),
            conversations=Conversations(engine),
            turns=Turns(engine, clock, also=identification.touch),
            pendings=pendings,
            identification=identification,
            erasure=Erasure(engine),
            interpreter=Interpreter(pendings, identification, Feedback(engine), clock),
            limits=RateLimits(settings.rate, settings.redis_url),
            error_texts=error_texts(),
        )


class WebsiteChannel(InputChannel):
    """Speaks the chat API with browsers and hands clean messages to Rasa."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @classmethod
    def name(cls) -> str:
        """The name in the URL: /webhooks/website."""
        return "website"

    @classmethod
    def from_credentials(cls, credentials: Optional[dict[str, Any]]) -> WebsiteChannel:
        """Build the channel; all that it needs comes from the settings."""
        return cls(Services.from_settings(load_settings()))

    def blueprint(self, on_new_message: MessageHandler) -> Blueprint:
        """Define the routes of the contract."""
        website = Blueprint("website", url_prefix=self.name())

        @website.get("/")
        async def health(_: Request) -> HTTPResponse:
            return self._json({"status": "ok"})

        @website.post("/sessions")
        @self._guarded
        async def begin(request: Request) -> HTTPResponse:
            await self._limit(request, None)
            conversation_id = uuid.uuid4().hex
            self._services.conversations.begin(conversation_id, self._services.clock())
            messages = await self._say(on_new_message, conversation_id, known(START_INTENT, START_INTENT))
            CONVERSATIONS.inc()
            token, expires_at = self._services.tokens.issue(conversation_id)
            body = {"token": token, "expires_at": expires_at.isoformat(), "messages": messages}
            return self._json(body, status=201)

        @website.delete("/sessions", ignore_body=False)
        @self._guarded
        async def end(request: Request) -> HTTPResponse:
            conversation_id = self._authenticate(request)
            async with self._turn(conversation_id):  # a message in hand would be stored after the rest is gone
                self._services.erasure.erase(conversation_id)
            return empty()

        @website.post("/messages")
        @self._guarded
        async def talk(request: Request) -> HTTPResponse:
            began = time.perf_counter()
            conversation_id = self._authenticate(request)
            await self._limit(request, conversation_id)
            said = self._said_in(request, conversation_id)
            async with self._turn(conversation_id) as turn:
                messages = await self._messages(request, conversation_id, said)
                if turn.number % TURNS_PER_SESSION == 0:
                    await self._handle(on_new_message, conversation_id, known(SESSION_INTENT, SESSION_INTENT))
                answers = await self._say(on_new_message, conversation_id, *messages)
            MESSAGE_SECONDS.observe(time.perf_counter() - began)
            return self._json({"messages": answers})

        @website.get("/messages")
        @self._guarded
        async def history(request: Request) -> HTTPResponse:
            conversation_id = self._authenticate(request)
            if not self._services.conversations.exists(conversation_id):
                raise ApiError(401, "unauthorized")
            tracker = await request.app.ctx.agent.tracker_store.retrieve_full_tracker(conversation_id)
            events = tracker.events if tracker else []
            is_known = self._services.identification.who(conversation_id) is not None
            said = [self._said(conversation_id, event, is_known) for event in events]
            return self._json({"messages": [message for message in said if message]})

        return website

    def _guarded(self, handler: Handler) -> Handler:
        """Turn whatever goes wrong in a handler into the contract's error, as an answer like any other.

        An exception that reached Sanic would get an answer without the headers that let a page read it.
        """

        @wraps(handler)
        async def answer(request: Request) -> HTTPResponse:
            try:
                return await handler(request)
            except Exception as error:  # noqa: BLE001 - the last place where a candidate can still be told
                return self._error(request, error)

        return answer

    def _authenticate(self, request: Request) -> str:
        """Return the conversation of the request's token; whether it is still there shows when it is looked up."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        conversation_id = self._services.tokens.conversation_of(token) if scheme.lower() == "bearer" else None
        if conversation_id is None:
            raise ApiError(401, "unauthorized")
        return conversation_id

    @asynccontextmanager
    async def _turn(self, conversation_id: str) -> AsyncIterator[Turn]:
        try:
            async with self._services.turns.next(conversation_id) as turn:
                yield turn
        except NoConversationError:
            raise ApiError(401, "unauthorized") from None
        except TurnTakenError as error:
            raise ApiError(503, "unavailable") from error

    async def _limit(self, request: Request, conversation_id: Optional[str]) -> None:
        limits, client = self._services.limits, self._client_key(request)
        if limits.is_shared:  # a slow Redis keeps nobody else waiting
            seconds = await asyncio.to_thread(limits.seconds_to_wait, conversation_id, client)
        else:
            seconds = limits.seconds_to_wait(conversation_id, client)
        if seconds:
            raise ApiError(429, "too_many_requests", {"Retry-After": str(seconds)}, seconds=seconds)

    def _client_address(self, request: Request) -> str:
        """Return the address of the browser: as the outermost of our own proxies saw it, when there are any."""
        proxies = self._services.settings.chat_proxies
        # A proxy may append to the header, or add another one below it.
        forwarded = ",".join(request.headers.getall("x-forwarded-for", [])).split(",")
        try:
            return str(ip_address(forwarded[-proxies].strip())) if proxies else request.ip
        except (IndexError, ValueError):  # none, or no address: our own proxies write nothing else
            return request.ip

    def _client_key(self, request: Request) -> str:
        """Return what tells one browser's address from another's, and not which it is."""
        return self._services.identification.keyed(CLIENT, self._client_address(request))

    async def _messages(self, request: Request, conversation_id: str, said: Said) -> list[UserMessage]:
        """Return what Rasa gets for what the request says."""
        messages = await self._interpreted(request.app, conversation_id, said)
        client_key = self._client_key(request)
        for message in messages:
            message.metadata = {**(message.metadata or {}), CLIENT: client_key}
        return messages

    def _said_in(self, request: Request, conversation_id: str) -> Said:
        """Return what the request says: a typed text, cleaned, or the button that was chosen."""
        fields = _fields(request.body)
        text, payload = fields.get("text"), fields.get("payload")
        if isinstance(payload, str) and text is None:
            button = self._services.tokens.button_of(conversation_id, payload)
            if button is None:
                raise ApiError(403, "unknown_payload")
            return button
        if not isinstance(text, str) or payload is not None:
            raise ApiError(400, "invalid_request")
        if len(text) > MOST_CHARACTERS:
            raise ApiError(413, "text_too_long", most_characters=MOST_CHARACTERS)
        typed = readable(text)
        if not typed:
            raise ApiError(400, "empty_text")
        return typed

    async def _interpreted(self, app: Sanic, conversation_id: str, said: Said) -> list[UserMessage]:
        if not isinstance(said, str):
            return [self._services.interpreter.chosen(conversation_id, *said)]

        async def remember() -> Past:
            return past_of(await app.ctx.agent.tracker_store.retrieve(conversation_id))

        return await self._services.interpreter.typed(conversation_id, said, app.ctx.reader, remember)

    async def _say(self, on_new_message: MessageHandler, conversation_id: str, *asked: UserMessage) -> list[dict[str, Any]]:
        """Give each message to Rasa and return what it answers, in the contract's form; never an empty list."""
        said = [answer for message in asked for answer in await self._handle(on_new_message, conversation_id, message)]
        messages = [self._as_message(conversation_id, answer) for answer in said]
        if not messages:
            logger.error("no answer for a message", extra={"conversation": conversation_id})
            messages = [{"text": self._error_text("no_answer")}]
        return messages

    async def _handle(
        self, on_new_message: MessageHandler, conversation_id: str, message: UserMessage
    ) -> list[dict[str, Any]]:
        message.sender_id = conversation_id
        message.input_channel = self.name()
        message.output_channel = collector = MessageCollector()
        try:
            await asyncio.wait_for(on_new_message(message), ANSWER_SECONDS)
            if any(said.get(SAID) == f"{UTTER}{ERASED}" for said in collector.messages):
                self._services.erasure.erase(conversation_id)
        except Exception as error:
            raise ApiError(503, "uncertain") from error
        if not _is_our_own(message):
            MESSAGES.labels(outcome_of(collector.messages).value).inc()
        return collector.messages

    def _as_message(self, conversation_id: str, said: Mapping[str, Any]) -> dict[str, Any]:
        message: dict[str, Any] = {"text": said.get("text") or ""}
        if said.get("buttons"):
            message["buttons"] = [
                {
                    "title": button["title"],
                    "payload": self._services.tokens.button_payload(conversation_id, button["payload"], button["title"]),
                }
                for button in said["buttons"]
            ]
        links = (said.get("custom") or {}).get("links")
        message.update({"links": links} if links else {})
        message.update({"attachment": said["attachment"]} if said.get("attachment") else {})
        return message

    def _said(self, conversation_id: str, event: Any, is_known: bool) -> Optional[dict[str, Any]]:
        """Return a stored event as a message of the history, or None where it is not one.

        What comes from a candidate's file, and the address that opened it, is shown to who is identified now: somebody else
        may sit at the same computer later.
        """
        message: dict[str, Any]
        if isinstance(event, UserUttered) and event.intent_name not in HIDDEN and PART not in (event.metadata or {}):
            hidden = not is_known and event.intent_name == IDENTIFYING
            message = {"from": "user", "text": MASKED if hidden else (event.metadata or {}).get(TYPED) or event.text or ""}
        elif isinstance(event, BotUttered) and (event.metadata or {}).get(PERSONAL) and not is_known:
            message = {"from": "bot", "text": self._error_text("personal_answer")}
        elif isinstance(event, BotUttered):
            message = {"from": "bot", **self._as_message(conversation_id, {"text": event.text, **event.data})}
        else:
            return None
        return {**message, "at": datetime.fromtimestamp(event.timestamp, BRUSSELS).isoformat(timespec="seconds")}

    def _error(self, request: Request, error: Exception) -> HTTPResponse:
        if not isinstance(error, ApiError):
            logger.error("request failed", exc_info=error, extra={"path": request.path})
            error = ApiError(503, "unavailable")
        elif error.__cause__:
            logger.error("request failed half-way", exc_info=error.__cause__, extra={"path": request.path})
        ERRORS.labels(str(error.status), error.code).inc()
        body = {"error": error.code, "message": self._error_text(error.code, **error.values)}
        return self._json(body, status=error.status, headers=error.headers)

    def _error_text(self, code: str, **values: Any) -> str:
        return self._services.error_texts[code].render(**values)

    @staticmethod
    def _json(body: Mapping[str, Any], status: int = 200, headers: Optional[Mapping[str, str]] = None) -> HTTPResponse:
        encoded = json.dumps(body, ensure_ascii=False).encode("utf-8")
        safe = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}
        return raw(encoded, status=status, headers=safe, content_type="application/json")


def _is_our_own(message: UserMessage) -> bool:
    """Tell whether no candidate said it: the start of a conversation or of a session."""
    return bool(message.parse_data) and message.parse_data["intent"]["name"] in HIDDEN


def error_texts() -> dict[str, Template]:
    """Return what a client reads for each code, with the facts in it."""
    environment = Environment(undefined=StrictUndefined)  # noqa: S701 - plain text, sent as JSON, never as HTML
    environment.globals.update(load_facts())
    texts = yaml.safe_load(ERRORS_FILE.read_text(encoding="utf-8"))
    return {code: environment.from_string(text) for code, text in texts.items()}


def _fields(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`.

    Raises:
        ApiError: 413 where it is longer than any message can be, 400 where it is not a JSON object.
    """
    if len(body) > MOST_BODY_BYTES:
        raise ApiError(413, "text_too_long", most_characters=MOST_CHARACTERS)
    try:
        fields = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        _reject()
    return fields if isinstance(fields, dict) else _reject()


def _reject() -> NoReturn:
    raise ApiError(400, "invalid_request")
