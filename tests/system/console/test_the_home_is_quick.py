"""The operator's home on a slow line and a slow processor: its figures within three seconds.

The line is Lighthouse's slow 4G, 1.6 Mbit/s and 150 ms for a round trip; the processor has a
quarter of this one's speed. Nothing is kept from before: it is the first page in a new browser.
"""

import re

import pytest
from playwright.sync_api import Page

from tests.support.waiting import wait_for
from tests.system.console.full_shop import open_full_shop
from tests.system.console.screen import Screen

BYTES_A_SECOND, ROUND_TRIP_MS, TIMES_SLOWER = 200_000, 150, 4
SHOWN_MS_MAX = 3_000
TRIES_MAX = 6
BYTES_MAX = 230_000
ASKED_FIRST = ("/api/site", "/api/session", "/api/operator/home")
FIGURE = "main .y-number"
ASKED = """() => performance.getEntriesByType("resource").map(
    ({ name, initiatorType, encodedBodySize, startTime, responseEnd }) =>
        ({ path: new URL(name).pathname, by: initiatorType, bytes: encodedBodySize,
           began: startTime, ended: responseEnd }))"""
NOTES_WHEN_SHOWN = """
new MutationObserver((_, observer) => {
    if (!document.querySelector("main .y-number")) return
    observer.disconnect()
    requestAnimationFrame(() => setTimeout(() => { window.shownMs = performance.now() }))
}).observe(document, { subtree: true, childList: true })
"""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def shop(browser, cli, tmp_path_factory):
    with open_full_shop(tmp_path_factory.mktemp("home"), cli, browser, days=2) as opened:
        yield opened


def open_home(screen: Screen, shop, *, is_slow: bool) -> Page:
    """The home in a new browser, when it shows a figure."""
    page = screen.context(storage_state=shop.state).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    if is_slow:
        line = {
            "offline": False,
            "latency": ROUND_TRIP_MS,
            "downloadThroughput": BYTES_A_SECOND,
            "uploadThroughput": BYTES_A_SECOND,
        }
        session.send("Network.emulateNetworkConditions", line)
        session.send("Emulation.setCPUThrottlingRate", {"rate": TIMES_SLOWER})
    page.add_init_script(NOTES_WHEN_SHOWN)
    page.goto(f"{shop.gateway.origin}/console/operator")
    page.locator(FIGURE).first.wait_for()
    return page


def shown_ms(page: Page) -> float:
    """When the figures stood on the page and it could answer a press."""
    wait_for(lambda: page.evaluate("window.shownMs !== undefined"), timeout=60, what="figures")
    return page.evaluate("window.shownMs")


def test_everything_is_fetched_at_once(browser, shop) -> None:
    with Screen(browser, shop.gateway.origin) as screen:
        asked = open_home(screen, shop, is_slow=False).evaluate(ASKED)
        screen.check()
    by = {each["path"]: each["by"] for each in asked}
    for path in ASKED_FIRST:
        assert by[path] == "link", "named by the document"
        assert [each["path"] for each in asked].count(path) == 1, "and asked once"
    (own,) = [each for each in asked if "/HomePage-" in each["path"]]
    (shared,) = [each for each in asked if re.search(r"/index-[^/]+\.js$", each["path"])]
    assert own["began"] < shared["ended"], "beside what all pages share"
    (home,) = [each for each in asked if each["path"] == ASKED_FIRST[-1]]
    early = [each for each in asked if each["began"] < home["ended"]]
    assert not [each for each in early if "/Toasts-" in each["path"]], "nobody needs them yet"
    assert sum(each["bytes"] for each in asked) <= BYTES_MAX


@pytest.mark.timing
def test_the_home_shows_its_figures_within_three_seconds(browser, shop) -> None:
    """Once in some tries: what else this machine does at the time only makes it later."""
    taken = []
    with Screen(browser, shop.gateway.origin) as screen:
        for _ in range(TRIES_MAX):
            page = open_home(screen, shop, is_slow=True)
            taken.append(shown_ms(page))
            page.context.close()
            if taken[-1] <= SHOWN_MS_MAX:
                break
        screen.check()
    assert min(taken) <= SHOWN_MS_MAX, taken
