"""What operators do every day, and in how many inputs: a click, a filled field or a key each."""

import pytest

from tests.support.catalogs import model, openai_channel
from tests.support.drivers import CHAT
from tests.support.gateway_process import Customer
from tests.support.waiting import wait_for
from tests.system.console.full_shop import a_full_shop, screen_of_shop
from tests.system.console.screen import PHONE, go, overflows, settle
from tests.system.console.shop import ask

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


shop = a_full_shop(days=2)
screen = screen_of_shop


class Day:
    """An operator at the home page, whose inputs are counted."""

    def __init__(self, screen, shop, language="en", **how) -> None:
        self.page = screen.context(storage_state=shop.state, **how).new_page()
        go(self.page, shop.gateway.origin, "/operator", language)
        settle(self.page)
        self.inputs = 0

    def click(self, place) -> None:
        place.click()
        self.inputs += 1

    def key(self, name: str) -> None:
        self.page.keyboard.press(name)
        self.inputs += 1

    def type(self, text: str) -> None:
        """Ctrl-K and a text."""
        self.key("Control+k")
        self.page.get_by_role("dialog").get_by_role("combobox").fill(text)
        self.inputs += 1

    def search(self, text: str, kind: str) -> None:
        """Ctrl-K, a text, Enter on what was found."""
        self.type(text)
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("option").filter(has_text=kind).first.wait_for()
        self.key("Enter")


def failed_request(shop) -> str:
    customer = Customer(shop.gateway, shop.account, "", "", "").token("abuser")
    answer = customer.post(CHAT.path, CHAT.body("no-such-model", "hello", 16))
    assert answer.status == 404
    return answer.request_id


def test_why_did_it_fail(screen, shop) -> None:
    request_id = failed_request(shop)
    day = Day(screen, shop)
    day.search(request_id, "Request")
    drawer = day.page.get_by_role("dialog")
    drawer.get_by_text("model_not_found").first.wait_for()
    drawer.get_by_text("There is no such model.").wait_for()
    drawer.get_by_text("What to do").wait_for()
    assert day.inputs <= 3


def test_a_request_is_refunded_once(screen, shop) -> None:
    day = Day(screen, shop)
    day.type(shop.request_id)
    day.click(day.page.get_by_role("option").filter(has_text="Refund"))
    asking = day.page.get_by_role("dialog", name="Refund this request")
    day.click(asking.get_by_role("button", name="Refund", exact=True))
    drawer = day.page.get_by_role("dialog").first
    drawer.get_by_role("button", name="Refunded").wait_for()
    assert drawer.get_by_role("button", name="Refunded").is_disabled()
    assert day.inputs <= 4
    path = f"/api/operator/requests/{shop.request_id}"
    detail = ask(day.page.context, shop.gateway.origin, "GET", path)["detail"]
    assert [entry["kind"] for entry in detail["entries"]] == ["charge", "refund"]


def test_an_abusers_key_is_disabled(screen, shop) -> None:
    customer = Customer(shop.gateway, shop.account, "", "", "").token("spammer")
    day = Day(screen, shop)
    day.search(customer.key[-4:], "Token")
    day.click(day.page.get_by_role("dialog").get_by_role("button", name="Disable"))
    day.page.get_by_text("“spammer” disabled").wait_for()
    assert customer.post(CHAT.path, CHAT.body("gpt-4", "hello", 16)).status == 401
    assert day.inputs <= 4


def test_an_account_goes_on_that_shortfalls_had_stopped(screen, shop, upstream) -> None:
    """Looked at and let go, with a reason that the audit log keeps."""
    price = {"input": "30", "output": "60"}
    channel = openai_channel(upstream, {"measured": "up-measured"}, name="measured")
    shop.gateway.apply(channel + model("measured", price))
    customer = shop.gateway.customer()
    script = upstream.script({"input_tokens": 50, "output_tokens": 1000, "chunk_tokens": 1000})
    body = CHAT.body("measured", script.mark, 5)
    assert [customer.post(CHAT.path, body).status for _ in range(4)] == [200, 200, 200, 402]
    wait_for(lambda: customer.show().get("stopped_models") == ["measured"])
    day = Day(screen, shop)
    go(day.page, shop.gateway.origin, "/operator", "en")
    day.click(
        day.page.get_by_role("link", name="requests to measured are stopped after shortfalls")
    )
    day.page.get_by_text("Requests to measured are stopped").wait_for()
    day.click(day.page.get_by_role("button", name="Release"))
    dialog = day.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("the price of the channel was wrong")
    day.click(dialog.get_by_role("button", name="Release"))
    day.page.get_by_text("Requests to measured are stopped").wait_for(state="detached")
    wait_for(lambda: customer.post(CHAT.path, body).status == 200)
    log = ask(day.page.context, shop.gateway.origin, "GET", "/api/operator/audit?limit=20")
    [entry] = [each for each in log["items"] if each["action"] == "operator_accounts.release"]
    assert entry["subject"] == customer.id
    assert entry["reason"] == "the price of the channel was wrong"
    assert entry["details"]["models"] == ["measured"]


def test_a_month_for_the_accountant(screen, shop) -> None:
    day = Day(screen, shop)
    day.click(day.page.get_by_role("navigation").get_by_role("link", name="Ledger"))
    day.click(day.page.get_by_role("tab", name="Monthly summary"))
    day.page.locator("[data-agrees=true]").wait_for()
    with day.page.expect_download() as download:
        day.click(day.page.get_by_role("link", name="CSV"))
    assert download.value.suggested_filename.startswith("summary_")
    assert day.inputs <= 3


def test_which_channel_loses_money(screen, shop) -> None:
    day = Day(screen, shop)
    day.click(day.page.get_by_role("navigation").get_by_role("link", name="Channels"))
    day.click(day.page.get_by_role("button", name="Margin, month"))
    assert day.page.locator("th[aria-sort=descending]").inner_text().startswith("Margin")
    assert day.inputs <= 2


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("tab", ["", "requests", "tokens", "entries", "members", "notes"])
def test_an_account_fits_on_a_phone(screen, shop, language, tab) -> None:
    page = screen.context(storage_state=shop.state, viewport=PHONE).new_page()
    go(page, shop.gateway.origin, f"/operator/accounts/{shop.account}?tab={tab}", language)
    settle(page)
    assert not overflows(page)


def test_a_stranger_sees_no_red_line(screen, shop) -> None:
    said = []
    page = screen.context().new_page()
    page.on("console", lambda message: said.append((message.type, message.text)))
    go(page, shop.gateway.origin, "/", "en")
    page.get_by_role("heading", name="Sign in").wait_for()
    assert [text for kind, text in said if kind == "error"] == []


def test_an_account_takes_another_name(screen, shop) -> None:
    page = screen.context(storage_state=shop.state).new_page()
    account = next(
        each["id"]
        for each in shop.gateway.cli("account", "list")["accounts"]
        if each["name"] == "Beehive"
    )
    go(page, shop.gateway.origin, f"/operator/accounts/{account}?tab=notes", "en")
    page.get_by_label("Name").fill("Beehive GmbH 蜂巢")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Beehive GmbH 蜂巢").wait_for()
    assert shop.gateway.cli("account", "show", "Beehive GmbH 蜂巢")["id"] == account
    said = shop.gateway.cli("account", "rename", account, "Beehive")
    assert said["name"] == "Beehive"


def test_a_channel_is_renamed_and_removed_and_its_requests_stay(screen, shop) -> None:
    """Last here: the shop has no such channel afterwards."""
    page = screen.context(storage_state=shop.state).new_page()
    go(page, shop.gateway.origin, "/operator/channels", "en")
    row = page.get_by_role("row").filter(has_text="demo").first
    row.get_by_role("img", name="Errors by hour").wait_for()
    row.get_by_role("img", name="p95 duration by hour").wait_for()
    row.get_by_role("button", name="Actions for").click()
    page.get_by_role("menuitem", name="Edit").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Name", exact=True).fill("demo-2")
    drawer.get_by_role("button", name="Save and test").click()
    page.get_by_role("dialog", name="Test “demo-2”").wait_for()
    page.keyboard.press("Escape")
    row = page.get_by_role("row").filter(has_text="demo-2")
    row.get_by_role("button", name="Actions for").click()
    page.get_by_role("menuitem", name="Remove").click()
    dialog = page.get_by_role("dialog", name="Remove “demo-2”")
    assert dialog.get_by_role("button", name="Remove").is_disabled()
    dialog.get_by_role("textbox").fill("demo-2")
    dialog.get_by_role("button", name="Remove").click()
    row.wait_for(state="detached")
    left = [each["name"] for each in shop.gateway.cli("channel", "list")["channels"]]
    assert not {"demo", "demo-2"} & set(left)
    request = ask(
        page.context,
        shop.gateway.origin,
        "GET",
        f"/api/operator/requests/{shop.request_id}",
    )
    assert request["request"]["channel"].startswith("demo-2 #")
