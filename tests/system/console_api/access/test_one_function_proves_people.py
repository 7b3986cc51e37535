"""Wherever somebody is asked for their password, a wrong one counts in the same place."""

import msgspec
import pytest

from tests.system.console_api.person import PASSWORD, Person, invited
from yiyuan.api.console.registry import ROUTES

EMAIL = "proven@example.com"
WRONG = "not this one, no"
ASKED = {
    "POST /api/session": {"email": EMAIL, "password": WRONG},
    "POST /api/session/prove": {"password": WRONG},
    "POST /api/me/password": {"old": WRONG, "new": "entirely different words"},
    "POST /api/me/email/start": {"email": "new@example.com", "password": WRONG},
    "POST /api/me/totp": {"password": WRONG},
    "POST /api/me/totp/remove": {"password": WRONG, "code": "123456"},
    "POST /api/me/totp/recovery-codes": {"password": WRONG, "code": "123456"},
    "POST /api/me/delete": {"password": WRONG},
    "POST /api/join": {"email": EMAIL, "password": WRONG},
    "POST /api/setup": {"email": EMAIL, "password": WRONG},
}
CHOOSE_ONE = {"POST /api/sign-up/finish", "POST /api/reset/finish"}
"""There the password is the one to have."""
BY_SERVICES = {"POST /api/sign-in/continue"}
"""Tried with a partner's process in test_sign_in_by_services.py."""


@pytest.fixture(scope="module")
def person(shop):
    account = shop.cli("account", "create", "proven", "--balance", "1000")["id"]
    return invited(shop, account, EMAIL)


def failures(shop, person: Person) -> int:
    user = person.call("GET", "/api/session")["user"]["id"]
    sql = "SELECT coalesce(sum(failures), 0) AS n FROM sign_in_failures WHERE key LIKE ?"
    return shop.rows(sql, f"person {user} at %")[0]["n"]


@pytest.mark.parametrize("route", ASKED)
def test_a_wrong_password_counts(shop, person, route):
    # Forgives what the routes before counted, so that none of them has to wait.
    Person(shop).call("POST", "/api/session", {"email": EMAIL, "password": PASSWORD})
    assert failures(shop, person) == 0
    method, path = route.split(" ")
    asked, browser = dict(ASKED[route]), person
    if path == "/api/join":
        asked["link"] = shop.cli("account", "invite", "proven")["url"].partition("#")[2]
        browser = Person(shop)
    if path == "/api/setup":
        asked["link"] = shop.cli("operator", "link")["url"].partition("#")[2]
        browser = Person(shop)
    if path == "/api/session":
        browser = Person(shop)
    for n in (1, 2):
        assert browser.refused(method, path, asked) == "wrong_credentials"
        assert failures(shop, person) == n
    assert person.call("GET", "/api/session")["user"]["has_totp"] is False


def test_no_route_asks_for_a_password_elsewhere():
    """A new one is tried above, or this fails."""
    secrets = {"password", "old"}
    asking = {
        f"{route.method} {route.path}"
        for route in ROUTES
        if secrets & {field.name for field in msgspec.structs.fields(route.asks)}
        and route.access.who in ("anybody", "person")
    }
    assert asking == ASKED.keys() | CHOOSE_ONE | BY_SERVICES
