"""A customer's pages over a real account: what they show is what the ledger has."""

import re

import pytest

from tests.support.waiting import wait_for
from tests.system.console.screen import PHONE, WIDE, go, overflows, violations
from tests.system.console.shop import PASSWORD, ask, fragment_of

ASK = {"model": "gpt-4", "prompt": "Say hello", "max_tokens": 20}
PATHS = [
    "/",
    "/tokens",
    "/tokens?create=1",
    "/usage",
    "/usage?by=day",
    "/logs",
    "/statement",
    "/top-up",
    "/models",
    "/playground?model=gpt-4",
]
# Each page is seen in two of these, which differ in language, colour scheme and width.
DRESSES = [
    ("zh", "light", WIDE),
    ("zh", "dark", PHONE),
    ("en", "dark", PHONE),
    ("en", "light", WIDE),
]


@pytest.fixture(scope="module")
def busy(gateway):
    """An account with a few requests, and the link by which its members come in."""
    customer = gateway.customer()
    for _ in range(3):
        assert customer.post("/v1/completions", ASK).status == 200
    return customer


def member_of(gateway, customer, context):
    """Let this browser profile be a new member of the account."""
    link = fragment_of(gateway.cli("account", "invite", customer.id)["url"])
    email = f"{link[-12:].lower().strip('-_')}@example.com"
    asked = {"link": link, "email": email, "password": PASSWORD}
    ask(context, gateway.origin, "POST", "/api/join", asked)
    return context.new_page()


@pytest.fixture
def page(gateway, busy, screen):
    """A member of the busy account, in English."""
    return member_of(gateway, busy, screen.context())


def test_the_drawer_of_a_request_shows_its_charge_and_entry(gateway, busy, page) -> None:
    go(page, gateway.origin, "/logs", "en")
    page.locator("tbody tr").first.focus()
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    drawer.locator("[data-entry=charge]").wait_for()
    logs = ask(page.context, gateway.origin, "GET", f"/api/accounts/{busy.id}/logs")
    log = logs["items"][0]
    assert f"request={log['request_id']}" in page.url
    total = drawer.get_by_label("Cost breakdown").locator("tr").last
    assert total.locator("td").last.inner_text() == f"{log['charge']:,}"
    assert violations(page) == []
    page.reload()
    page.get_by_role("dialog").locator("[data-entry=charge]").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    assert "request=" not in page.url


def test_a_live_log_shows_what_arrives(gateway, busy, page) -> None:
    go(page, gateway.origin, "/logs", "en")
    page.locator("tbody tr").first.wait_for()
    before = page.locator("tbody tr").count()
    page.get_by_label("Live").check()
    assert busy.post("/v1/completions", ASK).status == 200
    page.locator("tbody tr").nth(before).wait_for()


def test_the_statement_is_added_up_in_the_page(gateway, busy, page) -> None:
    go(page, gateway.origin, "/statement", "en")
    box = page.locator("[data-agrees]")
    box.wait_for()
    assert box.get_attribute("data-agrees") == "true"
    assert f"{busy.balance:,}" in box.inner_text()
    shown = page.locator("tbody tr")
    entries = gateway.rows("SELECT count(*) AS n FROM entries WHERE account_id = ?", busy.id)
    assert shown.count() == entries[0]["n"]

    def wrong(route):
        answer = route.fetch()
        document = answer.json()
        document["items"][1]["amount"] += 1
        route.fulfill(response=answer, json=document)

    page.route(re.compile("/statement\\?"), wrong)
    page.reload()
    page.locator("[data-agrees=false]").wait_for()


def test_printing_waits_for_every_entry_and_the_check(gateway, page) -> None:
    page.add_init_script("window.print = () => { window.printed = (window.printed ?? 0) + 1; }")
    held, entries = [], re.compile("/api/.*/statement\\?")

    def hold(route) -> None:
        held.append(route)

    page.route(entries, hold)
    go(page, gateway.origin, "/statement", "en")
    page.get_by_role("button", name="Print").click()
    page.wait_for_timeout(200)
    assert held, "the entries are asked for"
    assert page.evaluate("window.printed ?? 0") == 0
    page.unroute(entries)  # those that are held go on, too
    wait_for(lambda: page.evaluate("window.printed") == 1, what="the print")
    assert page.locator("[data-agrees=true]").count() == 1


def test_the_playground_streams_and_says_what_it_cost(gateway, busy, page) -> None:
    go(page, gateway.origin, "/playground?model=gpt-4&prompt=Say%20hello", "en")
    page.get_by_role("button", name="Send").click()
    page.locator("[data-answer=done]").wait_for()
    cost = page.locator("[data-cost]").inner_text()
    logs = ask(page.context, gateway.origin, "GET", f"/api/accounts/{busy.id}/logs")
    log = logs["items"][0]
    assert log["token_name"] == "playground"
    assert f"{log['charge']:,} 词元" in cost
    page.get_by_role("link", name="Cost breakdown").click()
    page.get_by_role("dialog").locator("[data-entry=charge]").wait_for()


def test_the_last_step_ticks_itself(gateway, screen) -> None:
    customer = gateway.customer()
    page = member_of(gateway, customer, screen.context())
    go(page, gateway.origin, "/", "en")
    page.get_by_text("Waiting for the request").wait_for()
    assert customer.post("/v1/completions", ASK).status == 200
    page.get_by_role("link", name="View its cost").wait_for()


def test_who_has_just_come_is_led_and_not_warned(gateway, screen) -> None:
    page = member_of(gateway, gateway.customer(balance=0), screen.context())
    go(page, gateway.origin, "/", "en")
    page.get_by_role("heading", name="Get started in three steps").wait_for()
    assert page.get_by_role("alert").count() == 0
    assert page.get_by_text("Out of balance").count() == 0


@pytest.mark.timeout(300)
@pytest.mark.parametrize("dress", range(len(DRESSES)))
def test_axe_finds_nothing_on_full_pages(gateway, busy, screen, dress) -> None:
    language, scheme, viewport = DRESSES[dress]
    page = member_of(gateway, busy, screen.context(scheme=scheme, viewport=viewport))
    for path in PATHS[dress % 2 :: 2]:
        go(page, gateway.origin, path, language)
        page.locator("[data-state=loading]").first.wait_for(state="detached")
        where = f"{path} {language} {scheme} {viewport['width']}"
        assert violations(page) == [], where
        assert not overflows(page), where


def test_a_new_key_is_shown_once_and_works(gateway, screen) -> None:
    customer = gateway.customer()
    page = member_of(gateway, customer, screen.context())
    go(page, gateway.origin, "/tokens", "en")
    page.get_by_role("button", name="Create token").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Name").fill("<img src=x onerror=alert(1)>")
    form.get_by_role("button", name="Add budget").click()
    form.get_by_label("Limit").fill("2.5")
    form.get_by_role("button", name="Create token").click()
    secret = page.locator("[data-secret]")
    secret.wait_for()
    key = secret.inner_text()
    assert violations(page) == []
    assert key in page.get_by_role("group", name="cURL").inner_text()
    # While it is shown, the documentation in another tab has it in the key's place.
    docs = page.context.new_page()
    docs.goto(f"{gateway.origin}/docs/en/first-request")
    docs.locator("main", has_text=key).wait_for()
    assert "sk-your-api-key" not in docs.locator("main pre").first.inner_text()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="I have saved the token").click()
    secret.wait_for(state="detached")
    customer.key = key
    assert customer.post("/v1/completions", ASK).status == 200
    page.reload()
    page.locator("main").get_by_text("Monthly").wait_for()
    assert key not in page.content()
    docs.reload()
    docs.wait_for_timeout(500)
    assert key not in docs.content()


def test_a_token_is_rotated_disabled_and_deleted_by_keyboard(gateway, screen) -> None:
    customer = gateway.customer()
    page = member_of(gateway, customer, screen.context())
    go(page, gateway.origin, "/tokens", "en")
    actions = page.get_by_role("button", name="Actions for “main”")
    actions.focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Rotate").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Keep the old key valid").select_option("Revoke now")
    dialog.get_by_role("button", name="Rotate").press("Enter")
    key = page.locator("[data-secret]").inner_text()
    page.get_by_role("button", name="I have saved the token").press("Enter")
    assert customer.post("/v1/completions", ASK).status == 401
    customer.key = key
    assert customer.post("/v1/completions", ASK).status == 200
    actions.press("Enter")
    page.get_by_role("menuitem", name="Disable").press("Enter")
    page.get_by_text("Disabled", exact=True).wait_for()
    assert customer.post("/v1/completions", ASK).status == 401
    actions.press("Enter")
    page.get_by_role("menuitem", name="Delete").press("Enter")
    remove = page.get_by_role("dialog").get_by_role("button", name="Delete")
    assert remove.is_disabled()
    page.get_by_label("Type “main” to confirm").fill("main")
    remove.press("Enter")
    page.get_by_text("“main” deleted").wait_for()


def test_a_code_may_be_pasted_as_it_came(gateway, screen) -> None:
    customer = gateway.customer()
    before = customer.balance
    made = gateway.cli("codes", "create", "--value", "2500000", "--count", "1")
    code = made["codes"][0].lower().replace("-", " - ")
    page = member_of(gateway, customer, screen.context())
    go(page, gateway.origin, "/top-up", "en")
    page.get_by_label("Code").fill(f"  {code} ")
    page.get_by_role("button", name="Redeem").click()
    page.get_by_text("Added:").wait_for()
    assert customer.balance == before + 2_500_000
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Redeem").click()
    page.get_by_role("alert").wait_for()
    assert customer.balance == before + 2_500_000


def test_who_cannot_pay_is_led_to_the_top_up(gateway, screen) -> None:
    page = member_of(gateway, gateway.customer(balance=1), screen.context())
    go(page, gateway.origin, "/playground?model=gpt-4", "en")
    page.get_by_role("button", name="Send").click()
    refused = page.get_by_role("alert")
    refused.get_by_text("402 insufficient_balance").wait_for()
    refused.get_by_role("link", name="Top up").click()
    page.wait_for_url(re.compile("/console/top-up$"))


def test_a_group_of_the_usage_leads_to_its_requests(gateway, busy, page) -> None:
    go(page, gateway.origin, "/usage?by=endpoint", "en")
    page.locator("tbody a").first.click()
    page.wait_for_url(re.compile("/console/logs\\?.*endpoint="))
    page.locator("tbody tr").first.wait_for()
    page.get_by_role("button", name="Clear filters").click()
    page.wait_for_url(re.compile("/console/logs$"))


@pytest.mark.timeout(300)
def test_axe_finds_nothing_on_empty_pages(gateway, screen) -> None:
    customer = gateway.customer(balance=0)
    gateway.cli("token", "revoke", customer.token_id)
    page = member_of(gateway, customer, screen.context(scheme="dark", viewport=PHONE))
    for path in PATHS:
        go(page, gateway.origin, path, "zh")
        page.locator("[data-state=loading]").first.wait_for(state="detached")
        assert violations(page) == [], path
        assert not overflows(page), path


@pytest.mark.timeout(300)
def test_axe_finds_nothing_on_pages_that_get_no_answer(gateway, busy, page) -> None:
    page.route("**/api/accounts/**", lambda route: route.abort())
    for path in ["/", "/tokens", "/usage", "/logs?request=ex_1", "/statement", "/models"]:
        go(page, gateway.origin, path, "en")
        page.locator("[data-state=error]").first.wait_for()
        assert page.get_by_role("button", name="Try again").count() > 0, path
        assert violations(page) == [], path
