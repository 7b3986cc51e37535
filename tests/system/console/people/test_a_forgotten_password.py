"""A forgotten password, by keyboard alone and in every dress: mail, link or code, signed in."""

import re

import pytest

from tests.system.console.people.test_from_a_mailbox import DRESSES, Keyboard
from tests.system.console.screen import go
from tests.system.console.shop import PASSWORD, ask, sign_in, totp

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
NEW = "words that are new here"


def forgets(house, screen, page, email: str, language: str) -> tuple[Keyboard, object]:
    """Ask for a mail from the page of the sign-in; the hands, and the mail."""
    hands, before = Keyboard(page), len(house.mail.to(email))
    go(page, house.gateway.origin, "/sign-in", language)
    hands.press(page.locator("a[href='/console/reset']"))
    page.wait_for_url(re.compile("/console/reset"))
    hands.look("reset")
    hands.type(page.locator("input[type=email]"), email)
    hands.press(page.locator("input[type=email]"))
    mail = house.mail.wait_for(email, before + 1)
    page.locator("input[autocomplete=one-time-code]").wait_for()
    return hands, mail


@pytest.mark.parametrize(("language", "scheme", "viewport"), DRESSES)
def test_a_link_and_a_new_password_sign_in_and_end_all_other_sessions(
    house, screen, language, scheme, viewport
) -> None:
    elsewhere = house.member(screen.context())
    house.show(elsewhere, "/account")
    email, dress = elsewhere.email, {"scheme": scheme, "viewport": viewport}
    _, mail = forgets(house, screen, screen.context(**dress).new_page(), email, language)
    page = screen.context(**dress).new_page()
    hands = Keyboard(page)
    go(page, house.gateway.origin, f"/reset#{mail.secret}", language)
    hands.look("link")
    field = page.locator("input[autocomplete=new-password]")
    hands.type(field, NEW)
    hands.press(field)
    page.wait_for_url(re.compile("/console/?$"))
    hands.look("overview")
    assert ask(page.context, house.gateway.origin, "GET", "/api/session")["user"]["email"] == email
    elsewhere.reload()
    elsewhere.wait_for_url(re.compile("/console/sign-in"))
    sign_in(elsewhere, email, PASSWORD)
    elsewhere.locator("[role=alert]").first.wait_for()
    sign_in(elsewhere, email, NEW)
    elsewhere.wait_for_url(re.compile("/console/(?!sign-in)"))
    used = screen.context().new_page()
    go(used, house.gateway.origin, f"/reset#{mail.secret}", language)
    used.locator("input[autocomplete=new-password]").fill(NEW + " once more")
    used.locator("button[type=submit]").click()
    used.locator("[role=alert]").first.wait_for()


def test_a_code_leaves_the_authenticator_on(house, screen) -> None:
    owner = house.member(screen.context())
    origin = house.gateway.origin
    started = ask(owner.context, origin, "POST", "/api/me/totp", {"password": PASSWORD})
    code = totp(started["secret"])
    ask(owner.context, origin, "POST", "/api/me/totp/confirm", {"code": code})
    page = screen.context(scheme="dark").new_page()
    hands, mail = forgets(house, screen, page, owner.email, "zh")
    hands.type(page.locator("input[autocomplete=one-time-code]"), mail.code)
    field = page.locator("input[autocomplete=new-password]")
    hands.type(field, "short")
    hands.press(field)
    wrong = page.locator("input[autocomplete=new-password][aria-invalid=true]")
    wrong.wait_for()
    parts = wrong.get_attribute("aria-describedby").split()
    said = [page.locator(f"[id='{part}']").inner_text() for part in parts]
    assert len([text for text in said if text]) == 2, "the hint, and what is wrong"
    hands.look("a password that is too short")
    hands.reach(field)
    page.keyboard.press("Control+A")
    hands.type(field, NEW)
    assert field.get_attribute("aria-invalid") is None
    hands.look("code")
    hands.press(field)
    page.wait_for_url(re.compile("/console/sign-in"))
    sign_in(page, owner.email, NEW)
    field = page.locator("input[autocomplete=one-time-code]")
    field.wait_for()
    hands.look("second factor")
