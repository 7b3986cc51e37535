"""People at the pages: the code turns by itself, axe finds nothing, a newcomer gets paid."""

import datetime as dt
import re

import pytest

from tests.support.payment_gateways.partner import Partner
from tests.system.console.conftest import browser  # noqa: F401 - a fixture
from tests.system.console.screen import PHONE, WIDE, Screen, go, overflows, settle, violations
from tests.system.console.shop import sign_in
from tests.system.console_api.person import invited, operator
from tests.system.payments.shop import PaidShop, start_gateway

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
TURNS_MS_MAX = 2_999
"""Of the page's own clock, which stands still otherwise: however busy the machine is."""
NEWCOMER_INPUTS_MAX = 12
CUSTOMER, OWNER = "alice@example.com", "owner@example.com"
SHOWN = ("pending", "credited", "expired", "cancelled", "failed", "review")


@pytest.fixture(scope="module")
def shop(cli, tmp_path_factory):
    """A server with one way to pay, a customer and an operator."""
    home = tmp_path_factory.mktemp("pay-page") / "home"
    with start_gateway(home, cli) as gateway, Partner("epay_md5") as partner:
        running = PaidShop(gateway, partner)
        invited(gateway, running.account, CUSTOMER)
        operator(gateway, OWNER)
        yield running
        gateway.verify()


@pytest.fixture
def screen(browser, shop):  # noqa: F811
    with Screen(browser, shop.gateway.origin) as opened:
        yield opened
        opened.check()


def entered(screen, email: str, language: str = "en", **how):
    """A page of somebody who has signed in."""
    page = screen.open("/sign-in", language=language, **how)
    sign_in(page, email)
    page.wait_for_url(re.compile("/console/?$|/console/(?!sign-in)"))
    return page


def is_credited(answer, order: str) -> bool:
    """Whether this is what the page has asked about its order, and says that it is paid."""
    is_asked = answer.status == 200 and answer.url.endswith(f"/orders/{order}")
    return is_asked and answer.json()["state"] == "credited"


@pytest.mark.parametrize(("language", "viewport"), [("en", WIDE), ("zh", PHONE)])
def test_40_the_page_turns_by_itself_when_the_wallet_has_paid(shop, screen, language, viewport):
    words = {
        "en": ("Pay", "I have paid", "Credited", "QR code to pay"),
        "zh": ("去支付", "我已支付", "已到账", "付款二维码"),
    }[language]
    page = entered(screen, CUSTOMER, language, scheme="dark", viewport=viewport)
    page.clock.install()
    page.goto(f"{shop.gateway.origin}/console/top-up")
    page.get_by_role("button", name=words[0], exact=True).click()
    page.wait_for_url(re.compile("/console/orders/ord_"))
    code = page.get_by_role("img", name=re.compile(words[3]))
    code.wait_for()
    order = shop.gateway.cli("payments", "show", page.url.rpartition("/")[2])
    with page.expect_response(re.compile(f"/orders/{order['id']}$")):
        pass  # it has just asked, so that no question is under way when its time stands still
    soon = page.evaluate("Date.now()") / 1000 + 1
    page.clock.pause_at(dt.datetime.fromtimestamp(soon, dt.UTC))
    shop.partner.pay(order["number"])
    assert shop.partner.notify(order["number"])["body"] == "success"
    assert code.is_visible()
    with page.expect_response(lambda answer: is_credited(answer, order["id"])):
        page.clock.run_for(TURNS_MS_MAX)
    page.clock.resume()
    page.get_by_text(words[2], exact=True).first.wait_for()
    assert not code.is_visible()


def test_40_an_order_that_expired_says_so_and_leads_to_a_new_one(shop, screen):
    page = entered(screen, CUSTOMER)
    order = shop.order("¥7")
    page.goto(f"{shop.gateway.origin}/console/orders/{order['id']}")
    page.get_by_role("img", name=re.compile("QR code to pay")).wait_for()
    shop.pass_time(order, 31 * 60)
    page.get_by_text("Expired", exact=True).wait_for()
    page.get_by_role("button", name="Top up again").click()
    page.wait_for_url(re.compile("/console/top-up"))
    page.get_by_role("button", name="Pay", exact=True).wait_for()
    assert page.get_by_label("Amount (¥)").input_value() == "7"  # the same amount, a new order


@pytest.fixture(scope="module")
def orders(shop):
    """One order in every state, of the customer's account."""
    made = {state: shop.order("¥9") for state in SHOWN}
    shop.pay(made["credited"])
    shop.pay(made["review"], amount_minor=800)
    for state in ("expired", "cancelled", "failed"):
        number = made[state]["number"]
        sql = "UPDATE payment_orders SET state = ?, reason = ?, next_check_at = NULL"
        shop.change(f"{sql} WHERE number = ?", state, "the payer gave up", number)
    shop.partner.notify(made["review"]["number"], fields={"out_trade_no": "nobody-knows"})
    return {state: order["id"] for state, order in made.items()}


def findings(page, shop, paths, language: str) -> list[str]:
    """What axe finds on pages, and which are wider than the window."""
    found = []
    for path in paths:
        go(page, shop.gateway.origin, path, language)
        settle(page)
        found += [f"{path} {language}: {line}" for line in violations(page)]
        if overflows(page):
            found.append(f"{path} {language}: wider than the window")
    return found


DRESSES = [("en", "light", WIDE), ("zh", "dark", PHONE), ("en", "dark", PHONE)]


@pytest.mark.parametrize(("language", "scheme", "viewport"), DRESSES)
def test_40_axe_finds_nothing_on_the_customers_pages(
    shop, screen, orders, language, scheme, viewport
):
    page = entered(screen, CUSTOMER, language, scheme=scheme, viewport=viewport)
    paths = ["/top-up", "/orders", *(f"/orders/{order}" for order in orders.values())]
    found = findings(page, shop, paths, language)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("language", "scheme", "viewport"), DRESSES)
def test_40_axe_finds_nothing_on_the_operators_pages(
    shop, screen, orders, language, scheme, viewport
):
    page = entered(screen, OWNER, language, scheme=scheme, viewport=viewport)
    tabs = [f"/operator/payments?tab={tab}" for tab in ("orders", "review", "unmatched", "days")]
    paths = ["/operator", *tabs, *(f"/operator/payments/{order}" for order in orders.values())]
    found = findings(page, shop, paths, language)
    found += findings(page, shop, ["/operator/payment-methods"], language)
    words = {"en": "Add a payment method", "zh": "添加支付方式"}[language]
    page.get_by_role("button", name=words).first.click()
    page.get_by_role("dialog").wait_for()
    found += [f"form {language}: {line}" for line in violations(page)]
    assert not found, "\n".join(found)


class Newcomer:
    """Somebody at a page whose inputs are counted: a click, a choice or a filled field each."""

    def __init__(self, page) -> None:
        self.page, self.inputs = page, 0

    def click(self, name: str, role: str = "button", **how) -> None:
        """Click something."""
        self.page.get_by_role(role, name=name, exact=True, **how).first.click()
        self.inputs += 1

    def fill(self, label: str, text: str) -> None:
        """Fill a field in."""
        self.page.get_by_label(re.compile(f"^{re.escape(label)}")).first.fill(text)
        self.inputs += 1

    def choose(self, label: str, value: str) -> None:
        """Choose from a list."""
        self.page.get_by_label(label, exact=True).first.select_option(value)
        self.inputs += 1


def test_a_newcomer_enables_epay_in_at_most_twelve_inputs_and_sees_one_yuan_arrive(
    shop, screen
) -> None:
    # From the console private addresses stay closed, so the loopback gateway is let in first.
    shop.add("newcomer")
    shop.gateway.cli("payments", "method", "disable", "newcomer")
    shop.gateway.cli("payments", "method", "disable", shop.method)
    before = shop.balance()
    try:
        page = entered(screen, OWNER)
        go(page, shop.gateway.origin, "/operator/payment-methods", "en")
        settle(page)
        newcomer = Newcomer(page)
        newcomer.click("Add a payment method")
        newcomer.choose("Kind", "epay_md5")
        newcomer.fill("Name", "newcomer")
        newcomer.fill("Gateway address", shop.partner.origin)
        newcomer.fill("Merchant id (pid)", "1001")
        newcomer.fill("Ways to pay", "alipay")
        newcomer.fill("Merchant key", shop.partner.secrets["key"])
        newcomer.click("Save")
        page.get_by_role("dialog").wait_for(state="detached")
        newcomer.click("Test")
        page.get_by_text("Passed: orders can be placed and queried.").wait_for()
        page.get_by_text("Waiting for a notification (up to 2 minutes)").wait_for()
        page.get_by_role("img", name=re.compile("QR code to pay 0.01 CNY")).wait_for()
        number = list(shop.partner.do("trades"))[-1]
        shop.partner.pay(number)
        assert shop.partner.notify(number)["body"] == "success"
        page.get_by_text("The notification arrived").wait_for()
        customer = entered(screen, CUSTOMER)
        go(customer, shop.gateway.origin, "/top-up", "en")
        settle(customer)
        paying = Newcomer(customer)
        paying.click("Another amount", "radio")
        paying.fill("Amount (¥)", "1")
        paying.click("Pay")
        customer.wait_for_url(re.compile("/console/orders/ord_"))
        order = shop.gateway.cli("payments", "show", customer.url.rpartition("/")[2])
        assert order["amount"] == "1.00"
        shop.partner.pay(order["number"])
        assert shop.partner.notify(order["number"])["body"] == "success"
        customer.get_by_text("Credited", exact=True).first.wait_for()
        customer.get_by_text("¥1.00").first.wait_for()
        assert shop.balance() == before + 1_000_000
        print(f"{newcomer.inputs + paying.inputs} inputs")
        assert newcomer.inputs + paying.inputs <= NEWCOMER_INPUTS_MAX
    finally:
        shop.gateway.cli("payments", "method", "enable", shop.method)


def test_an_operator_credits_what_really_came(shop, screen):
    page = entered(screen, OWNER)
    before = shop.balance()
    order = shop.order("¥9")
    shop.pay(order, amount_minor=800)
    go(page, shop.gateway.origin, f"/operator/payments/{order['id']}", "en")
    page.get_by_role("button", name="Credit manually").click()
    dialog = page.get_by_role("dialog")
    assert dialog.get_by_label("Credit (¥)").input_value() == "8"
    dialog.get_by_label("Reason").fill("the payer wants it so")
    dialog.get_by_role("button", name="Credit manually").click()
    dialog.wait_for(state="detached")
    page.get_by_text("Credited", exact=True).first.wait_for()
    assert shop.balance() == before + 8_000_000


def test_an_operator_credits_a_payment_that_belongs_to_no_order(shop, screen):
    page = entered(screen, OWNER)
    before = shop.balance()
    order = shop.order("¥9")
    shop.partner.notify(order["number"], fields={"out_trade_no": "of-another-site"})
    go(page, shop.gateway.origin, "/operator/payments?tab=unmatched", "en")
    row = page.get_by_role("row").filter(has_text="of-another-site")
    row.get_by_role("button", name="Credit to an account").click()
    dialog = page.get_by_role("dialog")
    assert dialog.get_by_label("Amount received").input_value() == "9"
    dialog.get_by_label("Account name or ID").fill(shop.account)
    dialog.get_by_label("Reason").fill("seen in the bank")
    assert violations(page) == []
    dialog.get_by_role("button", name="Credit to an account").click()
    dialog.wait_for(state="detached")
    assert shop.balance() == before + 9_000_000


def test_a_statement_leads_to_the_order_of_a_refund(shop, screen):
    order = shop.order("¥9")
    shop.pay(order)
    asked = ("--reason", "asked for", "--amount", "¥2", "--key", "browser")
    shop.gateway.cli("payments", "refund", order["id"], *asked)
    page = entered(screen, CUSTOMER)
    go(page, shop.gateway.origin, "/statement", "en")
    row = (
        page.get_by_role("row")
        .filter(has_text="-¥2.00")
        .or_(page.get_by_role("row").filter(has_text="−¥2.00"))
    )
    row.get_by_role("link", name=order["number"]).click()
    page.wait_for_url(re.compile(f"/console/orders/{order['number']}"))
    page.get_by_text("Refunded", exact=True).wait_for()
