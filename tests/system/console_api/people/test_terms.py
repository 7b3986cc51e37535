"""Who has not agreed to the terms of today may agree, look at what is kept of them, and go."""

import pytest

from tests.support.waiting import wait_for
from tests.system.console_api.person import PASSWORD, operator
from yiyuan.api.console.registry import ROUTES

TERMS = {"terms_link": "https://shop.example/terms", "terms_version": "2026-11"}
NOBODY_IS_KEPT_FROM = {
    ("DELETE", "/api/me/sessions/{session}"),
    ("GET", "/api/me/export"),
    ("GET", "/api/me/identities"),
    ("GET", "/api/me/passkeys"),
    ("GET", "/api/me/sessions"),
    ("GET", "/api/session"),
    ("POST", "/api/me/consent"),
    ("POST", "/api/me/delete"),
    ("POST", "/api/me/sessions/end-others"),
    ("POST", "/api/session/prove"),
    ("POST", "/api/session/prove/passkey"),
    ("POST", "/api/session/prove/passkey/start"),
}


@pytest.fixture
def terms(house):
    """Terms that there were not when people signed up."""

    def change(**settings: str) -> None:
        house.set(**settings)
        wait_for(lambda: stands(settings), timeout=5, what="the new terms")

    def stands(settings) -> bool:
        site = house.stranger().call("GET", "/api/site")
        return all((site[name] or "") == value for name, value in settings.items())

    yield change
    change(terms_link="", terms_version="")


def test_consent_is_to_the_terms_of_today(house, terms):
    terms(**TERMS)
    person = house.person("agrees@mail.example")
    assert person.call("GET", "/api/session")["user"]["consent_version"] is None
    assert person.refused("POST", "/api/me/consent", {"version": "2025"}) == "changed_meanwhile"
    user = person.call("POST", "/api/me/consent", {"version": "2026-11"})
    assert user["consent_version"] == "2026-11"
    (row,) = house.gateway.rows(
        "SELECT consent_version, consent_at FROM users WHERE email = ?", "agrees@mail.example"
    )
    assert row["consent_version"] == "2026-11"
    assert row["consent_at"] > 0
    path = f"/api/accounts/{person.account}/overview"
    person.call("GET", path)
    terms(terms_version="2026-12")
    assert person.refused("GET", path) == "terms_required", "a new version asks again"


def test_every_route_waits_for_consent_but_those_that_nobody_is_kept_from(house, terms):
    person = house.person("has-not-read@mail.example")
    terms(**TERMS)
    assert {
        (route.method, route.path) for route in ROUTES if route.access.before_terms
    } == NOBODY_IS_KEPT_FROM
    asked = 0
    for route in ROUTES:
        if route.access.who not in ("person", "member") or route.access.before_terms:
            continue
        places = dict.fromkeys(route.places, "none") | {"account": person.account}
        code = person.refused(route.method, route.path.format(**places), {"name": "x"})
        assert code == "terms_required", (route.method, route.path)
        asked += 1
    assert asked > 50
    answer = person.ask("GET", f"/api/accounts/{person.account}/tokens", accept_language="zh")
    assert answer.status_code == 403
    assert answer.json()["error"]["message"] == "服务条款已更新：请先阅读并同意。"


def test_who_does_not_agree_joins_nobody_and_may_go(house, terms):
    owner, email = house.person("terms-owner@mail.example"), "does-not-agree@mail.example"
    url = owner.call("POST", f"/api/accounts/{owner.account}/invite", {"role": "viewer"})["url"]
    person = house.person(email)
    key = person.call("POST", f"/api/accounts/{person.account}/tokens", {"name": "before"})["key"]
    terms(**TERMS)
    link = url.partition("#")[2]
    assert person.refused("POST", "/api/join", {"link": link}) == "terms_required"
    models = f"{house.gateway.origin}/v1/models"
    assert person.http.get(models, headers={"authorization": f"Bearer {key}"}).status_code == 200
    assert person.call("GET", "/api/me/export")["kept"]["person"][0]["email"] == email
    person.call("POST", "/api/me/delete", {"password": PASSWORD})
    assert person.refused("GET", "/api/session") == "not_signed_in"


def test_operators_and_scripts_are_not_asked(house, terms):
    boss = operator(house.gateway, "writes-terms@example.com")
    key = {"name": "script", "role": "readonly"}
    bearer = boss.call("POST", "/api/operator/management-keys", key)["key"]
    terms(**TERMS)
    boss.call("GET", "/api/operator/home")
    boss.call("GET", f"/api/accounts/{boss.account}/overview")
    script = house.stranger()
    assert script.ask("GET", "/api/operator/home", authorization=f"Bearer {bearer}").ok


@pytest.mark.parametrize("lacking", TERMS)
def test_without_a_version_or_a_place_to_read_nobody_is_asked(house, terms, lacking):
    person = house.person(f"nothing-to-read-{lacking[6:]}@mail.example")
    terms(**(TERMS | {lacking: ""}))
    person.call("GET", f"/api/accounts/{person.account}/overview")
