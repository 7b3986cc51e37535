"""The head of a long table stays, short messages cover nothing, a key is ready for its program."""

import base64
import json
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.support.waiting import wait_for
from tests.system.console.full_shop import a_full_shop, opened, screen_of_shop
from tests.system.console.screen import PHONE, WIDE
from tests.system.console.shop import ask

PROGRAMS = (
    "Claude Code",
    "Codex",
    "Gemini CLI",
    "Cline",
    "aider",
    "Open WebUI",
    "LobeChat",
    "Cherry Studio",
    "NextChat",
)
NEXT_CHAT = "https://chat.example.com"


shop = a_full_shop(days=1)
screen = screen_of_shop


def test_the_head_of_a_table_stays_below_the_bar(screen, shop) -> None:
    page = opened(screen, shop, "/operator/requests", viewport=WIDE)
    head, bar = page.locator("thead th").first, page.locator("header").first
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    wait_for(lambda: page.evaluate("window.scrollY") > 300)
    first_row = page.locator("tbody tr[data-row]").first.bounding_box()
    head_box, bar_box = head.bounding_box(), bar.bounding_box()
    assert first_row["y"] < bar_box["y"], "the rows are scrolled away"
    assert abs(head_box["y"] - (bar_box["y"] + bar_box["height"])) < 2
    row_height = page.locator("tbody tr[data-row]").last.bounding_box()["height"]
    assert 32 <= row_height <= 37


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_short_message_covers_nothing(screen, shop, viewport) -> None:
    """It stands over the navigation's empty end, and on a phone above the bar at the foot."""
    page = opened(screen, shop, "/tokens", viewport=viewport)
    page.get_by_role("button", name="Actions for “intern”").click()
    page.get_by_role("menuitem", name="Disable").click()
    message = page.get_by_role("status").filter(has_text="“intern” disabled")
    message.wait_for()
    box = message.bounding_box()
    if viewport is WIDE:
        main = page.locator("main h1").bounding_box()
        assert box["x"] + box["width"] <= main["x"]
    else:
        foot = page.get_by_role("navigation", name="Shortcuts").bounding_box()
        assert box["y"] + box["height"] <= foot["y"]
    page.get_by_role("button", name="Actions for “intern”").click()
    page.get_by_role("menuitem", name="Enable").click()


def test_a_phone_says_of_one_place_that_it_is_here(screen, shop) -> None:
    page = opened(screen, shop, "/operator/requests", viewport=PHONE)
    here = page.get_by_role("navigation", name="Shortcuts").locator("[aria-current]")
    assert here.all_inner_texts() == ["Requests"]


def test_a_new_key_is_ready_for_every_program(screen, shop) -> None:
    origin = shop.gateway.origin
    page = opened(screen, shop, "/tokens")
    ask(page.context, origin, "PUT", "/api/operator/settings/nextchat_url", {"value": NEXT_CHAT})
    page.reload()
    page.get_by_role("button", name="Create").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("handed over")
    dialog.get_by_role("button", name="Create").click()
    key = page.locator("[data-secret]").inner_text()
    program = page.get_by_label("App", exact=True)
    assert set(program.locator("option").all_inner_texts()) == set(PROGRAMS)
    for name in PROGRAMS:
        program.select_option(label=name)
        if name == "NextChat":
            continue
        lines = page.get_by_role("group", name=name, exact=True).inner_text()
        assert key in lines
        assert origin in lines
    link = page.get_by_role("link", name="Open in")
    program.select_option(label="NextChat")
    there = urlsplit(link.get_attribute("href"))
    assert f"{there.scheme}://{there.netloc}" == NEXT_CHAT
    told = json.loads(unquote(there.fragment.partition("settings=")[2]))
    assert told == {"key": key, "url": origin}
    program.select_option(label="Cherry Studio")
    there = urlsplit(link.get_attribute("href"))
    data = parse_qs(there.query)["data"][0]
    told = json.loads(base64.b64decode(data))
    assert (there.scheme, told["apiKey"], told["baseUrl"]) == ("cherrystudio", key, origin)
