"""The chat on the website: usable by everyone, harmless whatever it shows, and nothing that was typed gets lost."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, expect

from assistant.facts import load_facts
from assistant.widget_files import integrity, script, tag
from tests.browser.conftest import NOW, Site, Visitor, demonstration
from tests.conftest import ROOT, TEST_SECRET
from tools.servers import chat_server, free_port

MOST_BYTES = 20 * 1024
VERLOF = "hoeveel verlof krijg ik?"
Come = Callable[..., Visitor]


def test_the_script_is_small() -> None:
    assert len(gzip.compress(script().read_bytes(), 9)) <= MOST_BYTES


def test_it_is_served_for_ever_under_its_version_and_to_pages_that_are_allowed(site: Site) -> None:
    address = f"{site.office.chat.url}/{script().name}"
    reply = requests.get(address, headers={"Origin": site.url}, timeout=5)
    assert reply.content == script().read_bytes()
    assert reply.headers["Content-Type"].startswith("text/javascript")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Content-Security-Policy"] == "default-src 'none'"
    assert "immutable" in reply.headers["Cache-Control"]
    assert reply.headers["Access-Control-Allow-Origin"] == site.url
    elsewhere = requests.get(address, headers={"Origin": "https://elders.example"}, timeout=5)
    assert elsewhere.headers.get("Access-Control-Allow-Origin") != "https://elders.example"


def test_the_documentation_shows_how_to_get_the_tag() -> None:
    documented = (ROOT / "docs" / "widget.md").read_text(encoding="utf-8")
    assert script().name in documented
    assert integrity() in documented
    assert tag("https://chat.example") in documented


# --- accessible in every state ---


def opened(visitor: Visitor) -> None:
    visitor.open()


def with_an_answer(visitor: Visitor) -> None:
    visitor.open().ask(VERLOF)


def with_tools(visitor: Visitor) -> None:
    visitor.open()
    visitor.page.get_by_role("button", name="Meer").click()


def waiting(visitor: Visitor) -> None:
    visitor.open()
    visitor.page.route("**/webhooks/website/messages", lambda _: None)
    visitor.input.fill(VERLOF)
    visitor.input.press("Enter")
    visitor.page.locator(".dots").wait_for()


def failing(visitor: Visitor) -> None:
    visitor.open()
    visitor.answer_with(503, {"error": "unavailable", "message": "..."})
    visitor.input.fill(VERLOF)
    visitor.input.press("Enter")
    visitor.page.get_by_text("niet bereikbaar").wait_for()


def long_conversation(visitor: Visitor) -> None:
    visitor.open()
    for question in (VERLOF, "maaltijdcheques", "wat is stap 2", "wie zit er in de jury"):
        visitor.ask(question)


STATES: dict[str, Any] = {
    "closed": lambda _: None,
    "open": opened,
    "answer": with_an_answer,
    "tools": with_tools,
    "waiting": waiting,
    "error": failing,
    "long": long_conversation,
}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
    "320x256": {"viewport": {"width": 320, "height": 256}},
    "phone": {"viewport": {"width": 390, "height": 844}},
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(visitor: Come, state: str, look: str) -> None:
    if look != "light" and state in ("tools", "waiting"):
        pytest.skip("the colours and sizes of these stand in the other states")
    someone = visitor(**LOOKS[look]).visit()
    STATES[state](someone)
    assert someone.violations() == []


def test_the_static_faq_is_accessible_and_needs_no_script(visitor: Come) -> None:
    without = visitor(java_script_enabled=False).visit("veelgestelde-vragen.html")
    expect(without.page.get_by_text("Je krijgt 33 tot 35 vakantiedagen")).to_be_visible()
    assert visitor().visit("veelgestelde-vragen.html").violations() == []


# --- by keyboard, and for who listens ---


def test_by_keyboard_alone(visitor: Come, site: Site) -> None:
    """Open, ask, take a quick reply, identify with a code, pass a question on, close; the focus is asserted at each stop."""
    someone = visitor().visit()
    keyboard = someone.page.keyboard
    someone.page.locator("kandidaat-chat .launcher").wait_for()
    for _ in range(12):
        keyboard.press("Tab")
        if someone.focused.startswith("Stel je vraag"):
            break
    assert someone.focused == "Stel je vraag over de selectie"
    keyboard.press("Enter")
    someone.page.locator(".bot").first.wait_for()
    assert someone.focused == "Je vraag"

    def say(text: str, expected: str) -> None:
        before = someone.messages.count()
        keyboard.type(text)
        keyboard.press("Enter")
        someone.answer(before + 2)
        assert someone.focused == "Je vraag"
        assert expected in " ".join(someone.page.locator(".bot").all_inner_texts()[-2:])

    say(VERLOF, "33 tot 35")
    keyboard.press("Shift+Tab")
    assert someone.focused == someone.page.locator(".choices button").last.inner_text()
    before = someone.messages.count()
    keyboard.press("Enter")
    someone.answer(before + 2)
    assert someone.focused == "Je vraag"
    say("waar zit ik in de procedure?", "e-mailadres")
    say("gita@kandidaat.example", "een mail met een code")
    say(site.office.code(), "6 november 2025")
    say("ik wil iemand spreken", "doorgeven")
    say("mag mijn hond mee naar het werk?", "Mag ik dit doorgeven?")
    say("ja", "Je vraag is doorgegeven")
    keyboard.press("Escape")
    someone.page.locator("dialog[open]").wait_for(state="detached")
    assert someone.focused == "Stel je vraag over de selectie"


def test_a_small_screen_is_a_modal_that_escape_closes(visitor: Come) -> None:
    someone = visitor(viewport={"width": 320, "height": 256}).visit().open()
    assert someone.page.evaluate(
        "document.querySelector('kandidaat-chat').shadowRoot.querySelector('dialog').matches(':modal')"
    )
    for _ in range(15):
        someone.page.keyboard.press("Tab")
        assert someone.page.evaluate("['KANDIDAAT-CHAT', 'BODY'].includes(document.activeElement.tagName)")
    assert someone.page.evaluate("document.documentElement.scrollWidth") <= 320
    someone.ask(VERLOF)
    expect(someone.messages.last).to_be_in_viewport()
    someone.page.keyboard.press("Escape")
    assert someone.focused == "Stel je vraag over de selectie"


def test_the_accessibility_tree_has_each_message_once(visitor: Come) -> None:
    someone = visitor().visit().open()
    someone.ask(VERLOF)
    session = someone.page.context.new_cdp_session(someone.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    texts = [node["name"]["value"] for node in nodes if node["role"]["value"] == "StaticText" and "name" in node]
    assert sum("33 tot 35 vakantiedagen" in text for text in texts) == 1
    logs = [node for node in nodes if node["role"]["value"] == "log"]
    assert [node["name"]["value"] for node in logs] == ["Gesprek met de assistent"]


def test_an_answer_while_it_is_closed_is_announced_outside_of_it(visitor: Come) -> None:
    someone = visitor().visit().open()
    someone.input.fill(VERLOF)
    someone.input.press("Enter")
    someone.page.keyboard.press("Escape")
    expect(someone.page.locator("kandidaat-chat").get_by_role("status")).to_have_text("De assistent heeft geantwoord.")


def test_targets_are_large_and_text_may_be_spaced(visitor: Come) -> None:
    someone = visitor(viewport={"width": 390, "height": 844}).visit().open()
    someone.ask(VERLOF)
    for button in someone.page.locator("kandidaat-chat button:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, button.inner_text()
    someone.page.evaluate(
        """() => {
            const host = document.querySelector("kandidaat-chat");
            Object.assign(host.style, { lineHeight: "2", letterSpacing: "0.12em", wordSpacing: "0.16em" });
        }"""
    )
    assert someone.page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(someone.page.get_by_role("button", name="Verstuur")).to_be_in_viewport()


# --- safe ---

HARMFUL = {
    "markup": "<img src=x onerror=window.harmed=1><script>window.harmed=1</script><b>vet</b>",
    "a javascript link": "javascript:window.harmed=1 https://ok.example/ javascript://x",
    "right to left": "\u202egnissap\u202c https://ok.example/\u202e",
    "one long word": "x" * 1000,
}


@pytest.mark.parametrize("harm", HARMFUL)
def test_a_message_is_text_whatever_it_says(visitor: Come, harm: str) -> None:
    someone = visitor().visit().open()
    message = {
        "text": HARMFUL[harm],
        "links": [{"title": "<b>klik</b>", "url": "javascript:window.harmed=1"}],
        "buttons": [{"title": "<i>knop</i>", "payload": "p"}],
    }
    someone.answer_with(200, {"messages": [message]})
    someone.ask(HARMFUL[harm][:1000])
    assert someone.page.evaluate("window.harmed") is None
    assert someone.page.locator(".message img, .message script, .message b, .message i").count() == 0
    for link in someone.page.locator("kandidaat-chat a").all():
        assert re.match(r"https?:|mailto:|tel:", link.get_attribute("href") or "")
    panel = someone.page.locator("dialog").bounding_box()
    last = someone.messages.last.bounding_box()
    assert panel is not None
    assert last is not None
    assert panel["x"] <= last["x"]
    assert last["x"] + last["width"] <= panel["x"] + panel["width"]


def test_the_documented_policy_for_another_origin_is_enough(visitor: Come) -> None:
    someone = visitor().visit().open()
    someone.ask("kan je de data in mijn agenda zetten?")
    with someone.page.expect_download() as download:
        someone.page.get_by_role("button", name="Data voor je agenda").click()
    assert download.value.suggested_filename.endswith(".ics")
    assert Path(download.value.path()).read_text(encoding="utf-8").startswith("BEGIN:VCALENDAR")
    assert someone.complaints == []
    hosts = someone.page.evaluate("performance.getEntriesByType('resource').map(each => new URL(each.name).host)")
    assert set(hosts) <= {someone.site.url.split("//")[1], someone.site.office.chat.url.split("//")[1]}
    assert someone.page.context.cookies() == []


def test_a_page_of_the_same_origin_needs_nothing_but_self(visitor: Come, site: Site) -> None:
    someone = visitor()
    server = site.office.chat.url
    body = f"<!doctype html><html lang='nl'><head><title>t</title>{tag(server)}</head><body><main><h1>t</h1></main></body></html>"
    someone.page.route(
        f"{server}/pagina",
        lambda route: route.fulfill(
            body=body, content_type="text/html", headers={"Content-Security-Policy": "default-src 'self'"}
        ),
    )
    someone.page.goto(f"{server}/pagina")
    someone.open()
    assert "33 tot 35" in someone.ask(VERLOF)
    assert someone.complaints == []


def test_addresses_and_numbers_are_links(visitor: Come) -> None:
    someone = visitor().visit().open()
    someone.ask("hoe kan ik jullie contacteren?")
    hrefs = [link.get_attribute("href") for link in someone.messages.last.locator("a").all()]
    assert "mailto:vacatures@kortrijk.be" in hrefs
    assert "tel:+3256278503" in hrefs


# --- goes on ---


def test_a_reload_and_another_page_go_on_with_the_conversation(visitor: Come) -> None:
    someone = visitor().visit().open()
    someone.ask(VERLOF)
    someone.page.reload()
    someone.open()
    expect(someone.messages).to_have_count(3)
    someone.visit("veelgestelde-vragen.html").visit("index.html").open()
    assert "33 tot 35" in someone.messages.last.inner_text()


def test_two_tabs_agree(visitor: Come) -> None:
    someone = visitor().visit().open()
    someone.ask(VERLOF)
    other = Visitor(someone.page.context.new_page(), someone.site).visit().open()
    expect(other.messages).to_have_count(3)
    other.ask("maaltijdcheques")
    expect(someone.messages).to_have_count(5)


def test_offline_keeps_the_text_and_back_online_sends_it(visitor: Come) -> None:
    someone = visitor().visit().open()
    someone.page.context.set_offline(True)
    someone.input.fill(VERLOF)
    someone.input.press("Enter")
    someone.page.get_by_text("Je bent offline").wait_for()
    expect(someone.input).to_have_value(VERLOF)
    someone.page.context.set_offline(False)
    someone.page.get_by_text("Je bent offline").wait_for(state="detached")
    someone.input.press("Enter")
    assert "33 tot 35" in someone.answer(3)


def test_too_many_messages_says_when_again(visitor: Come) -> None:
    someone = visitor().visit().open()
    someone.answer_with(429, {"error": "too_many_requests", "message": "..."}, **{"Retry-After": "2"})
    someone.input.fill(VERLOF)
    someone.input.press("Enter")
    someone.page.get_by_text("Over 2 seconden").wait_for()
    expect(someone.input).to_have_value(VERLOF)
    someone.page.get_by_text("Over 1 seconden").wait_for()
    someone.page.get_by_text("Je stuurt veel berichten").wait_for(state="detached")
    someone.answer_as_always()
    someone.input.press("Enter")
    assert "33 tot 35" in someone.answer(3)


def test_a_server_that_is_down_gives_a_person_and_the_faq(visitor: Come) -> None:
    someone = visitor().visit().open()
    someone.answer_with(503, {"error": "unavailable", "message": "..."})
    someone.input.fill(VERLOF)
    someone.input.press("Enter")
    condition = someone.page.locator(".status")
    expect(condition.get_by_role("link", name="056 27 85 03")).to_be_visible()
    expect(condition.get_by_role("link", name="vacatures@kortrijk.be")).to_be_visible()
    expect(someone.input).to_have_value(VERLOF)
    someone.answer_as_always()
    someone.page.get_by_role("button", name="Probeer opnieuw").click()
    assert "33 tot 35" in someone.answer(3)


def test_a_slow_answer_is_said_to_be_slow(visitor: Come) -> None:
    someone = visitor().visit().open()
    someone.page.route("**/webhooks/website/messages", lambda _: None)
    someone.input.fill(VERLOF)
    someone.input.press("Enter")
    someone.page.get_by_text("Het duurt langer dan normaal").wait_for()


def test_an_expired_conversation_says_so_and_keeps_the_text(visitor: Come) -> None:
    someone = visitor().visit().open()
    someone.answer_with(401, {"error": "unauthorized", "message": "..."})
    someone.input.fill(VERLOF)
    someone.input.press("Enter")
    someone.page.get_by_text("Dit gesprek is afgelopen").wait_for()
    expect(someone.input).to_have_value(VERLOF)
    someone.answer_as_always()
    someone.page.locator(".status").get_by_role("button", name="Opnieuw beginnen").click()
    someone.page.locator(".status").wait_for(state="detached")
    someone.page.locator(".dots").wait_for(state="detached")
    expect(someone.messages).to_have_count(1)
    someone.input.press("Enter")
    assert "33 tot 35" in someone.answer(3)


def test_a_server_that_restarts_is_found_again(browser: Browser, tmp_path: Path) -> None:
    port, page_port = free_port(), free_port()
    settings = {
        "PORT": str(port),
        "SECRET_KEY": TEST_SECRET,
        "DATABASE_URL": f"sqlite:///{tmp_path}/assistant.db",
        "CHAT_RATE_LIMIT": "off",
        "CHAT_ALLOWED_ORIGINS": f"http://127.0.0.1:{page_port}",
        "BOT_NOW": NOW,
    }
    context = browser.new_context()
    with demonstration(f"http://127.0.0.1:{port}", tmp_path / "site", page_port) as url:
        with chat_server(tmp_path, **settings) as first:
            someone = Visitor(context.new_page(), Site(url, first))  # type: ignore[arg-type] # no HR backend here
            someone.visit().open()
            someone.ask(VERLOF)
        someone.input.fill("maaltijdcheques")
        someone.input.press("Enter")
        someone.page.get_by_text("niet bereikbaar").wait_for()
        expect(someone.input).to_have_value("maaltijdcheques")
        with chat_server(tmp_path, **settings):
            someone.page.get_by_role("button", name="Probeer opnieuw").click()
            assert "7,50" in someone.answer(5)
    context.close()


# --- one's own data ---


def test_erasing_removes_everything_and_says_so(visitor: Come) -> None:
    someone = visitor().visit().open()
    someone.ask(VERLOF)
    someone.page.get_by_role("button", name="Meer").click()
    someone.page.get_by_role("button", name="Wis mijn gegevens").click()
    someone.page.get_by_text("zijn gewist").wait_for()
    expect(someone.messages).to_have_count(0)
    assert someone.page.evaluate("localStorage.getItem('kandidaat-chat.session')") is None
    someone.page.locator(".status").get_by_role("button", name="Opnieuw beginnen").click()
    expect(someone.messages).to_have_count(1)


def test_the_notice_stands_there_before_the_first_message(visitor: Come) -> None:
    someone = visitor().visit().open()
    notice = someone.page.locator(".notice")
    expect(notice).to_contain_text("computerprogramma en beslis niets")
    expect(notice.get_by_role("link")).to_have_attribute("href", str(load_facts()["website_privacy"]))
    expect(someone.messages.first).to_contain_text("90 dagen na je laatste vraag")


def test_erasing_in_words_ends_the_conversation_and_keeps_what_is_typed_next(visitor: Come) -> None:
    someone = visitor().visit().open()
    someone.ask("wis mijn gegevens")
    assert "Alles is gewist" in someone.ask("ja")
    someone.input.fill(VERLOF)
    someone.input.press("Enter")
    someone.page.get_by_text("Dit gesprek is afgelopen").wait_for()
    expect(someone.input).to_have_value(VERLOF)
    someone.page.locator(".status").get_by_role("button", name="Opnieuw beginnen").click()
    expect(someone.messages).to_have_count(1)
    someone.page.locator(".dots").wait_for(state="detached")
    someone.input.press("Enter")
    assert "33 tot 35" in someone.answer(3)


def test_the_conversation_can_be_kept_and_begun_anew(visitor: Come) -> None:
    someone = visitor().visit().open()
    someone.ask(VERLOF)
    someone.page.get_by_role("button", name="Meer").click()
    with someone.page.expect_download() as download:
        someone.page.get_by_role("button", name="Bewaar het gesprek").click()
    kept = Path(download.value.path()).read_text(encoding="utf-8")
    assert f"Jij:\n{VERLOF}" in kept
    assert "33 tot 35" in kept
    someone.page.get_by_role("button", name="Opnieuw beginnen").click()
    expect(someone.messages).to_have_count(1)


def test_the_counter_tells_when_the_end_is_near(visitor: Come) -> None:
    someone = visitor().visit().open()
    someone.input.fill("x" * 899)
    expect(someone.page.locator(".counter")).to_have_text("")
    someone.input.fill("x" * 950)
    expect(someone.page.locator(".counter")).to_have_text("Nog 50 tekens")
    someone.input.press_sequentially("y" * 60)
    assert len(someone.input.input_value()) == 1000
