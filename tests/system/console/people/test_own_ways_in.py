"""One's own ways in, by the page: another address, recovery codes, services; and going for good."""

import json
import re

import pytest

from tests.system.console.screen import violations
from tests.system.console.shop import PASSWORD, ask, sign_in, totp

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_an_address_is_changed_by_the_code_of_a_mail(house, screen) -> None:
    page = house.member(screen.context())
    house.show(page, "/account")
    page.get_by_role("button", name="Change e-mail").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New e-mail").fill("moved@mail.example")
    dialog.get_by_label("Current password").fill("wrong password")
    dialog.get_by_role("button", name="Send a code").click()
    dialog.get_by_role("alert").wait_for()
    assert house.mail.to("moved@mail.example") == []
    dialog.get_by_label("Current password").fill(PASSWORD)
    dialog.get_by_role("button", name="Send a code").click()
    dialog.get_by_label("Code").wait_for()
    assert violations(page) == []
    dialog.get_by_label("Code").fill(house.mail.wait_for("moved@mail.example", 1).code)
    dialog.get_by_role("button", name="Use this address").click()
    page.get_by_text("E-mail address changed").wait_for()
    page.get_by_text("moved@mail.example").first.wait_for()
    told = house.mail.wait_for(page.email, 1)
    assert "/console/undo-email#" in told.link


def test_recovery_codes_are_made_anew(house, screen) -> None:
    page = house.member(screen.context())
    origin = house.gateway.origin
    made = ask(page.context, origin, "POST", "/api/me/totp", {"password": PASSWORD})
    code = {"code": totp(made["secret"], at=None)}
    first = ask(page.context, origin, "POST", "/api/me/totp/confirm", code)["recovery_codes"]
    house.show(page, "/account")
    page.get_by_role("button", name="New recovery codes").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Current password").fill(PASSWORD)
    dialog.get_by_label("Authentication code").fill(first[0])
    assert violations(page) == []
    dialog.get_by_role("button", name="New recovery codes").click()
    second = dialog.locator("[data-secret]").inner_text().split()
    assert len(second) == 10
    assert not set(second) & set(first)
    dialog.get_by_role("button", name="Done").click()
    elsewhere = screen.open("/sign-in")
    sign_in(elsewhere, page.email)
    elsewhere.get_by_label("Authentication code").fill(first[1])
    elsewhere.get_by_role("button", name="Sign in").click()
    elsewhere.get_by_role("alert").wait_for()
    elsewhere.get_by_label("Authentication code").fill(second[1])
    elsewhere.get_by_role("button", name="Sign in").click()
    elsewhere.wait_for_url(re.compile("/console/?$"))


def test_a_service_is_connected_used_and_disconnected(house, screen) -> None:
    house.add_service("corp", house.corp, title="Corp")
    house.corp.claims = {"sub": "linked-1", "email": "other@corp.example"}
    page = house.member(screen.context())
    house.show(page, "/account")
    page.get_by_text("No services connected yet").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Connect Corp").click()
    page.get_by_role("cell", name="other@corp.example").wait_for()
    assert "/console/account" in page.url
    elsewhere = screen.open("/sign-in")
    elsewhere.get_by_role("link", name="Sign in with Corp").click()
    elsewhere.wait_for_url(re.compile("/console/?$"))
    house.show(elsewhere, "/account")
    here = elsewhere.get_by_role("row").filter(has_text="This device")
    assert "Corp" in here.inner_text()
    page.get_by_role("button", name="Disconnect").click()
    page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    page.get_by_text("No services connected yet").wait_for()


def test_a_person_takes_everything_along_and_goes(house, screen, tmp_path) -> None:
    page = house.member(screen.context())
    house.show(page, "/account")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Export my data").click()
    downloading.value.save_as(tmp_path / "export.json")
    kept = json.loads((tmp_path / "export.json").read_text("utf-8"))["kept"]
    assert kept["person"][0]["email"] == page.email
    page.get_by_role("button", name="Delete my login").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Current password").fill(PASSWORD)
    dialog.get_by_role("button", name="Delete my login").click()
    assert violations(page) == []
    assert house.gateway.rows("SELECT 1 FROM users WHERE email = ?", page.email)
    dialog.get_by_role("textbox").first.fill(page.email)
    dialog.get_by_role("button", name="Delete my login").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    assert not house.gateway.rows("SELECT 1 FROM users WHERE email = ?", page.email)
