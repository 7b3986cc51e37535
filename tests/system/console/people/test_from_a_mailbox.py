"""Case 35: from a mailbox to the first paid request, by keyboard alone, in every dress.

Each text that is typed and each key that presses something is an input; moving on with Tab
is how a person without a mouse looks around. Every page on the way is looked at by axe.
"""

import re

import pytest

from tests.support import wire
from tests.support.drivers import CHAT
from tests.system.console.screen import PHONE, WIDE, go, overflows, settle, violations
from tests.system.console.shop import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
INPUTS_MAX = 20
TABS_MAX = 120
HAS_FOCUS = "element => element === document.activeElement"
DRESSES = [
    ("en", "light", WIDE),
    ("zh", "dark", PHONE),
    ("en", "dark", PHONE),
    ("zh", "light", WIDE),
]


class Keyboard:
    """Hands that know no mouse; they count what they do."""

    def __init__(self, page) -> None:
        self.page, self.inputs = page, 0

    def reach(self, place) -> None:
        """Tab until it has the focus, as anybody must be able to."""
        place.wait_for()
        for _ in range(TABS_MAX):
            if place.evaluate(HAS_FOCUS):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{place} is not reached by Tab")

    def type(self, place, text: str) -> None:
        self.reach(place)
        self.page.keyboard.type(text)
        self.inputs += 1

    def press(self, place, key: str = "Enter") -> None:
        self.reach(place)
        self.page.keyboard.press(key)
        self.inputs += 1

    def look(self, where: str) -> None:
        """The page as it is now is fit for everybody."""
        settle(self.page)
        assert violations(self.page) == [], where
        assert not overflows(self.page), where


@pytest.mark.parametrize(("language", "scheme", "viewport"), DRESSES)
def test_35_from_a_mailbox_to_the_first_request(house, screen, language, scheme, viewport) -> None:
    house.set(sign_up="open", sign_up_grant=5_000_000, sign_ups_per_block=100, gifts_per_block=100)
    page = screen.context(scheme=scheme, viewport=viewport).new_page()
    hands, email = Keyboard(page), f"{language}-{scheme}@mail.example"
    go(page, house.gateway.origin, "/sign-in", language)
    hands.look("sign-in")
    hands.press(page.locator("a[href='/console/sign-up']"))
    page.wait_for_url(re.compile("/console/sign-up"))
    hands.look("sign-up")
    hands.type(page.locator("input[type=email]"), email)
    hands.press(page.locator("input[type=email]"))
    code = house.mail.wait_for(email).code
    digits = page.locator("input[autocomplete=one-time-code]")
    hands.type(digits, code)
    hands.look("code")
    hands.type(page.locator("input[autocomplete=new-password]"), PASSWORD)
    hands.press(page.locator("input[autocomplete=new-password]"))
    page.wait_for_url(re.compile("/console/?$"))
    hands.look("overview")
    hands.press(page.locator("[data-checklist] a[href*='/tokens']"))
    name = page.get_by_role("dialog").locator("input").first
    hands.type(name, "laptop")
    hands.look("token")
    hands.press(name)
    secret = page.locator("[data-secret]").first
    secret.wait_for()
    hands.look("key")
    key = secret.inner_text()
    hands.press(page.get_by_role("dialog").get_by_role("button").last)
    page.get_by_role("dialog").wait_for(state="detached")
    body = CHAT.body("gpt-4", "hello", 20)
    answer = wire.call(house.gateway.origin, "POST", CHAT.path, body, key=key)
    assert answer.status == 200
    assert answer.charge > 0
    go(page, house.gateway.origin, "/logs", language)
    page.locator(f"[data-row='{answer.request_id}']").wait_for()
    hands.look("requests")
    assert hands.inputs <= INPUTS_MAX, hands.inputs


def test_a_service_without_an_address_asks_for_one(house, screen) -> None:
    house.add_service("corp", house.corp, title="Corp", allows="sign_up")
    house.corp.claims = {"sub": "nameless", "email": None}
    page = screen.open("/sign-in")
    page.get_by_role("link", name="Sign in with Corp").click()
    page.get_by_label("E-mail").fill("nameless@mail.example")
    assert violations(page) == []
    page.get_by_role("button", name="Send a code").click()
    code = house.mail.wait_for("nameless@mail.example").code
    page.get_by_label("Code").fill(code)
    assert violations(page) == []
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Create an account").click()
    page.wait_for_url(re.compile("/console/?$"))


def test_an_operator_who_must_sign_in_otherwise_is_told_what_is_missing(house, screen) -> None:
    page = house.owner(screen.context())
    house.show(page, "/operator")
    house.set(operators_sign_in="second_factor")
    try:
        house.show(page, "/")
        page.get_by_text("Your operator role is not active yet").wait_for()
        assert violations(page) == []
        house.show(page, "/operator")
        page.get_by_role("heading", name="Page not found").wait_for()
    finally:
        house.set(operators_sign_in="any")
