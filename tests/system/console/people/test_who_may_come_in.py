"""What the operator decides of coming in, by the page: invitation codes and sign-in services."""

import re

import pytest

from tests.support.identity.openid import OpenIdProvider
from tests.system.console.screen import PHONE, overflows, violations
from tests.system.console.shop import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_an_invitation_code_lets_one_in(house, screen) -> None:
    house.set(sign_up="invite", sign_up_grant=1_000_000)
    page = house.show(house.owner(screen.context()), "/operator/sign-up-codes")
    page.get_by_text("No invitation codes yet").wait_for()
    page.get_by_role("button", name="Create code").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Spring fair")
    dialog.get_by_label("Sign-up credit (¥)").fill("7.5")
    assert violations(page) == []
    dialog.get_by_role("button", name="Create code").click()
    code = dialog.locator("[data-secret]").inner_text()
    dialog.get_by_role("button", name="Close").click()
    page.get_by_role("cell", name="0 / 1").wait_for()
    stranger = screen.open("/sign-up")
    stranger.get_by_label("E-mail").fill("invited@mail.example")
    stranger.get_by_label("Invitation code").fill(code)
    stranger.get_by_role("button", name="Send a code").click()
    stranger.get_by_label("Code", exact=True).fill(
        house.mail.wait_for("invited@mail.example", 1).code
    )
    stranger.get_by_label("Choose a password").fill(PASSWORD)
    stranger.get_by_role("button", name="Sign up").click()
    stranger.wait_for_url(re.compile("/console/?$"))
    stranger.get_by_text("7.5").first.wait_for()
    house.show(page, "/operator/sign-up-codes")
    page.get_by_text("Used up").wait_for()
    page.get_by_role("button", name="Revoke: Spring fair").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
    page.get_by_text("Revoked", exact=True).wait_for()


def test_a_service_is_added_tested_and_taken_away(house, screen) -> None:
    page = house.show(house.owner(screen.context()), "/operator/sign-in-services")
    page.get_by_role("button", name="Add service").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Kind").select_option("GitHub")
    dialog.get_by_label("Name", exact=True).fill("hub")
    dialog.get_by_label("Client ID").fill("Iv1")
    dialog.get_by_label("Button").fill("Our GitHub")
    dialog.get_by_label("Exclusive e-mail domains").fill("no domain")
    dialog.get_by_label("Client secret").fill("s3cret-of-the-hub")
    dialog.get_by_role("button", name="Save").click()
    dialog.get_by_role("alert").or_(dialog.get_by_text("which is no domain")).first.wait_for()
    assert violations(page) == []
    dialog.get_by_label("Exclusive e-mail domains").fill("")
    dialog.get_by_role("button", name="Save").click()
    page.get_by_text("/api/sign-in/hub/callback").wait_for()
    assert violations(page) == []
    for table in ("login_providers", "audit_log"):
        assert "s3cret-of-the-hub" not in str(house.gateway.rows(f"SELECT * FROM {table}"))
    visitor = screen.open("/sign-in")
    visitor.get_by_role("link", name="Sign in with Our GitHub").wait_for()
    page.get_by_role("button", name="Disable: Our GitHub").click()
    page.get_by_role("button", name="Enable: Our GitHub").wait_for()
    visitor.reload()
    visitor.get_by_role("button", name="Sign in").wait_for()
    assert visitor.get_by_role("link", name="Sign in with Our GitHub").count() == 0


def test_a_test_tells_right_settings_from_wrong_ones(house, screen) -> None:
    with OpenIdProvider() as partner:
        house.add_service("tried", partner, title="Tried")
        page = house.show(house.owner(screen.context()), "/operator/sign-in-services")
        page.get_by_role("button", name="Test: Tried").click()
        page.get_by_text("Tried accepted these settings").wait_for()
        house.add_service("tried", partner, secret="not the secret")
        page.get_by_role("button", name="Test: Tried").click()
        page.get_by_text("Tried did not accept these settings").wait_for()
        page.get_by_role("button", name="Edit: Tried").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Button").fill("Renamed")
        dialog.get_by_label("Client secret").fill(partner.settings["client_secret"])
        dialog.get_by_role("button", name="Save").click()
        page.get_by_role("button", name="Test: Renamed").click()
        page.get_by_text("Renamed accepted these settings").wait_for()
        house.gateway.cli("identity", "disable", "tried")


def test_services_fit_on_a_phone_in_the_dark(house, screen) -> None:
    house.add_service("corp", house.corp, title="Corp")
    context = screen.context(scheme="dark", viewport=PHONE)
    page = house.show(house.owner(context), "/operator/sign-in-services", "zh")
    page.get_by_role("button", name="修改: Corp").click()
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []
    assert not overflows(page)
