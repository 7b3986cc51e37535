"""What a customer looks at in a month: usage by metric, models compared, a token, the invoice."""

import pytest

from tests.support.waiting import wait_for
from tests.system.console.full_shop import a_full_shop, opened, screen_of_shop
from tests.system.console.screen import PHONE, overflows, violations
from tests.system.console.shop import ask

shop = a_full_shop(days=2)
screen = screen_of_shop


def test_the_chart_of_usage_has_other_metrics(screen, shop) -> None:
    page = opened(screen, shop, "/usage")
    page.get_by_role("heading", name="Daily spend by model").wait_for()
    figure = page.locator("figure")
    assert "¥" in figure.inner_text()
    page.get_by_role("radiogroup", name="Metric").get_by_text("Tokens").click()
    page.get_by_role("heading", name="Daily tokens by model").wait_for()
    assert "¥" not in figure.inner_text()
    assert "metric=tokens" in page.url
    assert violations(page) == []


def test_a_chart_tells_its_days_to_pointer_and_keys(screen, shop) -> None:
    page = opened(screen, shop, "/")
    figure = page.locator("figure").first
    plot, told = figure.get_by_role("group"), figure.get_by_role("status")
    assert "¥0.00" in figure.inner_text(), "the axis begins at nothing"
    assert told.inner_text() == ""
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 20)
    told.filter(has_text="¥").wait_for(state="attached")
    last = told.inner_text()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] - 40)
    wait_for(lambda: told.inner_text() == "")
    plot.focus()
    page.keyboard.press("ArrowLeft")
    wait_for(lambda: told.inner_text() != "")
    page.keyboard.press("ArrowLeft")
    wait_for(lambda: told.inner_text() not in ("", last))


def test_models_are_compared(screen, shop) -> None:
    page = opened(screen, shop, "/models")
    page.get_by_label("Compare gpt-4").first.check()
    page.get_by_label("Compare claude-2").check()
    table = page.locator("[data-comparison]")
    assert table.get_by_role("columnheader").count() >= 2
    row = table.get_by_role("row").filter(has_text="Output").first
    assert "¥60" in row.inner_text()
    assert "¥24" in row.inner_text()
    assert violations(page) == []
    page.reload()
    table.wait_for()
    page.get_by_role("button", name="Clear", exact=True).click()
    table.wait_for(state="detached")


def test_a_token_for_a_kind_of_models(screen, shop) -> None:
    page = opened(screen, shop, "/tokens")
    page.get_by_role("button", name="Create").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("all of a kind")
    find = dialog.get_by_label("Search models, or type a pattern")
    find.fill("claude")
    dialog.get_by_label("gpt-4", exact=True).wait_for(state="detached")
    find.fill("gpt-*")
    dialog.get_by_role("button", name="Add gpt-*").click()
    assert dialog.get_by_role("checkbox", name="gpt-*").is_checked()
    dialog.get_by_role("button", name="Create").click()
    page.locator("[data-secret]").wait_for()
    tokens = ask(page.context, shop.gateway.origin, "GET", f"/api/accounts/{shop.account}/tokens")
    made = next(each for each in tokens["items"] if each["name"] == "all of a kind")
    assert made["models"] == ["gpt-*"]


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 800}], ids=["phone", "wide"])
def test_the_invoice_of_a_month(screen, shop, viewport) -> None:
    page = opened(screen, shop, "/invoice", viewport=viewport)
    sheet = page.locator("[data-invoice]")
    found = ask(page.context, shop.gateway.origin, "GET", f"/api/accounts/{shop.account}/invoice")
    facts = [int(each.get_attribute("data-fact")) for each in sheet.locator("[data-fact]").all()]
    assert facts[0] + sum(facts[1:-1]) == facts[-1] == found["closing"]
    assert sheet.get_by_role("row").count() == len(found["lines"]) + 1
    assert not overflows(page)
    assert violations(page) == []
