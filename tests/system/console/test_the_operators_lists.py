"""Lists of an operator: sorted and filtered by who is looked for, changed in place, and back."""

import pytest

from tests.support.waiting import wait_for
from tests.system.console.full_shop import a_full_shop, opened, screen_of_shop
from tests.system.console.screen import settle

shop = a_full_shop(days=1)
screen = screen_of_shop


def first_name(page) -> str:
    return page.locator("tbody tr[data-row] td").first.inner_text()


def test_top_spenders_low_balances_and_the_suspended_come_first(screen, shop) -> None:
    page = opened(screen, shop, "/operator/accounts")
    page.get_by_role("button", name="Spend this month").click()
    page.locator("th[aria-sort=descending]").filter(has_text="Spend").wait_for()
    wait_for(lambda: first_name(page) == "starter")
    balance = page.get_by_role("button", name="Balance")
    balance.click()
    page.locator("th[aria-sort=descending]").filter(has_text="Balance").wait_for()
    wait_for(lambda: first_name(page) == "Northwind Labs")
    balance.click()
    page.locator("th[aria-sort=ascending]").filter(has_text="Balance").wait_for()
    wait_for(lambda: first_name(page).startswith("Old Mill"))
    page.get_by_label("Status").select_option("Suspended")
    wait_for(lambda: page.locator("tbody tr[data-row]").count() == 1)
    page.get_by_label("Status").select_option("Active")
    find = page.get_by_role("textbox", name="Search", exact=True)
    find.fill("beeh")
    find.press("Enter")
    wait_for(lambda: page.locator("tbody tr[data-row]").count() == 1)
    assert first_name(page) == "Beehive"
    assert "search=beeh" in page.url, "the address keeps what is looked for"


def channel_of(shop) -> dict:
    (demo,) = shop.gateway.cli("channel", "list")["channels"]
    return demo


def test_a_channel_is_changed_in_its_row_and_switched_off_and_on(screen, shop) -> None:
    page = opened(screen, shop, "/operator/channels")
    page.get_by_label("demo: Priority").fill("3")
    page.get_by_label("demo: Priority").press("Enter")
    wait_for(lambda: channel_of(shop)["priority"] == 3)
    page.get_by_label("demo: Weight").fill("7")
    page.get_by_label("demo: Weight").press("Tab")
    wait_for(lambda: channel_of(shop)["weight"] == 7)
    page.get_by_role("button", name="Actions for “demo”").click()
    page.get_by_role("menuitem", name="Disable").click()
    undo = page.get_by_role("button", name="Undo")
    undo.wait_for()
    assert not channel_of(shop)["enabled"]
    undo.click()
    wait_for(lambda: channel_of(shop)["enabled"])
    find = page.get_by_label("Search channels")
    find.fill("nothing of this name")
    find.press("Enter")
    page.locator("tbody tr[data-row]").first.wait_for(state="detached")
    find.fill("DEM")
    find.press("Enter")
    page.locator("tbody tr[data-row]").first.wait_for()


@pytest.mark.parametrize("path", ["accounts", "channels", "models", "codes", "requests"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_list_needs_no_scrolling_sideways(screen, shop, language, path) -> None:
    page = opened(screen, shop, f"/operator/{path}", language)
    page.locator("tbody tr[data-row]").first.wait_for()
    settle(page)
    assert page.locator("[data-wide]").count() == 0
