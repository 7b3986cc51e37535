"""Passkeys by the page, with Chromium's virtual authenticator: added, used, taken away."""

import re

import pytest

from tests.support.catalogs import main_catalog
from tests.support.gateway_process import Gateway
from tests.system.console.people.conftest import House
from tests.system.console.screen import PHONE, Screen, overflows, violations
from tests.system.console.shop import PASSWORD, ask, totp
from tests.system.console_api.person import written

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
NOT_WHILE_TYPING = """if (window.PublicKeyCredential)
    PublicKeyCredential.isConditionalMediationAvailable = async () => false"""
OPTIONS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def named(upstream, cli, tmp_path_factory):
    """A gateway whose address has a name; browsers take plain `localhost` for safe."""
    with Gateway(tmp_path_factory.mktemp("passkeys") / "home", cli) as gateway:
        gateway.origin = f"http://localhost:{gateway.port}"
        gateway.environment["YIYUAN_PUBLIC_URL"] = gateway.origin
        gateway.start()
        gateway.apply(main_catalog(upstream))
        gateway.cli("operator", "create", "--email", "ada@example.com", stdin=PASSWORD)
        yield House(gateway, None, None)


@pytest.fixture
def screen(browser, named):
    with Screen(browser, named.gateway.origin) as opened:
        yield opened
        opened.check()


class Device:
    """A page's authenticator; its passkeys can be carried to another page."""

    def __init__(self, page) -> None:
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        self.id = self._send("addVirtualAuthenticator", options=OPTIONS)["authenticatorId"]

    def _send(self, method: str, **asked):
        return self.cdp.send(f"WebAuthn.{method}", asked)

    @property
    def credentials(self):
        return self._send("getCredentials", authenticatorId=self.id)["credentials"]

    def carry(self, credential) -> "Device":
        self._send("addCredential", authenticatorId=self.id, credential=credential)
        return self


def adds_one(named, page) -> Device:
    """Through the panel of one's own page."""
    device = Device(page)
    named.show(page, "/account")
    page.get_by_text("No passkeys yet").wait_for()
    page.get_by_role("button", name="Add a passkey").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Laptop")
    assert violations(page) == []
    dialog.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("cell", name="Laptop").first.wait_for()
    assert len(device.credentials) == 1
    return device


def test_one_is_added_and_signs_in_while_typing(named, screen) -> None:
    page = named.member(screen.context())
    asked = {"password": PASSWORD}
    secret = ask(page.context, named.gateway.origin, "POST", "/api/me/totp", asked)["secret"]
    ask(page.context, named.gateway.origin, "POST", "/api/me/totp/confirm", {"code": totp(secret)})
    kept = adds_one(named, page).credentials[0]
    elsewhere = screen.context().new_page()
    Device(elsewhere).carry(kept)
    elsewhere.goto(f"{named.gateway.origin}/console/sign-in?lang=en")
    elsewhere.wait_for_url(re.compile("/console/?$"))
    named.show(elsewhere, "/account")
    here = elsewhere.get_by_role("row").filter(has_text="This device").inner_text()
    assert "Passkey · two factors" in here


def test_a_button_signs_in_by_keyboard(named, screen) -> None:
    page = named.member(screen.context())
    kept = adds_one(named, page).credentials[0]
    context = screen.context(scheme="dark", viewport=PHONE)
    context.add_init_script(NOT_WHILE_TYPING)
    elsewhere = context.new_page()
    Device(elsewhere).carry(kept)
    elsewhere.goto(f"{named.gateway.origin}/console/sign-in?lang=zh")
    button = elsewhere.get_by_role("button", name="使用通行密钥")
    button.wait_for()
    assert violations(elsewhere) == []
    assert not overflows(elsewhere)
    button.press("Enter")
    elsewhere.wait_for_url(re.compile("/console/?$"))


def test_a_passkey_proves_oneself_again_and_is_taken_away(named, screen) -> None:
    page = named.member(screen.context())
    adds_one(named, page)
    named.gateway.stop()
    written(named.gateway, "UPDATE sessions SET proven_at = proven_at - 301000")
    named.gateway.start()
    named.show(page, "/account")
    page.get_by_role("button", name="Remove: Laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    proof = page.get_by_role("dialog", name="Confirm that it is you")
    proof.wait_for()
    assert violations(page) == []
    proof.get_by_role("button", name="Use a passkey").click()
    page.get_by_text("No passkeys yet").wait_for()


def test_a_passkey_that_is_gone_is_told(named, screen) -> None:
    page = named.member(screen.context())
    kept = adds_one(named, page).credentials[0]
    page.get_by_role("button", name="Remove: Laptop").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    page.get_by_text("No passkeys yet").wait_for()
    context = screen.context()
    context.add_init_script(NOT_WHILE_TYPING)
    elsewhere = context.new_page()
    Device(elsewhere).carry(kept)
    elsewhere.goto(f"{named.gateway.origin}/console/sign-in?lang=en")
    elsewhere.get_by_role("button", name="Use a passkey").click()
    elsewhere.get_by_role("alert").filter(has_text="this passkey is not known here").wait_for()
