"""Several accounts of one person, and terms that have changed, by the page."""

import pytest

from tests.system.console.screen import PHONE, violations
from tests.system.console.shop import ask

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_further_account_is_opened_and_looked_at(house, screen) -> None:
    page = house.member(screen.context())
    house.show(page, "/account")
    page.get_by_role("button", name="Create account").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Side project")
    assert violations(page) == []
    dialog.get_by_role("button", name="Create account").click()
    page.get_by_text("Account created").wait_for()
    page.get_by_role("button", name=f"Switch to it: people-{house.met}").wait_for()
    house.show(page, "/tokens")
    page.get_by_role("button", name="Create token").first.click()
    page.get_by_role("textbox", name="Name").fill("of the side project")
    page.get_by_role("dialog").get_by_role("button", name="Create token").click()
    page.get_by_role("button", name="I have saved the token").click()
    accounts = ask(page.context, house.gateway.origin, "GET", "/api/session")["accounts"]
    (side,) = [each["id"] for each in accounts if each["name"] == "Side project"]
    path = f"/api/accounts/{side}/tokens"
    found = ask(page.context, house.gateway.origin, "GET", path)["items"]
    assert [token["name"] for token in found] == ["of the side project"]
    page.get_by_role("button", name="Account menu").click()
    page.get_by_role("menuitem", name=f"people-{house.met}").click()
    page.get_by_text("of the side project").wait_for(state="detached")


def test_new_terms_are_agreed_to_before_anything_else(house, screen) -> None:
    page = house.member(screen.context())
    house.show(page, "/usage")
    house.set(terms_link="https://shop.example/terms", terms_version="2")
    try:
        house.show(page, "/usage")
        page.get_by_role("heading", name="The terms have changed").wait_for()
        assert violations(page) == []
        page.get_by_role("button", name="I agree").click()
        page.get_by_role("heading", name="Usage", exact=True).wait_for()
        house.show(page, "/tokens")
        page.get_by_role("heading", name="API tokens", exact=True).wait_for()
    finally:
        house.set(terms_link="", terms_version="")


def test_terms_that_change_under_ones_hands_are_asked_for_and_nobody_is_kept(house, screen) -> None:
    page = house.member(screen.context(viewport=PHONE, scheme="dark"))
    house.show(page, "/tokens", "zh")
    house.set(terms_link="https://shop.example/terms", terms_version="3")
    try:
        page.get_by_role("button", name="新建密钥").first.click()
        page.get_by_role("heading", name="服务条款已更新").wait_for()
        assert violations(page) == []
        page.get_by_role("link", name="不同意：导出或删除我的资料").click()
        page.get_by_role("heading", name="账户与安全").wait_for()
        assert violations(page) == []
        with page.expect_download() as download:
            page.get_by_role("link", name="导出我的数据").click()
        assert page.email in download.value.path().read_text(encoding="utf-8")
        house.show(page, "/usage", "zh")
        page.get_by_role("heading", name="服务条款已更新").wait_for()
    finally:
        house.set(terms_link="", terms_version="")
