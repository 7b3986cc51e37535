"""Moving in by the page: look, take with its steps, check, open; by mouse, keyboard and phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.gateway_process import Gateway
from tests.support.new_api_shop import NewApiShop, user
from tests.system.console.screen import PHONE, WIDE, Screen, go, overflows, settle, violations
from tests.system.console.shop import PASSWORD, ask, fragment_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PEOPLE = 400


@pytest.fixture(scope="module")
def server(cli, tmp_path_factory):
    """An empty home with an owner, and another gateway's database in its folder."""
    with Gateway(tmp_path_factory.mktemp("moving") / "home", cli) as gateway:
        gateway.start()
        folder = gateway.home / "imports"
        folder.mkdir()
        gateway.shop = NewApiShop(folder / "old.db").add_usual(people=3)
        gateway.shop.add("users", *(user(n, f"more{n}", quota=n) for n in range(100, 100 + PEOPLE)))
        gateway.shop.change("UPDATE users SET github_id = 'octocat' WHERE id = 2")
        yield gateway


@pytest.fixture(scope="module")
def state(browser, server):
    """The owner's cookies."""
    context = browser.new_context()
    body = {
        "link": fragment_of(server.cli("operator", "link")["url"]),
        "email": "ada@example.com",
        "password": PASSWORD,
        "language": None,
    }
    ask(context, server.origin, "POST", "/api/setup", body)
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def screen(browser, server):
    with Screen(browser, server.origin) as opened:
        yield opened
        opened.check()


@pytest.fixture
def page(screen, server, state):
    found = screen.context(storage_state=state).new_page()
    go(found, server.origin, "/operator/moving", "en")
    settle(found)
    return found


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def outcome(page: Page, act: str):
    """What an act came to, when it has."""
    found = page.locator(f"[data-outcome={act}]")
    expect(found).to_be_visible(timeout=120_000)
    return found


def clean(page: Page, where: str) -> None:
    found = violations(page)
    assert not found, where + "\n" + "\n".join(found)
    assert not overflows(page), f"{where} is wider than the window"


def fill(page: Page) -> None:
    page.get_by_label("Database").fill("old.db")
    page.get_by_label("Rate (元 per dollar of quota)").fill("7.5")


def test_the_four_acts(page, server):
    expect(page.locator("[data-state=empty]")).to_be_visible()
    press(page, "Inspect")
    expect(page.get_by_text("Required", exact=False).first).to_be_visible()
    fill(page)
    press(page, "Inspect")
    looked = outcome(page, "look")
    expect(looked).to_contain_text(f"{PEOPLE + 4}")
    expect(looked).to_contain_text("connect GitHub again")
    assert server.cli("import", "status")["imports"] == []
    clean(page, "look")

    press(page, "Migrate")
    expect(page.locator("[data-working=take] [data-step=people]")).to_contain_text(
        re.compile(rf"\d+ / {PEOPLE + 4}"), timeout=60_000
    )
    outcome(page, "take")
    expect(page.get_by_role("table", name="Migrations")).to_contain_text("Migrated")

    press(page, "Check")
    checked = outcome(page, "check")
    expect(checked.locator("[data-equality]")).to_have_count(7)
    expect(checked.get_by_text("Match", exact=True)).to_have_count(7)
    clean(page, "check")

    server.shop.change("UPDATE users SET quota = quota + 1 WHERE id = 3")
    press(page, "Check")
    expect(outcome(page, "check")).to_contain_text("Not everything matches")
    expect(page.locator("[data-equality=balances]")).to_contain_text("user 3")
    clean(page, "not equal")
    press(page, "Migrate again")
    outcome(page, "take")

    press(page, "Open")
    page.get_by_role("dialog").get_by_role("button", name="Open", exact=True).click()
    expect(outcome(page, "open")).to_contain_text(f"{PEOPLE + 4} accounts are open")
    assert server.cli("import", "status", "old")["locked"] == 0


def test_a_refusal_stands_at_the_form(page):
    fill(page)
    page.get_by_label("Program").select_option("one-hub")
    press(page, "Inspect")
    expect(page.get_by_role("alert")).to_contain_text("it looks like new-api", timeout=60_000)
    clean(page, "refused")


def test_by_keyboard_alone(page):
    page.get_by_label("Database").focus()
    page.keyboard.type("old.db")
    page.keyboard.press("Tab")
    page.keyboard.type("7.5")
    page.keyboard.press("Enter")
    outcome(page, "look")
    page.get_by_role("button", name="More options").focus()
    page.keyboard.press("Enter")
    box = page.get_by_label("Ask each channel for its models during inspection (free)")
    expect(box).to_be_visible()
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    page.get_by_role("button", name="Inspect", exact=True).focus()
    page.keyboard.press("Enter")
    expect(outcome(page, "look")).to_contain_text("Channel responses")


@pytest.mark.parametrize(
    ("language", "scheme", "viewport"),
    [("zh", "dark", PHONE), ("zh", "light", WIDE), ("en", "dark", PHONE)],
)
def test_in_each_dress(screen, server, state, language, scheme, viewport):
    context = screen.context(storage_state=state, scheme=scheme, viewport=viewport)
    page = context.new_page()
    go(page, server.origin, "/operator/moving", language)
    settle(page)
    page.get_by_label("数据库" if language == "zh" else "Database").fill("old.db")
    page.get_by_label("汇率" if language == "zh" else "Rate", exact=False).first.fill("7.5")
    press(page, "查看" if language == "zh" else "Inspect")
    looked = outcome(page, "look")
    if language == "zh":
        expect(looked).to_contain_text("请重新绑定 GitHub")
    clean(page, f"{language} {scheme} {viewport['width']}")


def test_without_an_answer_the_page_says_so(screen, server, state):
    context = screen.context(storage_state=state)
    context.route(re.compile(r"/api/operator/imports"), lambda route: route.abort())
    page = context.new_page()
    go(page, server.origin, "/operator/moving", "en")
    expect(page.locator("[data-state=error]")).to_be_visible()
    clean(page, "no answer")


def test_only_owners_find_it(screen, server, browser):
    server.cli(
        "operator", "create", "--email", "sue@example.com", "--role", "support", stdin=PASSWORD
    )
    context = screen.context()
    body = {"email": "sue@example.com", "password": PASSWORD}
    ask(context, server.origin, "POST", "/api/session", body)
    page = context.new_page()
    go(page, server.origin, "/operator/moving", "en")
    settle(page)
    expect(page.get_by_role("button", name="Inspect", exact=True)).to_have_count(0)
    expect(page.get_by_role("navigation").get_by_role("link", name="Migration")).to_have_count(0)
