"""Refused forms, secrets that are shown once, narrow tables, and a server that is away."""

import pytest

from tests.console.full_shop import open_full_shop
from tests.console.screen import PHONE, Screen, go, settle

IS_WHOLE = "element => element.scrollWidth <= element.clientWidth"


@pytest.fixture(scope="module")
def shop(browser, cli, tmp_path_factory):
    with open_full_shop(tmp_path_factory.mktemp("forms"), cli, browser, days=1) as opened:
        yield opened


@pytest.fixture
def screen(browser, shop):
    with Screen(browser, shop.gateway.origin) as opened:
        yield opened
        opened.check()


def opened(screen, shop, path, language="en", **how):
    page = screen.context(storage_state=shop.state, **how).new_page()
    go(page, shop.gateway.origin, path, language)
    settle(page)
    return page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_request_fits_on_a_phone(screen, shop, language) -> None:
    path = f"/logs?request={shop.request_id}"
    page = opened(screen, shop, path, language, viewport=PHONE)
    page.locator("[data-entries]").wait_for()
    for table in page.locator("[role=dialog] table").all():
        assert table.evaluate("table => table.scrollWidth <= table.parentElement.clientWidth")
        ends = [cell.bounding_box() for cell in table.locator("tr > .y-right:last-child").all()]
        assert len({round(box["x"] + box["width"]) for box in ends if box}) == 1, "one right edge"


def test_a_setting_has_room_on_a_phone(screen, shop) -> None:
    page = opened(screen, shop, "/operator/settings", viewport=PHONE)
    field = page.locator("[data-setting=contact] input")
    assert field.bounding_box()["width"] > PHONE["width"] / 2
    assert field.evaluate(IS_WHOLE), "the address is not cut"


def test_a_channel_with_a_model_that_is_not_sold_is_told_where_to_go(screen, shop) -> None:
    page = opened(screen, shop, "/operator/channels", viewport={"width": 1280, "height": 600})
    page.get_by_role("button", name="Add a channel").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("new one")
    dialog.get_by_role("textbox", name="Models").fill("not-sold = anything")
    dialog.get_by_role("button", name="Save and test").click()
    told = dialog.get_by_role("alert")
    told.wait_for()
    assert "not-sold" in told.inner_text()
    assert "Models and pricing" in told.inner_text()
    page.wait_for_timeout(300)
    box = told.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 600, "the form moves until it is seen"


def test_codes_are_not_lost_to_a_stray_key(screen, shop) -> None:
    page = opened(screen, shop, "/operator/codes")
    page.get_by_role("button", name="Make codes").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("autumn")
    dialog.get_by_label("Value").fill("5")
    dialog.get_by_role("button", name="Make codes").click()
    dialog.locator("[data-secret]").wait_for()
    page.keyboard.press("Escape")
    page.mouse.click(5, 300)
    page.wait_for_timeout(300)
    assert dialog.locator("[data-secret]").is_visible()
    dialog.get_by_role("button", name="Close").click()
    dialog.wait_for(state="detached")


def test_who_comes_to_sign_in_can_type_at_once(screen, shop) -> None:
    page = screen.context().new_page()
    go(page, shop.gateway.origin, "/", "en")
    page.locator("input[type=email]").wait_for()
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement.type") == "email"


def test_a_server_that_is_away_leaves_the_console_standing(screen, shop) -> None:
    page = opened(screen, shop, "/")
    page.context.set_offline(True)
    page.get_by_role("link", name="Playground").click()
    told = page.locator("[data-state=error]")
    told.wait_for()
    assert "cannot be reached" in told.inner_text()
    again = told.get_by_role("button", name="Try again")
    again.click()
    page.wait_for_timeout(500)
    assert page.get_by_role("link", name="Playground").is_visible(), "not the browser's own page"
    page.context.set_offline(False)
    again.click()
    page.get_by_role("heading", name="Playground").wait_for()


def test_a_wrong_address_keeps_the_bar(screen, shop) -> None:
    page = opened(screen, shop, "/no-such-page")
    assert page.get_by_role("banner").get_by_role("link").first.is_visible()
    page.get_by_role("link", name="To the overview").click()
    page.get_by_role("heading", name="Overview").wait_for()
