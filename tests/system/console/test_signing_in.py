"""The ways in: the printed link, an invitation, password and code; and the way out."""

import re

import pytest

from tests.support.catalogs import main_catalog
from tests.support.gateway_process import running_gateway
from tests.system.console.screen import Screen, go, violations
from tests.system.console.shop import PASSWORD, sign_in, totp

ADA = "ada@example.com"


@pytest.fixture(scope="module")
def fresh(upstream, cli, tmp_path_factory):
    """A server on which nobody has signed in yet."""
    home = tmp_path_factory.mktemp("signing-in") / "home"
    with running_gateway(home, cli, main_catalog(upstream)) as running:
        yield running


@pytest.fixture
def screen(browser, fresh):
    with Screen(browser, fresh.origin) as opened:
        yield opened
        opened.check()


def path_of(url: str) -> str:
    """A link's address within the console."""
    return url.partition("/console")[2]


def set_up(screen, fresh, email=ADA):
    """Through the form behind a fresh link."""
    page = screen.open(path_of(fresh.cli("operator", "link")["url"]))
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create and open the console").click()
    page.wait_for_url(re.compile("/console/operator$"))
    return page


def test_a_link_makes_an_operator_once(screen, fresh) -> None:
    link = path_of(fresh.cli("operator", "link")["url"])
    page = screen.open(link)
    assert violations(page) == []
    page.get_by_label("E-mail").fill(ADA)
    page.get_by_label("Password", exact=True).fill("too short")
    page.get_by_role("button", name="Create and open the console").click()
    page.get_by_text("Use at least 10 characters").wait_for()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create and open the console").click()
    page.wait_for_url(re.compile("/console/operator$"))
    page.get_by_role("navigation").get_by_text("Channels").wait_for()
    second = screen.open(link)
    second.get_by_label("E-mail").fill("eve@example.com")
    second.get_by_label("Password", exact=True).fill(PASSWORD)
    second.get_by_role("button", name="Create and open the console").click()
    second.get_by_role("heading", name="Invalid link").wait_for()


def test_a_code_is_asked_for_once_it_is_on(screen, fresh) -> None:
    page = set_up(screen, fresh, "grace@example.com")
    go(page, fresh.origin, "/account", "en")
    page.get_by_role("button", name="Turn on").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Current password").fill(PASSWORD)
    dialog.get_by_role("button", name="Turn on").click()
    secret = dialog.locator("[data-secret]").inner_text()
    assert violations(page) == []
    dialog.get_by_role("textbox", name="6-digit code").fill(totp(secret))
    dialog.get_by_role("button", name="Confirm and turn on").click()
    dialog.get_by_role("button", name="Copy: Recovery codes").wait_for()
    codes = dialog.locator("[data-secret]").inner_text().split()
    assert len(codes) == 10
    dialog.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Account menu").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    sign_in(page, "grace@example.com")
    page.get_by_label("Authentication code").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/console/operator$"))


def test_an_invitation_opens_an_account_s_pages(screen, fresh) -> None:
    fresh.cli("account", "create", "wonderland")
    page = screen.open(path_of(fresh.cli("account", "invite", "wonderland")["url"]))
    page.get_by_role("heading", name="Join wonderland").wait_for()
    assert violations(page) == []
    page.get_by_label("E-mail").fill("alice@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set password and sign in").click()
    page.wait_for_url(re.compile("/console/?$"))
    page.get_by_role("navigation").get_by_text("API tokens").wait_for()
    assert page.get_by_text("Redemption codes").count() == 0
    go(page, fresh.origin, "/operator/codes", "en")
    page.get_by_role("heading", name="Page not found").wait_for()


def test_another_session_is_seen_and_ended(screen, fresh) -> None:
    here = set_up(screen, fresh, "joan@example.com")
    there = screen.open("/sign-in")
    sign_in(there, "joan@example.com")
    there.wait_for_url(re.compile("/console/operator$"))
    go(here, fresh.origin, "/account", "en")
    here.get_by_role("button", name="Sign out", exact=True).click()
    here.get_by_text("Session signed out").wait_for()
    go(there, fresh.origin, "/account", "en")
    there.get_by_role("heading", name="Sign in").wait_for()
