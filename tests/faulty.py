"""A server between two others that passes requests on, or does to them what goes wrong in a network."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

SLOW_SECONDS = 8.0
FAULTS = ("500", "401", "html", "half", "other", "redirect", "slow", "trickle", "endless", "closed")


class FaultyProxy(ThreadingHTTPServer):
    """Passes on to `target` while `fault` is empty."""

    daemon_threads = True
    fault = ""

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that gave up is what the test is about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyProxy

    def do_GET(self) -> None:
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        reply = requests.get(self.server.target + self.path, headers=headers, timeout=5)
        getattr(self, f"_{self.server.fault or 'pass_on'}")(reply.status_code, reply.content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _pass_on(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _500(self, _: int, __: bytes) -> None:
        self._pass_on(500, b'{"error": "failed"}')

    def _401(self, _: int, __: bytes) -> None:
        self._pass_on(401, b'{"error": "unauthorized"}')

    def _html(self, _: int, __: bytes) -> None:
        self._pass_on(200, b"<html><body>Onderhoud</body></html>", "text/html")

    def _half(self, status: int, body: bytes) -> None:
        self._pass_on(status, body[: len(body) // 2])

    def _other(self, _: int, __: bytes) -> None:
        self._pass_on(200, b'{"number": 5, "steps": "geen"}')

    def _redirect(self, _: int, __: bytes) -> None:
        self.send_response(302)
        self.send_header("Location", "http://127.0.0.1:9/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _slow(self, status: int, body: bytes) -> None:
        time.sleep(SLOW_SECONDS)
        self._pass_on(status, body)

    def _trickle(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(0.2)

    def _endless(self, status: int, _: bytes) -> None:
        self.send_response(status)
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(b" " * 65536)
        self.close_connection = True

    def _closed(self, _: int, __: bytes) -> None:
        self.close_connection = True


@contextmanager
def faulty_proxy(target: str) -> Iterator[FaultyProxy]:
    """Run the proxy until the block ends."""
    proxy = FaultyProxy(target)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
