"""A shop with a month behind it: accounts, tokens, requests, codes, and an operator in it.

The requests are real ones to the built-in demo channel; a clock that is turned lets them
be as old as they say. The operator's own account is the customer of the pictures.
"""

import contextlib
import pathlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState

from tests.faults.shims import ClockShim
from tests.support.drivers import CHAT
from tests.support.gateway_process import Cli, Customer, Gateway
from tests.system.console.screen import Screen, go, settle
from tests.system.console.shop import PASSWORD, ask, fragment_of

OPERATOR = "ada@example.com"
DAYS = 24
DAY_SECONDS = 86_400
ACCOUNTS = {
    "Lin Wei 林薇": 42_500_000,
    "Northwind Labs": 812_000_000,
    "课堂助教": 96_400_000,
    "Beehive": 3_200_000,
    "Old Mill": 0,
}
PROMPTS = (
    "Summarise the minutes of yesterday's meeting in five lines.",
    "把这段话改写得更正式一些：明天能不能早点发货？",
    "Write a haiku about a ledger that always balances.",
    "Explain prepaid billing to a ten-year-old, with an example about apples and a jar. " * 20,
)


@dataclass(slots=True)
class FullShop:
    """The running server, and a browser's cookies of its operator."""

    gateway: Gateway
    state: StorageState
    account: str
    request_id: str


@contextlib.contextmanager
def open_full_shop(
    folder: pathlib.Path, cli: Cli, browser: Browser, *, days: int = DAYS
) -> Iterator[FullShop]:
    """Start it, let the days pass, sign the operator in."""
    shim = ClockShim(folder)
    shim.turn(-days * DAY_SECONDS)
    with Gateway(folder / "home", cli, **shim.environment) as gateway:
        gateway.start("--starter")
        context = browser.new_context()
        me = _move_in(gateway, context)
        account = me["account"] or me["accounts"][0]["id"]
        for name, balance in ACCOUNTS.items():
            gateway.cli("account", "create", name, "--balance", str(balance))
        gateway.cli("account", "suspend", "Old Mill")
        gateway.cli("account", "credit", account, "40000000", "--reason", "Bank transfer 2217")
        request_id = _live(gateway, shim, account, days)
        credentials = {"email": OPERATOR, "password": PASSWORD, "totp": None}
        ask(context, gateway.origin, "POST", "/api/session", credentials)  # the first one is old
        _stock(gateway, context)
        yield FullShop(gateway, context.storage_state(), account, request_id)
        context.close()


def a_full_shop(days: int) -> Callable[..., Iterator[FullShop]]:
    """A fixture for a file of tests: one shop for all of it."""

    @pytest.fixture(scope="module")
    def shop(browser, cli, tmp_path_factory):
        with open_full_shop(tmp_path_factory.mktemp("shop"), cli, browser, days=days) as opened:
            yield opened

    return shop


@pytest.fixture
def screen_of_shop(browser, shop):
    """Opens pages of the file's `shop`; at the end nothing foreign may have been asked."""
    with Screen(browser, shop.gateway.origin) as opened:
        yield opened
        opened.check()


def opened(screen: Screen, shop: FullShop, path: str, language: str = "en", **how: Any) -> Page:
    """A page of the shop, by somebody who is signed in."""
    page = screen.context(storage_state=shop.state, **how).new_page()
    go(page, shop.gateway.origin, path, language)
    settle(page)
    return page


def _move_in(gateway: Gateway, context: Any) -> Any:
    link = fragment_of(gateway.cli("operator", "link")["url"])
    body = {"link": link, "email": OPERATOR, "password": PASSWORD, "language": None}
    return ask(context, gateway.origin, "POST", "/api/setup", body)


def _live(gateway: Gateway, shim: ClockShim, account: str, days: int) -> str:
    """Requests on every day; answers the id of the last one."""
    dice = random.Random(7)
    tokens = [
        Customer(gateway, account, "", "", "").token("chat app"),
        Customer(gateway, account, "", "", "").token("website", budget=20_000_000, rpm=1000),
        Customer(gateway, account, "", "", "").token("notebook", budget_month=5_000_000),
    ]
    Customer(gateway, account, "", "", "").token("intern", models="gpt-3.5-turbo")
    request_id = ""
    for day in range(days, -1, -1):
        shim.turn(-day * DAY_SECONDS)
        for _ in range(dice.randint(10, 40)):
            model = dice.choice(["gpt-4", "gpt-4", "claude-2", "gpt-3.5-turbo"])
            body = CHAT.body(model, dice.choice(PROMPTS), dice.choice([60, 200, 400]))
            answer = dice.choice(tokens).post(CHAT.path, body)
            assert answer.status == 200, answer.body
            request_id = answer.request_id
    tokens[0].post(CHAT.path, CHAT.body("gpt-5", "There is no such model.", 16))
    return request_id


def _stock(gateway: Gateway, context: Any) -> None:
    """Codes, notes and the words of the house."""
    origin = gateway.origin
    batch = {"name": "Spring fair 春季活动", "value": 20_000_000, "count": 50}
    ask(context, origin, "POST", "/api/operator/codes", batch)
    settings = {"site_name": "一元", "contact": "help@example.com"}
    for name, value in settings.items():
        ask(context, origin, "PUT", f"/api/operator/settings/{name}", {"value": value})
    ask(context, origin, "POST", "/api/operator/ledger/verify", {})
