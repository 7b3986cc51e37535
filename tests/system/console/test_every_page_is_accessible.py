"""axe on every page: empty, full and without an answer; in both languages, schemes and widths;
and on everything that opens over a page: menus, choices, lists to pick from.

Language, scheme and width are covered in pairs for each of the three conditions. The whole
product of them is `YIYUAN_TEST_CONSOLE=all`.
"""

import itertools
import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.support.gateway_process import Gateway
from tests.system.console import routes
from tests.system.console.full_shop import FullShop, open_full_shop
from tests.system.console.screen import (
    PHONE,
    TABLET,
    WIDE,
    Screen,
    go,
    overflows,
    settle,
    violations,
)
from tests.system.console.shop import PASSWORD, ask, fragment_of

PAIRS = {
    "empty": [("zh", "light", WIDE), ("en", "dark", PHONE)],
    "full": [("en", "light", PHONE), ("zh", "dark", WIDE)],
    "error": [("zh", "light", PHONE), ("en", "dark", WIDE)],
}
PRODUCT = list(itertools.product(("zh", "en"), ("light", "dark"), (WIDE, PHONE)))
IS_WHOLE = os.environ.get("YIYUAN_TEST_CONSOLE") == "all"
OPENERS = "#main [aria-haspopup]:visible:enabled"
"""What opens something: of those that are alike on a page, the first."""
SHELL_OPENERS = "header [aria-haspopup]:visible:enabled"
AHEAD = 6
"""A page that gets no answer asks again for three seconds, so several do that together."""
DATA = re.compile(r"/api/(?!site|session)")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def dresses(condition: str) -> list:
    return PRODUCT if IS_WHOLE else PAIRS[condition]


@pytest.fixture(scope="module")
def full(browser, cli, tmp_path_factory):
    """A shop in which much has happened."""
    with open_full_shop(tmp_path_factory.mktemp("full"), cli, browser, days=3) as shop:
        yield shop


@pytest.fixture(scope="module")
def empty(browser, cli, tmp_path_factory):
    """A shop in which nothing has happened but the set-up."""
    with Gateway(tmp_path_factory.mktemp("empty") / "home", cli) as gateway:
        gateway.start()
        context = browser.new_context()
        body = {
            "link": fragment_of(gateway.cli("operator", "link")["url"]),
            "email": "ada@example.com",
            "password": PASSWORD,
            "language": None,
        }
        me = ask(context, gateway.origin, "POST", "/api/setup", body)
        yield FullShop(gateway, context.storage_state(), me["account"], "")
        context.close()


def loaded(context, origin, paths, language, ahead) -> Iterator[tuple[str, Page]]:
    """Each of the pages, settled; `ahead` of them are opened before the first is waited for."""
    pages = [context.new_page() for _ in range(ahead)]
    for first in range(0, len(paths), ahead):
        beside = list(zip(paths[first : first + ahead], pages, strict=False))
        for path, page in beside:
            go(page, origin, path, language)
        for path, page in beside:
            page.bring_to_front()
            settle(page)
            yield path, page


def findings(screen, condition, shop, paths) -> list[str]:
    """What is wrong with any of the pages, each line with the page and its dress."""
    found = []
    for language, scheme, viewport in dresses(condition):
        context = screen.context(scheme=scheme, viewport=viewport, storage_state=shop.state)
        if condition == "error":
            context.route(DATA, lambda route: route.abort())
        ahead = AHEAD if condition == "error" else 1
        for path, page in loaded(context, shop.gateway.origin, paths, language, ahead):
            where = f"{path} {condition} {language} {scheme} {viewport['width']}: "
            found += [where + line for line in violations(page)]
            if overflows(page):
                found.append(where + "is wider than the window")
            if condition == "full":
                found += opened(page, where, SHELL_OPENERS) if path == paths[0] else []
                found += opened(page, where, OPENERS)
        context.close()
    return found


@pytest.mark.parametrize("paths", [routes.CUSTOMER, routes.OPERATOR], ids=["customer", "operator"])
@pytest.mark.parametrize("condition", ["empty", "full", "error"])
def test_axe_finds_nothing(browser, request, condition, paths) -> None:
    shop = request.getfixturevalue("empty" if condition == "empty" else "full")
    with Screen(browser, shop.gateway.origin) as screen:
        if condition == "full" and paths == routes.OPERATOR:
            paths = (*paths, f"/operator/accounts/{shop.account}")
        found = findings(screen, condition, shop, paths)
        assert not found, "\n".join(found)
        screen.check()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_is_wider_than_a_tablet(language, full, browser) -> None:
    """The width between those of axe's turns, where columns and side bars change places."""
    with Screen(browser, full.gateway.origin) as screen:
        page = screen.context(viewport=TABLET, storage_state=full.state).new_page()
        wide = []
        for path in (*routes.ALL, f"/operator/accounts/{full.account}"):
            go(page, full.gateway.origin, path, language)
            settle(page)
            if overflows(page):
                wide.append(path)
        assert wide == []


def opened(page, where: str, openers: str) -> list[str]:
    """What is wrong while any of the page's menus and lists is open."""
    found, seen = [], set[str]()
    for opener in page.locator(openers).all():
        kind = opener.evaluate(KIND)
        if kind in seen:
            continue
        seen.add(kind)
        opener.click()
        page.locator(openers + "[aria-expanded=true]").first.wait_for()
        settle(page)
        found += [f"{where}{kind}: {line}" for line in violations(page, is_covered=True)]
        page.keyboard.press("Escape")
        page.locator(openers + "[aria-expanded=true]").first.wait_for(state="detached")
    return found


KIND = """element => element.tagName + " " + element.getAttribute("aria-haspopup")
    + " " + (element.closest("td") ? "of a row" : element.getAttribute("aria-label")
    || element.innerText || element.name || element.id)"""
