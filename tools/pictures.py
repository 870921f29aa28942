"""Takes the pictures of the chat widget that stand in docs/: `python -m tools.pictures` (needs Chromium)."""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tools.demo_site import demo_server, make_site
from tools.model import ROOT
from tools.servers import chat_server, free_port

NOW = "2025-10-24T10:00:00+02:00"
QUESTIONS = ("hoeveel congé hebde gij daar?", "tegen wanneer moet ik stap 1 doen?")
PICTURES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1100, "height": 760}},
    "phone": {"viewport": {"width": 390, "height": 780}},
    "zoom": {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 2},
    "forced-colours": {"viewport": {"width": 700, "height": 760}, "forced_colors": "active", "color_scheme": "dark"},
}


def main() -> None:
    """Take them all."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    with (
        tempfile.TemporaryDirectory() as folder,
        chat_server(Path(folder), BOT_NOW=NOW, CHAT_ALLOWED_ORIGINS=origin) as chat,
        sync_playwright() as playwright,
    ):
        site = Path(folder) / "site"
        make_site(chat.url, site)
        server = demo_server(chat.url, port, site)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, settings in PICTURES.items():
            page = browser.new_page(locale="nl-BE", **settings)
            page.goto(f"{origin}/index.html")
            page.get_by_role("button", name="Stel je vraag").click()
            page.locator(".bot").first.wait_for()
            for number, question in enumerate(QUESTIONS):
                page.get_by_role("textbox", name="Je vraag").fill(question)
                page.keyboard.press("Enter")
                page.locator(".message").nth(2 + 2 * number).wait_for()
                page.locator(".dots").wait_for(state="detached")
            page.screenshot(path=ROOT / "docs" / f"widget-{name}.png")
            page.close()
        browser.close()
        server.shutdown()


if __name__ == "__main__":
    main()
