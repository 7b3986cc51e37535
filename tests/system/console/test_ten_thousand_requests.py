"""A log of 10,000 requests: pages come by cursor, and the page answers within 200 ms.

What is measured for one interaction is the page's own work in processor time, as Chromium
counts it: scripts, styles and layout. Painting is not in it: without a graphics processor, as
here, that is many times slower than on a desk.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page

from tests.support.drivers import CHAT
from tests.support.gateway_process import Customer, Gateway
from tests.support.waiting import wait_for
from tests.support.wire import call
from tests.system.console.screen import Screen, go, settle
from tests.system.console.shop import PASSWORD, ask, fragment_of

ROWS = 10_000
AT_ONCE = 16
ROWS_PER_PAGE_MAX = 200
INTERACTION_MS_MAX = 200
BUSY_FACTOR = 3
"""How much more processor time the same work takes on a machine that shares its cores."""
PAGES = 6
SETTLED_MS = 1_500
PRESS_MORE = """() => [...document.querySelectorAll("button")]
    .find((button) => button.textContent === "Load more").click()"""
ROWS_THERE = """() => {
    const table = document.querySelector("table[data-table]")
    const told = table.getAttribute("aria-rowcount")
    return told ? Number(told) - 1 : table.querySelectorAll("tbody tr").length
}"""
DRAWN_MAX = 500
"""Rows that stand in the page at once, however many the table has."""
FRAMES, FRAME_PX = 200, 120
"""Two screens and more in a second: a finger that is thrown, or a wheel that is turned fast."""
FRAME_MS_MAX = 20
SCROLL = """async ([frames, px]) => {
    for (let n = 0; n < frames; n++) {
        await new Promise(requestAnimationFrame)
        window.scrollBy(0, px)
    }
}"""
TASK = "ThreadControllerImpl::RunTask"
WORK = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def spend(origin: str, key: str) -> None:
    """Send the requests, some at a time."""
    body = CHAT.body("gpt-3.5-turbo", "hello", 1)

    def send(_: int) -> int:
        return call(origin, "POST", CHAT.path, body, key=key).status

    with ThreadPoolExecutor(AT_ONCE) as senders:
        assert set(senders.map(send, range(ROWS))) == {200}


@pytest.fixture(scope="module")
def long_log(cli, tmp_path_factory, browser):
    """A customer with 10,000 requests, and a browser that is signed in as them."""
    with Gateway(tmp_path_factory.mktemp("long") / "home", cli) as gateway:
        gateway.start("--starter")
        gateway.apply('[[model]]\nname = "gpt-3.5-turbo"\nprice = { input = "0.5", output = "1" }')
        context = browser.new_context()
        link = fragment_of(gateway.cli("operator", "link")["url"])
        body = {"link": link, "email": "ada@example.com", "password": PASSWORD, "language": None}
        account = ask(context, gateway.origin, "POST", "/api/setup", body)["account"]
        customer = Customer(gateway, account, "", "", "").token("busy")
        spend(gateway.origin, customer.key)
        yield gateway, context.storage_state()
        context.close()


class Work:
    """Processor milliseconds of a page's main thread, interaction by interaction."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
        self._session.send("Performance.enable")
        self._page, self._before = page, 0.0
        self.spent_ms: dict[str, float] = {}

    def _total_ms(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return sum(m["value"] for m in metrics if m["name"] in WORK) * 1000

    @contextlib.contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Measure what the block sets off; asking the page there would be measured, too."""
        before = self._total_ms()
        yield
        self._page.wait_for_timeout(SETTLED_MS)
        self.spent_ms[name] = self._total_ms() - before


def more_than(before: int, page: Page) -> None:
    wait_for(lambda: page.evaluate(ROWS_THERE) > before, what=f"more than {before} rows")


@pytest.fixture(scope="module")
def whole_log(long_log, browser):
    """The page of the log with all 10,000 rows, come by cursor."""
    gateway, state = long_log
    with Screen(browser, gateway.origin) as screen:
        page = screen.context(storage_state=state).new_page()
        go(page, gateway.origin, "/logs", "en")
        settle(page)
        while (before := page.evaluate(ROWS_THERE)) < ROWS:
            page.evaluate(PRESS_MORE)
            more_than(before, page)
        yield page
        screen.check()


def test_of_ten_thousand_rows_few_are_drawn(whole_log) -> None:
    page, drawn = whole_log, "tbody tr[data-row]"
    assert page.evaluate(ROWS_THERE) == ROWS
    assert page.locator(drawn).count() <= DRAWN_MAX
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.locator(f"tr[aria-rowindex='{ROWS + 1}']").wait_for()
    assert page.locator(drawn).count() <= DRAWN_MAX
    page.evaluate("window.scrollTo(0, 0)")
    first = page.locator("tr[aria-rowindex='2']")
    first.focus()
    for _ in range(60):
        page.keyboard.press("ArrowDown")
    page.locator("tr[aria-rowindex='62']:focus").wait_for()


def scroll(page: Page) -> None:
    page.evaluate("window.scrollTo(0, 2000)")
    page.locator("tr[aria-rowindex='60']").wait_for()
    page.evaluate(SCROLL, [FRAMES, FRAME_PX])


def test_scrolling_lays_out_only_what_comes_and_goes(whole_log) -> None:
    page = whole_log
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def layouts() -> int:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(each["value"] for each in metrics if each["name"] == "LayoutCount")

    before = layouts()
    scroll(page)
    assert layouts() - before <= FRAMES
    assert page.locator("tbody tr[data-row]").count() <= DRAWN_MAX


@pytest.mark.timing
def test_fifty_frames_a_second_are_within_reach(whole_log) -> None:
    """Processor time of the page's own thread, painting included, for each frame scrolled."""
    session = whole_log.context.new_cdp_session(whole_log)
    said: list[dict] = []
    ended: list[dict] = []
    session.on("Tracing.dataCollected", lambda part: said.extend(part["value"]))
    session.on("Tracing.tracingComplete", lambda end: ended.extend([end]))
    session.send(
        "Tracing.start",
        {
            "transferMode": "ReportEvents",
            "traceConfig": {"includedCategories": ["devtools.timeline", "toplevel"]},
        },
    )
    scroll(whole_log)
    session.send("Tracing.end")
    while not ended:
        whole_log.wait_for_timeout(50)
    (thread, _), *_ = Counter(
        (each["pid"], each["tid"]) for each in said if each["name"] == "FireAnimationFrame"
    ).most_common(1)
    spent = sum(
        each.get("tdur", 0)
        for each in said
        if (each["pid"], each["tid"]) == thread and each["name"] == TASK
    )
    assert 0 < spent / 1000 / FRAMES <= FRAME_MS_MAX


def test_the_log_answers_at_once_and_comes_by_cursor(long_log, browser) -> None:
    gateway, state = long_log
    asked: list[str] = []
    with Screen(browser, gateway.origin) as screen:
        page = screen.context(storage_state=state).new_page()
        page.on("request", lambda sent: "/logs?" in sent.url and asked.append(sent.url))
        go(page, gateway.origin, "/logs", "en")
        settle(page)
        page.wait_for_timeout(SETTLED_MS)  # until dialogs and menus have been fetched, too
        page.wait_for_load_state("networkidle")
        work = Work(page)
        for number in range(1, PAGES):
            before = page.evaluate(ROWS_THERE)
            with work.of(f"page {number + 1}"):
                page.evaluate(PRESS_MORE)
            more_than(before, page)
            assert page.evaluate(ROWS_THERE) <= (number + 1) * ROWS_PER_PAGE_MAX
        page.get_by_role("button", name="Columns").click()
        page.get_by_role("checkbox").first.focus()
        with work.of("hiding a column"):
            page.keyboard.press("Space")
        page.keyboard.press("Escape")
        page.locator("tbody tr").first.focus()
        with work.of("opening a request"):
            page.keyboard.press("Enter")
        page.get_by_role("dialog").locator("[data-entry=charge]").wait_for()
        with work.of("closing it"):
            page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="detached")
        screen.check()
    cursors = [re.search(r"after=([^&]+)", url)[1] for url in asked if "after=" in url]
    assert len(set(cursors)) == PAGES - 1
    assert not [url for url in asked if "offset=" in url]
    limit_ms = INTERACTION_MS_MAX * BUSY_FACTOR
    assert all(0 < spent <= limit_ms for spent in work.spent_ms.values()), work.spent_ms
