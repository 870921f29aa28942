"""deploy/proxy in a real nginx: what gets through to a chat server, as what, and what candidates read when nothing does."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import ROOT
from tools.servers import ChatServer, Conversation, free_port

DEPLOY = ROOT / "deploy"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
START_SECONDS = 30
PAGE = "https://www.kortrijk.be"
MOST_BYTES = 16 * 1024
SCRIPT = "kandidaat-chat.1.0.0.js"
FORGED = {
    "X-Forwarded-For": "198.51.100.7",
    "X-Real-IP": "198.51.100.7",
    "Forwarded": "for=198.51.100.7",
    "X-Request-ID": "mine",
    "X-Forwarded-Host": "elders.example",
}


@dataclass
class Proxy:
    url: str
    redirect: str
    log: Path


@dataclass
class Recorder:
    """Stands where a chat server would, and keeps what arrives."""

    port: int
    seen: list[tuple[str, str, dict[str, str]]]


@contextmanager
def recorder() -> Iterator[Recorder]:
    seen: list[tuple[str, str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(b"{}")

        do_GET = do_POST = do_DELETE = do_OPTIONS = do_HEAD = do_PUT = do_PATCH = answer  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Recorder(server.server_port, seen)
    finally:
        server.shutdown()
        server.server_close()


def certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(timezone.utc)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    signed = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False).sign(
        key, hashes.SHA256()
    )
    (folder / "tls.crt").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "tls.key").write_bytes(pem)


def replace(path: Path, replacements: dict[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in replacements.items():
        assert old in text, f"{old} is not in {path.name}"
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


@contextmanager
def proxy(folder: Path, where: str, chat_port: int, rate: str = "10000r/s") -> Iterator[Proxy]:
    """Run nginx with the files of deploy/, where only addresses, paths and the rate are another machine's."""
    shutil.copytree(DEPLOY / "proxy", folder / "proxy")
    shutil.copytree(DEPLOY / where / "site", folder / "site")
    certificate(folder)
    port, redirect, live = free_port(), free_port(), free_port()
    replace(folder / "proxy" / "nginx.conf", {"/tmp/": f"{folder}/", "rate=10r/s": f"rate={rate}"})
    if where == "compose":
        listen = {
            "8443": f"127.0.0.1:{port}",
            "8080": f"127.0.0.1:{redirect}",
            "127.0.0.1:8081": f"127.0.0.1:{live}",
            "/run/secrets/tls_certificate": f"{folder}/tls.crt",
            "/run/secrets/tls_key": f"{folder}/tls.key",
        }
    else:
        listen = {"8080": f"127.0.0.1:{port}", "8081": f"127.0.0.1:{live}"}
    replace(folder / "site" / "listen.conf", listen)
    replace(folder / "site" / "upstream.conf", {"chat:5005": f"127.0.0.1:{chat_port}"})
    user = " user root;" if os.geteuid() == 0 else ""  # who may look into pytest's folders
    command = [NGINX, "-p", str(folder / "proxy"), "-c", str(folder / "proxy" / "nginx.conf"), "-g", f"daemon off;{user}"]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr
    log = folder / "access.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not answers(f"http://127.0.0.1:{live}/live"):
                assert time.monotonic() < deadline
                assert process.poll() is None, log.read_text(encoding="utf-8")
                time.sleep(0.05)
            scheme = "https" if where == "compose" else "http"
            yield Proxy(f"{scheme}://localhost:{port}", f"http://localhost:{redirect}", log)
        finally:
            process.terminate()
            process.wait(20)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 204
    except requests.ConnectionError:
        return False


@pytest.fixture(scope="module")
def upstream() -> Iterator[Recorder]:
    with recorder() as running:
        yield running


@pytest.fixture(scope="module", params=["compose", "kubernetes"])
def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, upstream: Recorder) -> Iterator[Proxy]:
    """The proxy as each of the two places has it, in front of the recorder."""
    folder = tmp_path_factory.mktemp(request.param)
    with pytest.MonkeyPatch.context() as patch, proxy(folder, request.param, upstream.port) as running:
        patch.setenv("REQUESTS_CA_BUNDLE", str(folder / "tls.crt"))
        yield running


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/webhooks/website/"),
        ("POST", "/webhooks/website/sessions"),
        ("DELETE", "/webhooks/website/sessions"),
        ("OPTIONS", "/webhooks/website/sessions"),
        ("POST", "/webhooks/website/messages"),
        ("GET", "/webhooks/website/messages"),
        ("OPTIONS", "/webhooks/website/messages"),
        ("GET", f"/{SCRIPT}"),
    ],
)
def test_the_chat_api_and_the_widget_get_through(door: Proxy, upstream: Recorder, method: str, path: str) -> None:
    upstream.seen.clear()
    assert requests.request(method, f"{door.url}{path}", timeout=10).status_code == 200
    assert [(seen[0], seen[1]) for seen in upstream.seen] == [(method, path)]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/webhooks/website/health", 404),
        ("GET", "/webhooks/website", 301),
        ("POST", "/webhooks/website/messages/", 404),
        ("POST", "/webhooks/website/messages%00", 400),
        ("POST", "/webhooks/rest/webhook", 404),
        ("POST", "/webhook", 404),
        ("GET", "/webhooks/website/../../metrics", 404),
        ("GET", "/webhooks/website/%2e%2e/%2e%2e/status", 404),
        ("GET", "/metrics", 404),
        ("GET", "/ready", 404),
        ("GET", "/conversations/default/tracker", 404),
        ("PUT", "/model", 404),
        ("GET", "/candidates/K-2025-0001", 404),
        ("GET", "/413.json", 404),
        ("GET", "/nginx.conf", 404),
        ("PUT", "/webhooks/website/messages", 405),
        ("GET", "/webhooks/website/sessions", 405),
        ("POST", "/webhooks/website/", 405),
        ("POST", f"/{SCRIPT}", 405),
    ],
)
def test_nothing_else_gets_through(door: Proxy, upstream: Recorder, method: str, path: str, status: int) -> None:
    upstream.seen.clear()
    with requests.Session() as session:
        request = session.prepare_request(requests.Request(method, door.url))
        request.url = f"{door.url}{path}"  # as typed: requests would tidy the dots
        reply = session.send(request, timeout=10, allow_redirects=False, verify=os.environ["REQUESTS_CA_BUNDLE"])
    assert reply.status_code == status
    assert upstream.seen == []
    assert "nginx/" not in reply.headers["Server"] + reply.text


def test_what_a_client_says_of_itself_is_not_passed_on(door: Proxy, upstream: Recorder) -> None:
    upstream.seen.clear()
    reply = requests.post(f"{door.url}/webhooks/website/sessions", headers=FORGED, timeout=10)
    ((_, _, headers),) = upstream.seen
    is_behind_an_ingress = door.url.startswith("http:")  # which alone reaches the proxy, and whose word counts
    assert headers["x-forwarded-for"] == ("198.51.100.7" if is_behind_an_ingress else "127.0.0.1")
    assert not {"forwarded", "x-real-ip", "x-forwarded-host"} & set(headers)
    assert headers["x-request-id"] == reply.headers["X-Request-ID"]
    assert len(headers["x-request-id"]) == 32


def test_of_the_addresses_that_reach_an_ingress_only_its_own_counts(door: Proxy, upstream: Recorder) -> None:
    upstream.seen.clear()
    forged = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9"}
    requests.get(f"{door.url}/webhooks/website/", headers=forged, timeout=10)
    ((_, _, headers),) = upstream.seen
    assert headers["x-forwarded-for"] in ("203.0.113.9", "127.0.0.1")


def test_every_answer_has_the_security_headers(door: Proxy) -> None:
    for path in ("/webhooks/website/", "/elders"):
        headers = requests.get(f"{door.url}{path}", timeout=10).headers
        assert headers["Strict-Transport-Security"].startswith("max-age=")
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Request-ID"]


def test_a_body_that_is_too_long_is_refused_in_the_assistants_words(door: Proxy, upstream: Recorder) -> None:
    messages = f"{door.url}/webhooks/website/messages"
    assert requests.post(messages, data=b"x" * MOST_BYTES, timeout=10).status_code == 200
    upstream.seen.clear()
    for origin in (PAGE, "https://elders.example"):
        reply = requests.post(messages, data=b"x" * (MOST_BYTES + 1), headers={"Origin": origin}, timeout=10)
        assert reply.status_code == 413
        assert reply.json()["error"] == "text_too_long"
        assert reply.headers.get("Access-Control-Allow-Origin") == (PAGE if origin == PAGE else None)
        assert reply.headers["Cache-Control"] == "no-store"
    assert upstream.seen == []


def test_endless_headers_are_refused(door: Proxy, upstream: Recorder) -> None:
    upstream.seen.clear()
    assert requests.get(f"{door.url}/webhooks/website/", headers={"X-Long": "x" * 20_000}, timeout=10).status_code == 400
    assert upstream.seen == []


def test_the_log_has_no_address_and_no_query(door: Proxy) -> None:
    requests.get(f"{door.url}/webhooks/website/?q=geheim", headers={"User-Agent": "herkenbaar", **FORGED}, timeout=10)
    deadline = time.monotonic() + START_SECONDS
    while "GET /webhooks/website/ 200" not in (lines := door.log.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for planted in ("geheim", "herkenbaar", "198.51.100.7", "127.0.0.1"):
        assert planted not in lines


@pytest.mark.parametrize("door", ["compose"], indirect=True)  # in Kubernetes the Ingress speaks TLS
def test_only_modern_tls_is_spoken(door: Proxy) -> None:
    old = ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    address = ("localhost", int(door.url.rsplit(":", 1)[1]))
    with pytest.raises(ssl.SSLError):
        handshake(old, address)
    moved = requests.get(f"{door.redirect}/webhooks/website/", allow_redirects=False, timeout=10)
    assert moved.status_code == 301
    assert moved.headers["Location"] == "https://localhost/webhooks/website/"


def handshake(context: ssl.SSLContext, address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=10) as raw, context.wrap_socket(raw, server_hostname="localhost"):
        pass


def test_one_address_cannot_keep_the_chat_servers_busy(tmp_path: Path, upstream: Recorder) -> None:
    """What is above the rate never arrives; the rate of the test is the file's, so only a flood reaches it."""
    upstream.seen.clear()
    with proxy(tmp_path, "kubernetes", upstream.port, rate="10r/s") as door, ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda _: requests.get(f"{door.url}/webhooks/website/", timeout=30), range(400)))
    refused = [reply for reply in replies if reply.status_code == 429]
    assert refused
    assert len(upstream.seen) == len(replies) - len(refused)
    assert refused[0].json()["error"] == "too_many_requests"
    assert refused[0].headers["Retry-After"] == "10"


def test_a_candidate_is_told_when_no_chat_server_answers(tmp_path: Path) -> None:
    with proxy(tmp_path, "kubernetes", free_port()) as door:
        reply = requests.post(f"{door.url}/webhooks/website/sessions", headers={"Origin": PAGE}, timeout=30)
    assert reply.status_code == 503
    assert "056" in reply.json()["message"]
    assert reply.headers["Access-Control-Allow-Origin"] == PAGE


def test_a_conversation_goes_through(server: ChatServer, tmp_path: Path) -> None:
    with proxy(tmp_path, "kubernetes", int(server.url.rsplit(":", 1)[1])) as door:
        begun = requests.post(f"{door.url}/webhooks/website/sessions", headers={"Origin": PAGE}, timeout=30)
        assert begun.headers["Access-Control-Allow-Origin"] == PAGE
        conversation = Conversation(f"{door.url}/webhooks/website", begun.json())
        assert "33 tot 35" in conversation.ask("hoeveel verlof krijg ik?")["text"]
        assert conversation.post({"text": "x" * 1001}).json()["error"] == "text_too_long"
        assert len(conversation.history()) > 2
        assert conversation.end().status_code == 204
        script = requests.get(f"{door.url}/{SCRIPT}", timeout=10)
        assert script.status_code == 200
        assert script.headers["Content-Encoding"] == "gzip"
        assert "immutable" in script.headers["Cache-Control"]
