"""The whole console by keyboard: skip link, navigation, dialogs that give the focus back."""

import re

import pytest

from tests.system.console.full_shop import a_full_shop, screen_of_shop
from tests.system.console.screen import PHONE, go, settle

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


shop = a_full_shop(days=1)
screen = screen_of_shop


def focused(page) -> str:
    """The name of what has the focus, as it is read out."""
    return page.evaluate(
        "() => { const e = document.activeElement;"
        " return e.getAttribute('aria-label') || e.textContent.trim() || e.id; }"
    )


def is_marked(page) -> bool:
    """Whether one can see where the focus is."""
    return page.evaluate(
        "() => { const s = getComputedStyle(document.activeElement);"
        " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1; }"
    )


def test_the_skip_link_is_first_and_skips(screen, shop) -> None:
    page = screen.context(storage_state=shop.state).new_page()
    go(page, shop.gateway.origin, "/logs", "en")
    settle(page)
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to content"
    assert is_marked(page)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_every_stop_is_seen_and_the_navigation_is_reached(screen, shop) -> None:
    page = screen.context(storage_state=shop.state).new_page()
    go(page, shop.gateway.origin, "/tokens", "en")
    settle(page)
    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break  # behind the last one, before the first again
        stops.append(focused(page))
        assert is_marked(page), f"no mark on {stops[-1]}"
    assert "Requests" in stops
    assert "Create token" in stops


def test_a_row_opens_by_enter_and_escape_gives_the_focus_back(screen, shop) -> None:
    page = screen.context(storage_state=shop.state).new_page()
    go(page, shop.gateway.origin, "/logs", "en")
    settle(page)
    row = page.locator("tbody tr").first
    row.focus()
    page.keyboard.press("ArrowDown")
    second = page.evaluate("document.activeElement.dataset.row")
    assert second != row.get_attribute("data-row")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    page.wait_for_timeout(200)
    assert page.evaluate("document.activeElement.dataset.row") == second


def test_the_drawer_of_a_phone(screen, shop) -> None:
    page = screen.context(storage_state=shop.state, viewport=PHONE).new_page()
    go(page, shop.gateway.origin, "/", "en")
    settle(page)
    page.get_by_role("button", name="Navigation").press("Enter")
    page.get_by_role("link", name="Usage").press("Enter")
    page.wait_for_url(re.compile("/console/usage"))
    page.get_by_role("heading", name="Usage").wait_for()
    assert page.get_by_role("button", name="Navigation").get_attribute("aria-expanded") == "false"
