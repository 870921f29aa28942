"""Serves the demonstration site: a page in the manner of the city's, on another port than the chat server (PAGE_PORT)."""

from __future__ import annotations

import functools
import os
import shutil
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from assistant.widget_files import tag
from tools.faq import write_faq
from tools.model import ROOT

SOURCE = ROOT / "demo"
SITE = ROOT / "var" / "demo"
FAQ = "veelgestelde-vragen.html"


class DemoHandler(SimpleHTTPRequestHandler):
    """Files of the site, under the policy that docs/widget.md asks of a page."""

    server_url = ""

    def end_headers(self) -> None:
        """Add the policy to every answer."""
        policy = f"default-src 'self'; script-src 'self' {self.server_url}; connect-src {self.server_url}"
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing of what goes well."""


def make_site(server: str, site: Path = SITE) -> None:
    """Write the site for a chat server at this address: its pages with the tag, and the static FAQ."""
    shutil.rmtree(site, ignore_errors=True)
    shutil.copytree(SOURCE, site)
    with_faq = tag(server).replace("></script>", f' data-faq="{FAQ}"></script>')
    for page in site.glob("*.html"):
        page.write_text(page.read_text(encoding="utf-8").replace("<!-- chat -->", with_faq), encoding="utf-8")
    write_faq(site / FAQ)


def demo_server(server: str, port: int, site: Path = SITE) -> ThreadingHTTPServer:
    """Return a server of the site that is not serving yet."""
    handler = type("Handler", (DemoHandler,), {"server_url": server})
    return ThreadingHTTPServer(("127.0.0.1", port), functools.partial(handler, directory=str(site)))


def main() -> None:
    """Serve until stopped."""
    server = os.environ.get("CHAT_URL", f"http://localhost:{os.environ.get('PORT', '5005')}")
    make_site(server)
    demo_server(server, int(os.environ["PAGE_PORT"])).serve_forever()


if __name__ == "__main__":
    main()
