"""A channel's form beyond the first fields: vendors of the API, the advanced ones, single keys."""

import json

import pytest

from tests.support.waiting import wait_for
from tests.system.console.full_shop import a_full_shop, opened, screen_of_shop
from tests.system.console.screen import violations
from tests.system.console.shop import ask

CHANNELS = "/api/operator/channels"


shop = a_full_shop(days=1)
screen = screen_of_shop


def channel_of(page, shop, name: str) -> dict:
    """A channel as the API shows it."""
    items = ask(page.context, shop.gateway.origin, "GET", CHANNELS)["items"]
    [found] = [each for each in items if each["name"] == name]
    return found


def new_form(page, name: str):
    page.get_by_role("button", name="Add channel").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Name").fill(name)
    form.get_by_label("API key").first.fill("sk-of-an-upstream-1111")
    form.get_by_role("textbox", name="Models", exact=True).fill("gpt-4")
    return form


def save(page, form, name: str) -> None:
    form.get_by_role("button", name="Save and test").click()
    tested = page.get_by_role("dialog", name=f"Test “{name}”")
    tested.get_by_role("button", name="Test all models").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")


def edited(page, name: str):
    """The form of a channel that is there."""
    page.get_by_role("row").filter(has_text=name).get_by_text(name, exact=True).click()
    form = page.get_by_role("dialog")
    form.get_by_label("Base URL").wait_for()
    return form


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_vendor_of_the_api_is_on_offer_with_its_address(screen, shop, language) -> None:
    page = opened(screen, shop, "/operator/channels", language)
    add = {"zh": "添加渠道", "en": "Add channel"}[language]
    page.get_by_role("button", name=add).first.click()
    form = page.get_by_role("dialog")
    field, address = {"zh": ("供应商", "接口地址"), "en": ("Provider", "Base URL")}[language]
    vendors = ask(page.context, shop.gateway.origin, "GET", "/api/operator/vendors")["items"]
    titles = [vendor[f"title_{language}"] for vendor in vendors]
    options = form.get_by_label(field).locator("option")
    wait_for(lambda: options.count() == len(titles), what="the vendors")
    assert options.all_text_contents() == titles
    assert {"deepseek", "qwen", "azure", "vertex"} <= {vendor["name"] for vendor in vendors}
    for vendor in vendors:
        form.get_by_label(field).select_option(vendor["name"])
        shown = form.get_by_label(address)
        assert shown.input_value() == (vendor["base_url"] or "")
        assert shown.get_attribute("placeholder") == vendor["base_url_example"]


def test_a_vendor_is_saved_with_what_was_chosen(screen, shop) -> None:
    page = opened(screen, shop, "/operator/channels")
    form = new_form(page, "of deepseek")
    form.get_by_label("Provider").select_option("deepseek")
    save(page, form, "of deepseek")
    made = channel_of(page, shop, "of deepseek")
    assert (made["provider"], made["base_url"]) == ("deepseek", "https://api.deepseek.com")


def test_advanced_fields_are_saved_and_shown_again(screen, shop) -> None:
    page = opened(screen, shop, "/operator/channels")
    form = new_form(page, "in depth")
    form.get_by_role("button", name="Advanced").click()
    form.get_by_label("Costs").fill("gpt-4 = 25")
    form.get_by_role("button", name="Save and test").click()
    form.get_by_text("Each line must be: model = input / output").wait_for()
    form.get_by_label("Costs").fill("gpt-4 = 25 / 50")
    form.get_by_label("Timeout (seconds)").fill("120")
    form.get_by_label("When the client disconnects").select_option("drain")
    form.get_by_label("Keys expire on").fill("2099-01-31")
    form.get_by_label("Proxy").fill("http://proxy.example:3128")
    form.get_by_label("Extra headers").fill("x-title: shop\nx-team: a:b")
    form.get_by_label("Native completions").fill("gpt-4")
    form.get_by_label("Ask the upstream for usage in streams").uncheck()
    assert violations(page) == []
    save(page, form, "in depth")
    made = channel_of(page, shop, "in depth")
    assert (made["timeout_seconds"], made["on_disconnect"]) == (120, "drain")
    assert (made["has_proxy"], made["stream_usage"]) == (True, False)
    assert made["header_names"] == ["x-title", "x-team"]
    [link] = made["models"]
    assert (link["cost"], link["native_completions"]) == ({"input": "25", "output": "50"}, True)
    assert [key["expires_at"] for key in made["keys"]] == ["2099-01-31T00:00:00.000Z"]
    form = edited(page, "in depth")
    form.get_by_role("button", name="Advanced").click()
    assert form.get_by_label("Costs").input_value() == "gpt-4 = 25 / 50"
    assert form.get_by_label("Timeout (seconds)").input_value() == "120"
    assert form.get_by_label("When the client disconnects").input_value() == "drain"
    assert form.get_by_label("Proxy").input_value() == "", "a proxy may hold a password"
    form.get_by_text("A proxy is set. Leave empty to keep it.").wait_for()
    form.get_by_text("Set: x-title, x-team. Leave empty to keep them.").wait_for()
    assert not form.get_by_label("Ask the upstream for usage in streams").is_checked()
    form.get_by_label("Timeout (seconds)").fill("60")
    save(page, form, "in depth")
    kept = channel_of(page, shop, "in depth")
    assert kept["timeout_seconds"] == 60
    for name in ("has_proxy", "header_names", "models", "keys", "stream_usage", "on_disconnect"):
        assert kept[name] == made[name], name


def test_keys_come_and_go_one_at_a_time(screen, shop) -> None:
    page = opened(screen, shop, "/operator/channels")
    save(page, new_form(page, "of two keys"), "of two keys")
    form = edited(page, "of two keys")
    form.get_by_label("One more key").fill("sk-another-of-them-2222")
    form.get_by_label("One more key").press("Enter")
    row = form.locator("[data-key='****2222']")
    row.wait_for()
    row.get_by_role("button", name="Drain ****2222").click()
    row.get_by_text("Draining").wait_for()
    row.get_by_label("****2222 expires on (UTC)").fill("2099-01-31")

    def key() -> dict:
        return channel_of(page, shop, "of two keys")["keys"][1]

    wait_for(lambda: key()["expires_at"], what="the key's last day")
    assert key()["is_draining"]
    assert violations(page) == []
    row.get_by_role("button", name="Use again: ****2222").click()
    row.get_by_text("Active").wait_for()
    row.get_by_role("button", name="Remove key ****2222").click()
    question = page.get_by_role("dialog").filter(has_text="New requests do not use this key")
    question.get_by_role("button", name="Remove", exact=True).click()
    row.wait_for(state="detached")
    assert form.get_by_label("Base URL").is_visible(), "the channel's own form was not sent"
    left = channel_of(page, shop, "of two keys")["keys"]
    assert [each["hint"] for each in left] == ["****1111"]
    form.get_by_role("button", name="Remove key ****1111").click()
    question = page.get_by_role("dialog").filter(has_text="New requests do not use this key")
    question.get_by_role("button", name="Remove", exact=True).click()
    question.get_by_text("last key").wait_for()


def test_the_json_of_a_service_account_is_one_key(screen, shop) -> None:
    page = opened(screen, shop, "/operator/channels")
    form = new_form(page, "of vertex")
    form.get_by_label("Provider").select_option("vertex")
    form.get_by_label("Base URL").fill(
        "https://aiplatform.googleapis.com/v1/projects/p/locations/global"
    )
    account = {"type": "service_account", "client_email": "a@p.example", "private_key": "a\nb c"}
    form.get_by_label("API key").first.fill(json.dumps(account, indent=2))
    save(page, form, "of vertex")
    assert len(channel_of(page, shop, "of vertex")["keys"]) == 1
    form = edited(page, "of vertex")
    form.get_by_label("One more key").fill(json.dumps(account | {"client_email": "b@p.example"}))
    form.get_by_role("button", name="Add key").click()
    wait_for(lambda: len(channel_of(page, shop, "of vertex")["keys"]) == 2, what="the second key")
