"""Notices by the page: places are added, tried, changed and removed; what was told is shown."""

import pytest
from standardwebhooks import Webhook

from tests.support.waiting import wait_for
from tests.support.webhook_receiver import Receiver
from tests.system.console.screen import PHONE, overflows, violations

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def receiver():
    running = Receiver()
    yield running
    running.close()


def test_an_operator_is_told_at_a_webhook(house, screen, receiver) -> None:
    page = house.show(house.owner(screen.context()), "/operator/notices")
    page.get_by_text("No destinations yet").wait_for()
    page.get_by_role("button", name="Add destination").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Kind").select_option("Webhook")
    dialog.get_by_label("Name").fill("Pager")
    dialog.get_by_label("Address").fill(receiver.url)
    assert violations(page) == []
    dialog.get_by_label("Channel recovered").uncheck()
    dialog.get_by_role("button", name="Save").click()
    secret = page.locator("[data-secret]").inner_text()
    assert secret.startswith("whsec_")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Test: Pager").click()
    page.get_by_text("Test notification delivered to “Pager”").wait_for()
    headers, body = receiver.seen[-1]
    Webhook(secret).verify(body, headers)
    receiver.statuses = [500]
    page.get_by_role("button", name="Test: Pager").click()
    page.get_by_text("Test notification to “Pager” failed").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Edit: Pager").click()
    assert not page.get_by_role("dialog").get_by_label("Channel recovered").is_checked()
    page.get_by_role("button", name="Rotate signing secret").click()
    second = page.locator("[data-secret]").inner_text()
    assert second != secret
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Turn off: Pager").click()
    page.get_by_role("button", name="Turn on: Pager").wait_for()
    page.get_by_role("button", name="Remove: Pager").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    page.get_by_text("No destinations yet").wait_for()


def test_a_customer_is_told_at_a_webhook_of_the_public_net_only(house, screen, receiver) -> None:
    page = house.show(house.member(screen.context()), "/notices")
    page.get_by_role("button", name="Add destination").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Kind").select_option("Webhook")
    dialog.get_by_label("Name").fill("Home")
    dialog.get_by_label("Address").fill(receiver.url)
    dialog.get_by_role("button", name="Save").click()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Test: Home").click()
    page.get_by_text("Test notification to “Home” failed").wait_for()
    assert receiver.seen == []


def test_a_mailbox_proves_itself_before_it_is_told(house, screen) -> None:
    page = house.member(screen.context())
    house.show(page, "/notices")
    page.get_by_role("button", name="Add destination").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Kind").select_option("E-mail")
    dialog.get_by_label("Name").fill("Desk")
    dialog.get_by_label("E-mail address").fill("desk@mail.example")
    dialog.get_by_role("button", name="Save").click()
    asking = page.get_by_role("dialog", name="Confirm e-mail address")
    asking.get_by_label("Code").fill("12 34 5")
    asking.get_by_role("button", name="Confirm e-mail address").click()
    asking.get_by_text("Enter the 6-digit code").wait_for()
    assert violations(page) == []
    asking.get_by_label("Code").fill(house.mail.wait_for("desk@mail.example").code)
    asking.get_by_role("button", name="Confirm e-mail address").click()
    page.get_by_role("button", name="Test: Desk").click()
    page.get_by_text("Test notification delivered to “Desk”").wait_for()
    wait_for(
        lambda: any(
            "used up" in mail.message["subject"] for mail in house.mail.to("desk@mail.example")
        ),
        timeout=40,
        what="the notice of an empty balance",
    )
    house.show(page, "/notices")
    told = page.get_by_role("row").filter(has_text="Balance used up").last
    told.get_by_text("Delivered").wait_for()


def test_a_threshold_is_kept(house, screen) -> None:
    page = house.member(screen.context())
    house.show(page, "/notices")
    field = page.get_by_label("Notify when the balance falls below (¥)")
    field.fill("much")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Enter an amount").wait_for()
    field.fill("12.5")
    field.press("Enter")
    page.get_by_text("Saved", exact=True).wait_for()
    house.show(page, "/notices")
    assert field.input_value() == "12.5"
    (row,) = house.gateway.rows(
        "SELECT low_balance FROM account_profiles WHERE account_id = ?", page.account
    )
    assert row["low_balance"] == 12_500_000


def test_places_fit_on_a_phone_in_the_dark(house, screen, receiver) -> None:
    context = screen.context(scheme="dark", viewport=PHONE)
    page = house.show(house.owner(context), "/operator/notices", "zh")
    page.get_by_role("button", name="添加通知方式").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("名称").fill("值班")
    dialog.get_by_label("种类").select_option("Webhook")
    dialog.get_by_label("地址").fill(receiver.url)
    assert violations(page) == []
    dialog.get_by_role("button", name="保存").click()
    page.locator("[data-secret]").wait_for()
    page.get_by_role("dialog").get_by_role("button", name="关闭").click()
    page.get_by_role("button", name="测试: 值班").click()
    page.get_by_text("“值班”已收到测试通知").wait_for()
    assert not overflows(page)
    assert violations(page) == []
    wait_for(lambda: receiver.seen, timeout=10, what="the notice")
