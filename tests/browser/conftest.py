"""A real Chromium on the demonstration site, beside a real chat server of another origin."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route, sync_playwright

from tests.candidates import Office, office
from tests.conftest import ROOT
from tools.demo_site import demo_server, make_site
from tools.servers import free_port

AXE = (ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NOW = "2025-10-30T10:00:00+01:00"
WAIT_MS = 10_000


@dataclass(frozen=True)
class Site:
    """The demonstration site and the servers behind it."""

    url: str
    office: Office

    @property
    def api(self) -> str:
        return self.office.chat.api


@contextmanager
def demonstration(server_url: str, folder: Path, port: int) -> Iterator[str]:
    """Serve the site for a chat server until the block ends."""
    make_site(server_url, folder)
    server = demo_server(server_url, port, folder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("browser")
    port = free_port()
    with (
        office(folder, BOT_NOW=NOW, CHAT_ALLOWED_ORIGINS=f"http://127.0.0.1:{port}", CHAT_PROXIES="0") as running,
        demonstration(running.chat.url, folder / "site", port) as url,
    ):
        yield Site(url, running)


@pytest.fixture(scope="module")  # not of the session: Playwright's loop, while it runs, is in the way of asynchronous tests
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    executable = shutil.which("chromium")
    assert executable, "no chromium: `bash tools/browser` installs it"
    running = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
    yield running
    running.close()


@dataclass
class Visitor:
    """Somebody on the site, and what their browser complains of."""

    page: Page
    site: Site
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(WAIT_MS)
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def visit(self, page: str = "index.html") -> Visitor:
        self.page.goto(f"{self.site.url}/{page}")
        return self

    def open(self) -> Visitor:
        self.page.get_by_role("button", name="Stel je vraag").click()
        self.page.locator(".bot").first.wait_for()
        return self

    def ask(self, text: str) -> str:
        """Type a question; return the answer."""
        before = self.messages.count()
        self.input.fill(text)
        self.input.press("Enter")
        return self.answer(before + 2)

    def answer(self, count: int) -> str:
        """Return the last message, once there are at least `count`."""
        self.messages.nth(count - 1).wait_for()
        self.page.locator(".dots").wait_for(state="detached")
        return str(self.messages.last.inner_text())

    @property
    def messages(self) -> Any:
        return self.page.locator(".message")

    @property
    def input(self) -> Any:
        return self.page.get_by_role("textbox", name="Je vraag")

    @property
    def focused(self) -> str:
        """What has the focus, by its name or text."""
        return str(
            self.page.evaluate(
                """() => {
                    let active = document.activeElement;
                    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
                    return active?.getAttribute("aria-label") ?? active?.labels?.[0]?.innerText ?? active?.innerText ?? "";
                }"""
            )
        ).strip()

    def violations(self) -> list[str]:
        """What axe-core finds wrong on the page as it is now."""
        self.page.evaluate(AXE)
        found = self.page.evaluate("tags => axe.run({ runOnly: tags })", TAGS)
        return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found["violations"]]

    def answer_with(self, status: int, body: dict[str, Any], **headers: str) -> None:
        """Let the next messages be answered so, instead of by the server."""
        allowed = {"Access-Control-Allow-Origin": self.site.url, "Access-Control-Expose-Headers": "Retry-After"}

        def fulfil(route: Route) -> None:
            if route.request.method != "POST":
                route.fallback()
                return
            route.fulfill(
                status=status, content_type="application/json", body=json.dumps(body), headers={**allowed, **headers}
            )

        self.page.route("**/webhooks/website/messages", fulfil)

    def answer_as_always(self) -> None:
        self.page.unroute("**/webhooks/website/messages")


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    """Somebody with a fresh browser profile; arguments are those of Playwright's contexts."""
    contexts = []

    def come(**settings: Any) -> Visitor:
        context = browser.new_context(**{"locale": "nl-BE", "viewport": {"width": 1280, "height": 800}, **settings})
        contexts.append(context)
        return Visitor(context.new_page(), site)

    yield come
    for context in contexts:
        context.close()
