"""Measures the chat widget in Chromium: what its script costs a page, and how long an answer takes to appear."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tools.demo_site import demo_server, make_site
from tools.servers import chat_server, free_port

LOADS = 9
QUESTIONS = ("hoeveel verlof krijg ik?", "maaltijdcheques", "wat is stap 2?", "wie zit er in de jury?", "is er fietslease?")
ROUNDS = 4
MOST_LAUNCHER_MS, MOST_ANSWER_MS = 50, 150


def main() -> None:
    """Measure and print."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    with (
        tempfile.TemporaryDirectory() as folder,
        chat_server(Path(folder), CHAT_RATE_LIMIT="off", CHAT_ALLOWED_ORIGINS=origin) as chat,
        sync_playwright() as playwright,
    ):
        site = Path(folder) / "site"
        make_site(chat.url, site)
        with_chat = (site / "index.html").read_text(encoding="utf-8")
        start, end = with_chat.index("<script"), with_chat.index("</script>") + len("</script>")
        (site / "without.html").write_text(with_chat[:start] + with_chat[end:], encoding="utf-8")
        server = demo_server(chat.url, port, site)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        without = main_thread_ms(browser, f"{origin}/without.html", lambda page: page.locator("h1").wait_for())
        launcher = main_thread_ms(browser, f"{origin}/index.html", lambda page: page.locator(".launcher").wait_for())
        answered = answered_ms(browser, f"{origin}/index.html")
        browser.close()
        server.shutdown()
    print(f"The launcher adds {launcher - without:.1f} ms of main-thread time (at most {MOST_LAUNCHER_MS}).")
    print(f"Typed to answered, in the browser: {answered:.0f} ms median (at most {MOST_ANSWER_MS}).")


def main_thread_ms(browser: Browser, url: str, ready: Callable[[Page], None]) -> float:
    """Return the median time that the page's main thread was busy until it was ready."""
    busy = []
    for _ in range(LOADS):
        page = browser.new_page()
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        page.goto(url)
        ready(page)
        metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
        busy.append(metrics["TaskDuration"] * 1000)
        page.close()
    return statistics.median(busy)


def answered_ms(browser: Browser, url: str) -> float:
    """Return the median time between Enter and the answer on the screen."""
    page = browser.new_page()
    page.goto(url)
    page.locator(".launcher").click()
    page.locator(".bot").first.wait_for()
    times = []
    for question in QUESTIONS * ROUNDS:
        before = page.locator(".bot").count()
        page.get_by_role("textbox").fill(question)
        began = time.perf_counter()
        page.keyboard.press("Enter")
        page.locator(".bot").nth(before).wait_for()
        times.append((time.perf_counter() - began) * 1000)
    page.close()
    return statistics.median(times)


if __name__ == "__main__":
    main()
