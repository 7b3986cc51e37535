"""What is wrong with the service stands on a customer's overview, until they have read it."""

from tests.system.console.full_shop import open_full_shop
from tests.system.console.screen import PHONE, Screen, go, overflows, settle, violations
from tests.system.console.shop import ask

PATH = "/api/operator/incidents"
WRITTEN = {
    "title": "Slow answers of gpt-4",
    "title_zh": "gpt-4 响应缓慢",
    "text": "We are looking for the cause.",
    "text_zh": "正在查找原因。",
    "models": ["gpt-4"],
}


def test_an_incident_that_lasts(browser, cli, tmp_path) -> None:
    with (
        open_full_shop(tmp_path, cli, browser, days=0) as shop,
        Screen(browser, shop.gateway.origin) as screen,
    ):
        origin = shop.gateway.origin
        context = screen.context(storage_state=shop.state, viewport=PHONE)
        page = context.new_page()
        told = page.locator("[data-incident]")
        written = ask(context, origin, "POST", PATH, WRITTEN)
        go(page, origin, "/", "en")
        told.filter(has_text="We are looking for the cause.").wait_for()
        assert "Investigating · gpt-4" in told.inner_text()
        assert told.get_by_role("link", name="Status page").get_attribute("href") == "/status"
        assert not overflows(page)
        assert violations(page) == []
        go(page, origin, "/", "zh")
        told.filter(has_text="gpt-4 响应缓慢").filter(has_text="正在查找原因。").wait_for()
        told.get_by_role("button", name="关闭").click()
        told.wait_for(state="detached")
        page.reload()
        settle(page)
        page.get_by_text("可用余额").first.wait_for()
        assert told.count() == 0
        news = {"state": "monitoring", "text": "It is better now.", "text_zh": "已好转。"}
        ask(context, origin, "PATCH", f"{PATH}/{written['id']}", news)
        page.reload()
        told.filter(has_text="已好转。").wait_for()
        ask(context, origin, "PATCH", f"{PATH}/{written['id']}", {"state": "resolved"})
        page.reload()
        settle(page)
        page.get_by_text("可用余额").first.wait_for()
        assert told.count() == 0
