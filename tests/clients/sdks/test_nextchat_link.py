"""The console's "Open in NextChat": the link that a customer gets is one that NextChat reads.

NextChat takes `key` and `url` of the object behind `#/?settings=` and calls `url` + `/v1/…`
from the page; a page on another origin stands in for it here, and does just that.
"""

import re

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.clients.sdks.foreign_page import foreign_origin, launched
from tests.support import wire
from tests.support.drivers import CHAT
from tests.support.upstreams.behaviour import WORD
from tests.system.console.screen import TIMEOUT_MS, go
from tests.system.console.shop import PASSWORD, ask

AS_NEXTCHAT_DOES = """async (body) => {
  const query = new URLSearchParams(location.hash.split("?")[1]);
  const { key, url, ...rest } = JSON.parse(query.get("settings"));
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${key}` };
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: "POST", headers, body: JSON.stringify(body),
  });
  return { key, url, rest, status: answer.status, text: await answer.text() };
}"""


@pytest.fixture
def pages():
    """`pages()` is a page in a fresh profile of one browser."""
    with sync_playwright() as playwright, launched(playwright) as chromium:

        def page() -> Page:
            context = chromium.new_context()
            context.set_default_timeout(TIMEOUT_MS)
            return context.new_page()

        yield page


def join(page: Page, origin: str, link: str, email: str, button: str) -> None:
    """Come by a one-time link."""
    go(page, origin, link.partition("/console")[2], "en")
    page.get_by_label("E-mail").fill(email)
    page.locator("input[autocomplete=new-password]").first.fill(PASSWORD)
    page.get_by_role("button", name=button).click()
    page.get_by_role("navigation").first.wait_for()


@pytest.mark.checks("nextchat", "NEXTCHAT 4")
def test_the_console_s_link_leads_to_a_chat(pages, gateway, customer, upstream):
    with foreign_origin() as nextchat:
        operator = pages()
        link = gateway.cli("operator", "link")["url"]
        join(operator, gateway.origin, link, "nora@example.com", "Create and open the console")
        setting = "/api/operator/settings/nextchat_url"
        ask(operator.context, gateway.origin, "PUT", setting, {"value": nextchat})
        page = pages()
        invited = gateway.cli("account", "invite", customer.name)["url"]
        button = "Set password and sign in"
        join(page, gateway.origin, invited, "nick@example.com", button)
        go(page, gateway.origin, "/tokens", "en")
        page.get_by_role("button", name="Create token").first.click()
        page.get_by_role("dialog").get_by_label("Name").fill("nextchat")
        page.get_by_role("dialog").get_by_role("button", name="Create token").click()
        made = page.get_by_role("dialog").filter(has=page.locator("[data-secret]"))
        shown = made.locator("[data-secret]").inner_text()
        made.get_by_role("combobox", name="App", exact=True).select_option("NextChat")
        with page.context.expect_page() as opened:
            made.get_by_role("link", name="Open in NextChat").click()
        opened.value.wait_for_url(re.compile(re.escape(nextchat)))
        script = upstream.script({"output_tokens": 3})
        body = CHAT.streamed(CHAT.body("gpt-4", script.mark, None))
        found = opened.value.evaluate(AS_NEXTCHAT_DOES, body)
    assert (found["key"], found["url"], found["rest"]) == (shown, gateway.origin, {})
    assert found["status"] == 200
    assert found["text"].count(WORD) == 3
    assert customer.spent > 0
    assert wire.call(gateway.origin, "GET", "/v1/key", key=shown).json()["name"] == "nextchat"
