"""Makes requests for the chat API, right and wrong ones, and sends them byte for byte."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import dataclass, field
from typing import Any, Optional, Union
from urllib.parse import quote, urlsplit

from hypothesis import strategies as st

SECONDS = 30
BASE = "/webhooks/website"
OWN_TOKEN = "the token of the conversation"
# Enough to lead a conversation into each of its dialogues, so that what is made up arrives in the middle of one.
PHRASES = [
    "hoeveel verlof krijg ik?", "ik wil inloggen", "amina@kandidaat.example", "123 456", "nieuwe code", "uitloggen", "laat maar",
    "waar zit ik in de procedure?", "ik wil iemand spreken", "mag ik een dag later komen?", "Jan De Smet", "jan@elders.example",
    "ja", "nee", "ja, met kopie", "aanpassen", "kan ik meedoen?", "extern", "de tweede", "en de derde?", "eenvoudiger graag",
    "wanneer is stap 1? en hoeveel loon krijg ik? en mag ik telewerken?", "wis mijn gegevens", "zet de data in mijn agenda",
    "what is the salary?", "/restart", "/verlof", "/", "?",
]  # fmt: skip

anything = st.text(alphabet=st.characters(codec=None), max_size=60)  # lone surrogates too
encoded = anything.map(lambda text: quote(text, errors="surrogatepass").encode())
short_bytes = st.binary(max_size=40).map(lambda value: value.replace(b"\r", b"").replace(b"\n", b""))
texts = st.one_of(
    st.sampled_from(PHRASES),
    st.sampled_from(PHRASES),
    anything,
    st.tuples(anything, st.sampled_from(PHRASES), anything).map("".join),
    st.tuples(st.text(min_size=1, max_size=3), st.integers(1, 1300)).map(lambda drawn: drawn[0] * drawn[1]),
)


@dataclass(frozen=True)
class Button:
    """Stands for the payload of a button that the conversation offered, if it has offered one."""

    number: int


@dataclass(frozen=True)
class Attempt:
    """A request; `token` and `body` may stand for what only the running conversation knows."""

    method: str
    path: bytes
    token: Union[str, bytes, None]
    headers: list[tuple[bytes, bytes]]
    body: Union[Button, bytes]


@dataclass
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Talk:
    """A conversation and what it has offered so far."""

    api: str
    token: str
    payloads: list[str] = field(default_factory=list)

    def send(self, attempt: Attempt) -> Reply:
        """Send a request of this conversation, and remember the buttons of the answer."""
        token = self.token.encode() if attempt.token == OWN_TOKEN else attempt.token
        body = attempt.body
        if isinstance(body, Button):
            body = json.dumps({"payload": self.payloads[body.number % len(self.payloads)] if self.payloads else ""}).encode()
        headers = list(attempt.headers)
        if isinstance(token, bytes):
            headers.append((b"Authorization", b"Bearer " + token))
        reply = send(self.api, attempt.method, attempt.path, headers, body)
        if reply.status == 200 and attempt.method == "POST":
            for message in reply.json()["messages"]:
                self.payloads += [button["payload"] for button in message.get("buttons", [])]
        return reply


def send(api: str, method: str, path: bytes, headers: list[tuple[bytes, bytes]], body: bytes) -> Reply:
    """Send exactly these bytes, which no client library would, and read the answer."""
    address = urlsplit(api)
    names = {name.lower() for name, _ in headers}
    framing = [] if names & {b"content-length", b"transfer-encoding"} else [(b"Content-Length", str(len(body)).encode())]
    lines = [b"%s %s HTTP/1.1" % (method.encode(), path), b"Host: %s" % address.netloc.encode()]
    lines += [b"%s: %s" % header for header in [*headers, *framing, (b"Connection", b"close")]]
    with socket.create_connection((str(address.hostname), address.port or 80), SECONDS) as connection:
        connection.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        answer = http.client.HTTPResponse(connection, method=method)
        answer.begin()
        return Reply(answer.status, answer.headers, answer.read())


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda children: st.one_of(st.lists(children, max_size=3), st.dictionaries(anything, children, max_size=3)),
    max_leaves=5,
)
said = texts.map(lambda text: json.dumps({"text": text}).encode())
bodies = st.one_of(
    said,
    said,
    said,
    st.builds(Button, st.integers(0, 30)),
    st.builds(Button, st.integers(0, 30)),
    st.binary(max_size=200),
    json_values.map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries({}, optional={"text": json_values, "payload": json_values, "sender": json_values}).map(
        lambda value: json.dumps(value, ensure_ascii=True).encode()
    ),
    st.tuples(texts, st.sampled_from(["utf-16", "utf-8-sig", "latin-1", "utf-32"])).map(
        lambda drawn: json.dumps({"text": drawn[0]}, ensure_ascii=False).encode(drawn[1], "ignore")
    ),
    st.integers(0, 20000).map(lambda size: b'{"text": "' + b"a" * size + b'"}'),
    st.integers(0, 9000).map(lambda depth: b'{"text": ' + b"[" * depth),
    st.integers(0, 9000).map(lambda size: b'{"text": ' + b"9" * size + b"}"),
)
tokens = st.one_of(
    *[st.just(OWN_TOKEN)] * 6,
    st.none(),
    short_bytes,
    encoded,
)
header_names = st.one_of(
    *[st.just(b"X-Forwarded-For")] * 3,
    st.sampled_from(
        b"Authorization Origin Content-Type Accept Cookie Forwarded X-Real-IP X-Request-ID Accept-Encoding Referer Range Host "
        b"Access-Control-Request-Method Access-Control-Request-Headers If-None-Match Upgrade User-Agent X-Scheme".split()
    ),
    st.from_regex(rb"[A-Za-z0-9_-]{1,20}", fullmatch=True).filter(
        lambda name: name.lower() not in (b"content-length", b"transfer-encoding", b"expect")
    ),
)
header_values = st.one_of(
    short_bytes,
    anything.map(lambda text: text.encode("utf-8", "ignore").replace(b"\r", b"").replace(b"\n", b"")),
    st.sampled_from([b"127.0.0.1", b"2001:db8::1, 10.0.0.1", b"https://www.kortrijk.be", b"null", b"application/xml"]),
    st.sampled_from(
        [b"multipart/form-data; boundary=x", b"text/plain; charset=nonsense", b"websocket", b"GET", b"a" * 4000]
    ),
)
# What frames the body wrongly; the server must not wait for more than was sent, so no length is too large.
misframed = st.sampled_from(
    [
        (b"Content-Length", b"-1"), (b"Content-Length", b"onzin"), (b"Content-Length", b"0"), (b"Content-Length", b""),
        (b"Content-Length", b"1_0"), (b"Content-Length", "٣".encode()), (b"Transfer-Encoding", b"gzip"),
        (b"Transfer-Encoding", b"identity"), (b"Expect", b"iets"), (b"Expect", b"100-continue"),
    ]
)  # fmt: skip
headers = st.one_of(
    *[st.just([])] * 3,
    st.lists(st.tuples(header_names, header_values), max_size=4),
    st.lists(st.tuples(header_names, header_values), max_size=4),
    misframed.map(lambda header: [header]),
)
odd_paths = st.one_of(
    st.sampled_from([b"/", b"*", b"/webhooks/rest/webhook", b"/conversations/default/tracker", b"/model/parse", b"/status"]),
    st.sampled_from([b"/webhooks/website", b"/webhooks/website//messages", b"/webhooks/website/messages/../sessions"]),
    st.tuples(st.sampled_from([b"/messages?", b"/sessions?", b"/", b"/messages/", b""]), short_bytes).map(
        lambda drawn: BASE.encode() + b"".join(drawn).replace(b" ", b"%20")
    ),
    encoded.map(lambda text: BASE.encode() + b"/" + text),
)


def _route(method: str, path: str) -> st.SearchStrategy[tuple[str, bytes]]:
    return st.just((method, f"{BASE}{path}".encode()))


routes = st.one_of(
    *[_route("POST", "/messages")] * 9,
    *[_route("GET", "/messages")] * 2,
    _route("POST", "/sessions"),
    _route("DELETE", "/sessions"),
    _route("GET", "/"),
    _route("GET", "/health"),
    st.tuples(
        st.sampled_from(["GET", "POST", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE", "post", "ONZIN"]),
        st.sampled_from([f"{BASE}{path}".encode() for path in ("/messages", "/sessions", "/", "/health")]),
    ),
    st.tuples(st.sampled_from(["GET", "POST", "DELETE"]), odd_paths),
)
attempts = st.builds(
    lambda route, token, headers, body: Attempt(*route, token, headers, body), routes, tokens, headers, bodies
)


def problem_of(attempt: Attempt, reply: Reply) -> Optional[str]:
    """Return in what an answer is not one of the contract's, or None."""
    if reply.status >= 500:
        return f"status {reply.status}"
    path = attempt.path.decode("latin-1").split("?")[0]
    if attempt.method in ("HEAD", "OPTIONS") or reply.status == 204:
        return None
    answer = reply.json()
    if reply.status == 200 and path == f"{BASE}/messages":
        return None if _are_messages(answer.get("messages"), attempt.method) else "no messages"
    if reply.status in (200, 201):
        return None
    # What never reached the channel (another path, another method, a broken frame) is refused by the server itself.
    refused_before = reply.status in (400, 404, 405, 413, 417)
    is_contract = isinstance(answer.get("error"), str) and len(answer.get("message", "")) > 20
    return None if refused_before or is_contract else "an error without a sentence"


def _are_messages(messages: Any, method: str) -> bool:
    members = {"text", "buttons", "links", "attachment"} | ({"from", "at"} if method == "GET" else set())
    return (
        isinstance(messages, list)
        and (bool(messages) or method == "GET")
        and all(set(message) <= members and isinstance(message["text"], str) for message in messages)
    )
