"""What the two kinds of people came for, from nothing to the end, by the page alone.

The operator: the printed link, a channel that is tested, a price, a token, a request, its
cost and the entries that paid it; at most 25 clicks and fields, within a minute of the
machine's time. The customer: signing up, a code, a token, a request, its line, the statement.
"""

import re
import time

import pytest
from playwright.sync_api import Locator, Page

from tests.support.catalogs import OPENAI_KEY
from tests.support.drivers import CHAT
from tests.support.gateway_process import Gateway
from tests.support.mail_server import MailServer, mail_server
from tests.support.waiting import wait_for
from tests.support.wire import call
from tests.system.console.screen import Screen
from tests.system.console.shop import PASSWORD

INPUTS_MAX = 25
SECONDS_MAX = 60
BUSY_FACTOR = 3
"""How much slower a machine may be that runs other tests beside this one."""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Hand:
    """A hand that counts what it does: clicks and filled fields."""

    def __init__(self, page: Page) -> None:
        self.page, self.inputs = page, 0

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)
        self.inputs += 1

    def click(self, place: Locator) -> None:
        place.click()
        self.inputs += 1

    def press(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True))

    def visit(self, name: str) -> None:
        self.click(self.page.get_by_role("navigation").get_by_role("link", name=name, exact=True))

    def switch(self, mode: str) -> None:
        """Operator and customer are two modes."""
        modes = self.page.get_by_role("group", name="Mode")
        self.click(modes.get_by_role("link", name=mode, exact=True))


@pytest.fixture
def shop(cli, tmp_path):
    """What `make run` starts: an empty home, the starter's models, nobody signed in."""
    with Gateway(tmp_path / "home", cli) as gateway:
        yield gateway.start("--starter")


@pytest.fixture
def screen(browser, shop):
    with Screen(browser, shop.origin) as opened:
        yield opened
        opened.check()


def make_token(hand: Hand, name: str) -> str:
    """Through the dialog; the key that it shows this once."""
    hand.visit("API tokens")
    hand.click(hand.page.get_by_role("button", name="Create token").first)
    hand.page.get_by_role("textbox", name="Name").fill(name)
    hand.inputs += 1
    hand.click(hand.page.get_by_role("dialog").get_by_role("button", name="Create token"))
    key = hand.page.locator("[data-secret]").first.inner_text()
    hand.press("I have saved the token")
    return key


def test_the_operator(screen, shop, upstream) -> None:
    began = time.monotonic()
    found = wait_for(
        lambda: re.search(r"/console(/setup#\S+)", shop.said()), timeout=30, what="the link"
    )
    link = found[1]
    hand = Hand(screen.open(link))
    page = hand.page
    hand.fill("E-mail", "ada@example.com")
    hand.fill("Password", PASSWORD)
    hand.press("Create and open the console")
    hand.visit("Channels")
    hand.press("Add channel")
    hand.fill("Name", "upstream")
    hand.fill("Base URL", f"{upstream.origin}/v1")
    hand.fill("API key", OPENAI_KEY)
    hand.fill("Models", "gpt-4 = up")
    hand.click(page.get_by_label("Allow loopback and private addresses"))
    hand.press("Save and test")
    hand.press("Test all models")
    page.locator("[data-test=ok]").wait_for()
    hand.click(page.get_by_role("dialog").get_by_role("button", name="Close"))
    hand.visit("Models and pricing")
    row = page.locator("[data-row='gpt-4']")
    hand.click(row.get_by_role("button", name="Edit"))
    hand.fill("Output (¥)", "50")
    hand.press("Save")
    page.get_by_text("¥30 / ¥50").wait_for()
    hand.switch("My account")
    key = make_token(hand, "first")
    script = upstream.script({"input_tokens": 10, "output_tokens": 7})
    answer = call(shop.origin, "POST", CHAT.path, CHAT.body("gpt-4", script.mark, 20), key=key)
    assert answer.charge == 10 * 30 + 7 * 50
    hand.visit("Requests")
    hand.click(page.locator(f"[data-row='{answer.request_id}']"))
    drawer = page.get_by_role("dialog")
    drawer.get_by_text("650 词元").first.wait_for()
    drawer.get_by_text("¥0.00065").first.wait_for()
    seconds = time.monotonic() - began
    assert hand.inputs <= INPUTS_MAX, f"{hand.inputs} clicks and fields"
    assert seconds <= SECONDS_MAX * BUSY_FACTOR, f"{seconds:.0f} s"


def test_the_customer(screen, shop) -> None:
    with mail_server() as mail:
        for name, value in (mail.settings | {"sign_up": "open"}).items():
            shop.cli("settings", "set", name, str(value))
        the_customer(screen, shop, mail)


def the_customer(screen: Screen, shop: Gateway, mail: MailServer) -> None:
    """From a mailbox that is proven to a statement that adds up."""
    code = shop.cli("codes", "create", "--value", "5000000", "--count", "1")["codes"][0]
    hand = Hand(screen.open("/sign-in"))
    page = hand.page
    hand.click(page.get_by_role("link", name="No account yet? Sign up"))
    hand.fill("E-mail", "lin@example.com")
    hand.press("Send a code")
    page.get_by_text("a code is on its way").wait_for()
    hand.fill("Code", mail.wait_for("lin@example.com", seconds=60).code)
    hand.fill("Choose a password", PASSWORD)
    hand.press("Sign up")
    hand.visit("Top up")
    page.get_by_label("Code").fill(f" {code.lower()} ")
    hand.press("Redeem")
    page.get_by_text("¥5.00").first.wait_for()
    key = make_token(hand, "laptop")
    answer = call(shop.origin, "POST", CHAT.path, CHAT.body("gpt-4", "hello", 20), key=key)
    assert answer.status == 200
    hand.visit("Requests")
    hand.click(page.locator(f"[data-row='{answer.request_id}']"))
    page.get_by_role("dialog").get_by_text(f"{answer.charge:,} 词元").first.wait_for()
    page.keyboard.press("Escape")
    hand.visit("Statement")
    page.get_by_text("+¥5.000000").first.wait_for()
    left = 5_000_000 - answer.charge
    page.get_by_text(f"{left:,} 词元").first.wait_for()
    shop.settle_down()
