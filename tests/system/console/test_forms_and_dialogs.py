"""Refused forms, secrets that are shown once, narrow tables, and a server that is away."""

import pytest

from tests.system.console.full_shop import a_full_shop, opened, screen_of_shop
from tests.system.console.screen import PHONE, go, settle, violations
from tests.system.console.shop import ask

IS_WHOLE = "element => element.scrollWidth <= element.clientWidth"


shop = a_full_shop(days=1)
screen = screen_of_shop


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_request_fits_on_a_phone(screen, shop, language) -> None:
    path = f"/logs?request={shop.request_id}"
    page = opened(screen, shop, path, language, viewport=PHONE)
    page.locator("[data-entries]").wait_for()
    for table in page.locator("[role=dialog] table").all():
        assert table.evaluate("table => table.scrollWidth <= table.parentElement.clientWidth")
        ends = [cell.bounding_box() for cell in table.locator("tr > .y-right:last-child").all()]
        assert len({round(box["x"] + box["width"]) for box in ends if box}) == 1, "one right edge"


def test_a_setting_has_room_on_a_phone(screen, shop) -> None:
    page = opened(screen, shop, "/operator/settings", viewport=PHONE)
    field = page.locator("[data-setting=contact] input")
    assert field.bounding_box()["width"] > PHONE["width"] / 2
    assert field.evaluate(IS_WHOLE), "the address is not cut"


def test_a_yes_or_no_is_a_choice_that_the_server_takes(screen, shop) -> None:
    page = opened(screen, shop, "/operator/settings")
    page.get_by_label("Suspend account on dispute", exact=True).select_option("No")
    saved(page)
    assert settings_of(shop)["dispute_suspends"] is False


def saved(page) -> None:
    page.locator("[data-save-bar]").get_by_role("button", name="Save").click()
    page.get_by_text("Saved", exact=True).first.wait_for()
    page.locator("[data-save-bar]").wait_for(state="detached")


def settings_of(shop) -> dict:
    found = shop.gateway.cli("settings", "list")["settings"]
    return {each["name"]: each["value"] for each in found}


def test_settings_are_saved_together_or_discarded(screen, shop) -> None:
    page = opened(screen, shop, "/operator/settings")
    bar = page.locator("[data-save-bar]")
    assert bar.count() == 0
    contact = page.get_by_label("Contact", exact=True)
    contact.fill("shop@example.com")
    page.get_by_label("Sign-up credit (¥)").fill("2.5")
    bar.get_by_text("2 unsaved changes").wait_for()
    bar.get_by_role("button", name="Discard").click()
    bar.wait_for(state="detached")
    contact.fill("shop@example.com")
    page.get_by_label("Sign-up credit (¥)").fill("much")
    bar.get_by_role("button", name="Save").click()
    page.get_by_text("Enter an amount").or_(
        page.locator(".mantine-InputWrapper-error")
    ).first.wait_for()
    assert settings_of(shop)["contact"] != "shop@example.com", "nothing of a wrong form is sent"
    page.get_by_label("Sign-up credit (¥)").fill("2.5")
    saved(page)
    now = settings_of(shop)
    assert (now["contact"], now["sign_up_grant"]) == ("shop@example.com", 2_500_000)
    page.get_by_role("button", name="Reset to default: Sign-up credit").click()
    saved(page)
    assert settings_of(shop)["sign_up_grant"] == 0
    # What the server refuses stands at its field, and stays to be saved.
    page.get_by_label("Sign-up", exact=True).select_option("Open")
    bar.get_by_role("button", name="Save").click()
    page.locator("[data-setting=sign_up]").get_by_text("mail can be sent").wait_for()
    bar.get_by_text("1 unsaved change").wait_for()


PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32">'
    b'<circle cx="16" cy="16" r="16" fill="#7048e8"/></svg>'
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_shop_has_its_own_colour_logo_and_icon(screen, shop, scheme) -> None:
    page = opened(screen, shop, "/operator/settings", scheme=scheme)
    page.get_by_label("Colour", exact=True).fill("#ffd43b")
    for name in ("Logo", "Favicon"):
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name=f"Choose picture: {name}").click()
        chooser.value.set_files({"name": "x.svg", "mimeType": "image/svg+xml", "buffer": PICTURE})
        page.locator(f"img[alt={name}]").wait_for()
    saved(page)
    page.locator("header img").first.wait_for()
    assert page.locator("link[rel=icon]").get_attribute("href").startswith("data:image/svg+xml")
    style = "getComputedStyle(document.documentElement).getPropertyValue"
    assert page.evaluate(f"{style}('--mantine-color-teal-7')").strip() != "#0b7285"
    go(page, shop.gateway.origin, "/operator", "en")
    settle(page)
    assert violations(page) == [], "the kit's shades of a pale colour can be read"
    for name in ("brand_color", "brand_logo", "brand_icon"):
        path = f"/api/operator/settings/{name}"
        ask(page.context, shop.gateway.origin, "PUT", path, {"value": None})


def test_typed_text_is_not_lost_without_asking(screen, shop) -> None:
    page = opened(screen, shop, "/operator/accounts")
    page.get_by_role("button", name="Create account").click()
    form = page.get_by_role("dialog", name="Create account")
    form.wait_for()
    page.keyboard.press("Escape")
    form.wait_for(state="detached")
    page.get_by_role("button", name="Create account").click()
    form.get_by_label("Name").fill("half an account")
    page.keyboard.press("Escape")
    question = page.get_by_role("dialog", name="Discard what you typed?")
    assert violations(page) == []
    question.get_by_role("button", name="Keep editing").click()
    question.wait_for(state="detached")
    assert form.get_by_label("Name").input_value() == "half an account"
    page.keyboard.press("Escape")
    question.get_by_role("button", name="Discard").click()
    form.wait_for(state="detached")


def test_a_channel_adds_what_is_not_sold_yet_and_loses_nothing_typed(screen, shop) -> None:
    page = opened(screen, shop, "/operator/channels", viewport={"width": 1280, "height": 600})
    page.get_by_role("button", name="Add channel").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("new one")
    dialog.get_by_label("API key").first.fill("sk-of-an-upstream")
    dialog.get_by_role("textbox", name="Models", exact=True).fill("not-sold = anything\ngpt-4")
    dialog.locator("[data-new-models]").get_by_text("1 new model needs a price").wait_for()
    button = dialog.get_by_role("button", name="Add 1 model and save")
    assert button.is_disabled(), "without a price nothing is sold"
    dialog.get_by_label("Paste from a spreadsheet").fill("not-sold\t3\t6")
    assert dialog.get_by_label("not-sold: Output").input_value() == "6"
    assert dialog.get_by_label("Name").input_value() == "new one"
    button.click()
    page.get_by_text("Channel “new one” saved").wait_for()
    models = ask(page.context, shop.gateway.origin, "GET", "/api/operator/models")["items"]
    (added,) = [model for model in models if model["name"] == "not-sold"]
    assert (added["price"]["input"], added["price"]["output"]) == ("3", "6")
    assert [channel["name"] for channel in added["channels"]] == ["new one"]


def test_thirty_models_are_on_offer_in_a_few_inputs(screen, shop) -> None:
    names = [f"model-{number}" for number in range(30)]
    sheet = "\n".join(f"{name}\t{number + 1}\t{number + 2}" for number, name in enumerate(names))
    page = opened(screen, shop, "/operator/channels")
    inputs = 0
    page.get_by_role("button", name="Add channel").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("thirty")
    dialog.get_by_label("API key").first.fill("sk-of-an-upstream")
    dialog.get_by_role("textbox", name="Models", exact=True).fill("\n".join(names))
    dialog.get_by_label("Paste from a spreadsheet").fill(sheet)
    dialog.get_by_role("button", name="Add 30 models and save").click()
    inputs += 6
    page.get_by_text("Channel “thirty” saved").wait_for()
    models = ask(page.context, shop.gateway.origin, "GET", "/api/operator/models")["items"]
    assert set(names) <= {model["name"] for model in models}
    assert inputs <= 20


def test_codes_are_not_lost_to_a_stray_key(screen, shop) -> None:
    page = opened(screen, shop, "/operator/codes")
    page.get_by_role("button", name="Create codes").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("autumn")
    dialog.get_by_label("Value").fill("5")
    dialog.get_by_role("button", name="Create codes").click()
    dialog.locator("[data-secret]").wait_for()
    page.keyboard.press("Escape")
    page.mouse.click(5, 300)
    page.wait_for_timeout(300)
    assert dialog.locator("[data-secret]").is_visible()
    dialog.get_by_role("button", name="Close").click()
    dialog.wait_for(state="detached")


def test_who_comes_to_sign_in_can_type_at_once(screen, shop) -> None:
    page = screen.context().new_page()
    go(page, shop.gateway.origin, "/", "en")
    page.locator("input[type=email]").wait_for()
    page.wait_for_timeout(300)
    assert page.evaluate("document.activeElement.type") == "email"


def test_a_server_that_is_away_leaves_the_console_standing(screen, shop) -> None:
    page = opened(screen, shop, "/")
    page.context.set_offline(True)
    page.get_by_role("link", name="Playground").click()
    told = page.locator("[data-state=error]")
    told.wait_for()
    assert "Cannot reach the server" in told.inner_text()
    again = told.get_by_role("button", name="Try again")
    again.click()
    page.wait_for_timeout(500)
    assert page.get_by_role("link", name="Playground").is_visible(), "not the browser's own page"
    page.context.set_offline(False)
    again.click()
    page.get_by_role("heading", name="Playground").wait_for()


def test_a_wrong_address_keeps_the_bar(screen, shop) -> None:
    page = opened(screen, shop, "/no-such-page")
    assert page.get_by_role("banner").get_by_role("link").first.is_visible()
    page.get_by_role("link", name="Go to overview").click()
    page.get_by_role("heading", name="Overview").wait_for()


def test_an_incident_is_written_told_more_of_and_deleted(screen, shop) -> None:
    page = opened(screen, shop, "/operator/incidents")
    page.get_by_role("button", name="Write an incident").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title", exact=True).fill("Slow answers")
    dialog.get_by_label("Models concerned").fill("no-such-model")
    dialog.get_by_role("button", name="Write an incident").click()
    dialog.get_by_text("no-such-model").first.wait_for()
    dialog.get_by_label("Models concerned").fill("gpt-4")
    dialog.get_by_label("Title in Chinese").fill("应答缓慢")
    assert violations(page, is_covered=True) == []
    dialog.get_by_role("button", name="Write an incident").click()
    page.get_by_role("button", name="Update: Slow answers").click()
    dialog.get_by_label("State").select_option("Resolved")
    dialog.get_by_label("Text", exact=True).fill("It is over.")
    dialog.get_by_role("button", name="Update").click()
    page.get_by_role("cell", name="It is over.").wait_for()
    (made,) = shop.gateway.cli("incident", "list")["incidents"]
    assert (made["state"], made["title_zh"], made["models"]) == ("resolved", "应答缓慢", ["gpt-4"])
    page.get_by_role("button", name="More: Slow answers").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_text("No incidents").wait_for()
    assert shop.gateway.cli("incident", "list")["incidents"] == []
