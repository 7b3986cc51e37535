"""Signing in by other services, end to end: state, cookie and row; who is who; what is refused."""

import json
import threading
import time

import pytest

from tests.support.gateway_process import CommandFailed
from tests.support.identity.openid import OpenIdProvider
from tests.support.identity.partner import CLIENT_ID, CLIENT_SECRET
from tests.system.console_api.by_services import add, came_back, continued, signs_in, went_away
from tests.system.console_api.person import PASSWORD, Person, invited, written
from yiyuan.auth.totp import code_at

pytestmark = pytest.mark.usefixtures("honest")


def test_services_are_listed_without_secrets(shop, github, corp):
    found = {each["name"]: each for each in shop.cli("identity", "list")["identities"]}
    assert found["github"]["preset"] == "github"
    assert found["corp"]["callback_url"].endswith("/api/sign-in/corp/callback")
    assert CLIENT_SECRET not in json.dumps(found)
    assert CLIENT_SECRET not in str(shop.rows("SELECT * FROM login_providers"))
    assert CLIENT_SECRET not in str(shop.rows("SELECT * FROM audit_log"))
    site = Person(shop).call("GET", "/api/site")
    assert {"name": "corp", "preset": "generic_oidc", "title": "OpenID Connect"} in site[
        "sign_in_services"
    ]


@pytest.mark.parametrize(
    ("name", "preset", "fields", "secrets"),
    [
        ("x", "github", {}, {"client_secret": "s"}),
        ("x", "github", {"client_id": "c"}, {}),
        ("x", "github", {"client_id": "c", "client_secret": "s"}, {}),
        ("x", "nosuch", {"client_id": "c"}, {"client_secret": "s"}),
        ("X Y", "github", {"client_id": "c"}, {"client_secret": "s"}),
        ("continue", "github", {"client_id": "c"}, {"client_secret": "s"}),
        ("x", "github", {"client_id": "c", "base_url": "http://10.0.0.1"}, {"client_secret": "s"}),
        ("x", "github", {"client_id": "c", "roles": "a=owner"}, {"client_secret": "s"}),
        ("x", "github", {"client_id": "c", "mail_domains": "no domain"}, {"client_secret": "s"}),
        ("x", "github", {"client_id": "c", "colour": "red"}, {"client_secret": "s"}),
    ],
)
def test_a_wrong_service_is_refused(shop, name, preset, fields, secrets):
    flags = [part for field, value in fields.items() for part in ("--set", f"{field}={value}")]
    with pytest.raises(CommandFailed):
        shop.cli(
            "identity", "add", name, "--preset", preset, *flags, "--secrets-stdin",
            stdin=json.dumps(secrets),
        )  # fmt: skip
    assert name not in {each["name"] for each in shop.cli("identity", "list")["identities"]}


def test_somebody_new_agrees_and_comes_again_without_a_step(shop, corp):
    corp.claims = {"sub": "new-1", "email": "new1@corp.example"}
    person = Person(shop)
    answer = signs_in(person, "corp", corp)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/console/sign-in?step=accept"
    assert person.refused("GET", "/api/session") == "not_signed_in", "no session before consent"
    assert not shop.rows("SELECT 1 FROM users WHERE email = 'new1@corp.example'")
    pending = person.call("GET", "/api/sign-in/continue")
    assert (pending["step"], pending["email"]) == ("accept", "new1@corp.example")
    assert continued(person, 401)["error"]["code"] == "accept_required"
    session = continued(person, accept=True)
    assert session["user"]["email"] == "new1@corp.example"
    assert len(session["accounts"]) == 1
    assert person.refused("POST", "/api/sign-in/continue", {"accept": True}) == "flow_not_valid"
    again = Person(shop)
    answer = signs_in(again, "corp", corp)
    assert answer.headers["location"] == "/console/usage"
    assert again.call("GET", "/api/session")["user"]["id"] == session["user"]["id"]
    sessions = again.call("GET", "/api/me/sessions")["items"]
    assert {each["method"] for each in sessions} == {"provider"}


def test_another_address_at_the_service_is_the_same_person(shop, corp):
    corp.claims = {"sub": "moves", "email": "before@corp.example"}
    person = Person(shop)
    signs_in(person, "corp", corp)
    first = continued(person, accept=True)["user"]["id"]
    corp.claims = {"sub": "moves", "email": "owner@example.com"}
    again = Person(shop)
    signs_in(again, "corp", corp)
    user = again.call("GET", "/api/session")["user"]
    assert (user["id"], user["email"]) == (first, "before@corp.example")


def test_15_a_renamed_login_that_a_stranger_took_is_a_stranger(shop, github):
    github.person = {"id": 1001, "login": "famous"}
    github.emails = [{"email": "famous@example.com", "primary": True, "verified": True}]
    person = Person(shop)
    signs_in(person, "github", github)
    first = continued(person, accept=True)["user"]["id"]
    github.person = {"id": 2002, "login": "famous"}
    github.emails = [{"email": "squatter@example.com", "primary": True, "verified": True}]
    stranger = Person(shop)
    answer = signs_in(stranger, "github", github)
    assert answer.headers["location"] == "/console/sign-in?step=accept"
    assert continued(stranger, accept=True)["user"]["id"] != first


@pytest.mark.parametrize("emails", [[], [{"email": "u@e.x", "primary": True, "verified": False}]])
def test_16_without_a_verified_address_nobody_new_comes_in(shop, github, emails):
    github.person, github.emails = {"id": 3003}, emails
    person = Person(shop)
    answer = signs_in(person, "github", github)
    assert answer.headers["location"] == "/console/sign-in?step=email"
    for given in ({"accept": True}, {"password": PASSWORD}, {"totp": "123456"}, {}):
        assert continued(person, 401, **given)["error"]["code"] == "email_required"
    assert person.refused("GET", "/api/session") == "not_signed_in"


@pytest.mark.parametrize("is_verified", [True, False])
def test_11_a_strangers_assertion_of_an_address_opens_nothing(shop, owner, corp, is_verified):
    """Open WebUI PR#28283, sub2api#5350: an address is never who somebody is."""
    corp.claims = {
        "sub": f"evil-{is_verified}", "email": "owner@example.com", "email_verified": is_verified,
    }  # fmt: skip
    thief = Person(shop)
    answer = signs_in(thief, "corp", corp)
    assert answer.headers["location"] == "/console/sign-in?step=password"
    assert thief.refused("GET", "/api/session") == "not_signed_in"
    for given in ({"accept": True}, {"totp": "123456"}, {"email": "owner@example.com"}, {}):
        assert continued(thief, 401, **given)["error"]["code"] == "password_required"
    wrong = {"password": "not this one"}
    assert continued(thief, 401, **wrong)["error"]["code"] == "wrong_credentials"
    assert thief.refused("GET", "/api/session") == "not_signed_in"
    linked = shop.rows("SELECT * FROM identities WHERE subject = ?", f"evil-{is_verified}")
    assert linked == []


def test_12_the_password_and_code_of_the_account_connect_it(shop, corp):
    account = shop.cli("account", "create", "connects")["id"]
    member = invited(shop, account, "connects@example.com")
    secret = member.call("POST", "/api/me/totp", {"password": PASSWORD})["secret"]
    step = int(time.time()) // 30
    member.call("POST", "/api/me/totp/confirm", {"code": code_at(secret, step - 1)})
    corp.claims = {"sub": "connects", "email": "connects@example.com"}
    person = Person(shop)
    assert signs_in(person, "corp", corp).headers["location"].endswith("step=password")
    assert continued(person, 401, password=PASSWORD)["error"]["code"] == "totp_required"
    session = continued(person, password=PASSWORD, totp=code_at(secret, step))
    assert session["user"]["email"] == "connects@example.com"
    assert [row["service"] for row in person.call("GET", "/api/me/identities")["items"]] == ["corp"]
    # From now on the service proves the first factor, and the code is still asked for.
    again = Person(shop)
    assert signs_in(again, "corp", corp).headers["location"].endswith("step=totp")
    assert again.refused("GET", "/api/session") == "not_signed_in"
    assert continued(again, 401, password=PASSWORD)["error"]["code"] == "totp_required"
    assert continued(again, 401, totp="000000")["error"]["code"] == "wrong_credentials"
    continued(again, totp=code_at(secret, step + 1))
    assert again.call("GET", "/api/me/sessions")["items"][0]["has_second_factor"]


def test_a_proven_mailbox_is_told_of_a_new_way_in(shop, house, corp):
    """Both ways to connect a service tell; signing in by it, and an unproven address, do not."""
    email = "told-of-links@corp.example"
    person = house.person(email)
    corp.claims = {"sub": "told-1", "email": "elsewhere-1@corp.example"}
    back = corp.approve(person.call("POST", "/api/me/identities/corp", {})["url"])
    assert came_back(person, "corp", back).status_code == 303
    told = house.mail.wait_for(email, 2)
    assert "OpenID Connect" in told.text
    assert "A new way to sign in" in told.message["subject"]
    person.call("DELETE", "/api/me/identities/corp", {})
    corp.claims = {"sub": "told-2", "email": email}
    again = house.stranger()
    assert signs_in(again, "corp", corp).headers["location"].endswith("step=password")
    continued(again, password=PASSWORD)
    house.mail.wait_for(email, 3)
    assert signs_in(house.stranger(), "corp", corp).headers["location"] == "/console/usage"
    account = shop.cli("account", "create", "unproven links")["id"]
    unproven = invited(shop, account, "unproven-links@corp.example")
    corp.claims = {"sub": "told-3", "email": "elsewhere-3@corp.example"}
    back = corp.approve(unproven.call("POST", "/api/me/identities/corp", {})["url"])
    assert came_back(unproven, "corp", back).status_code == 303
    house.person("after-all-links@corp.example")  # its mail comes behind whatever was sent
    assert len(house.mail.to(email)) == 3
    assert house.mail.to("unproven-links@corp.example") == []


def test_12_a_step_that_many_do_at_once_is_done_once(shop, house, corp):
    corp.claims = {"sub": "hurries", "email": "hurries@corp.example"}
    person, answers = house.stranger(), []
    signs_in(person, "corp", corp)

    def accept() -> None:
        other = house.stranger()
        other.http.cookies.update(person.http.cookies)
        answers.append(other.ask("POST", "/api/sign-in/continue", {"accept": True}))

    threads = [threading.Thread(target=accept) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7
    codes = {answer.json()["error"]["code"] for answer in answers if not answer.ok}
    assert codes <= {"flow_not_valid", "password_required"}, "nobody without a password"
    assert len(shop.rows("SELECT 1 FROM users WHERE email = 'hurries@corp.example'")) == 1
    assert house.balance("hurries@corp.example") == 5_000_000, "one gift"


def test_12_consent_of_one_flow_is_no_password_of_another(shop, owner, corp):
    """A thief who may come in as somebody new uses that against the flow of somebody's address."""
    thief = Person(shop)
    corp.claims = {"sub": "two-flows-1", "email": "owner@example.com"}
    assert signs_in(thief, "corp", corp).headers["location"].endswith("step=password")
    first = thief.http.cookies["yiyuan_flow"]
    corp.claims = {"sub": "two-flows-2", "email": "two-flows@corp.example"}
    assert signs_in(thief, "corp", corp).headers["location"].endswith("step=accept")
    second = thief.http.cookies["yiyuan_flow"]
    assert first != second
    assert continued(thief, accept=True)["user"]["email"] == "two-flows@corp.example"
    for cookie, codes in ((first, {"password_required"}), (second, {"flow_not_valid"})):
        again = Person(shop)
        again.http.cookies.set("yiyuan_flow", cookie)
        for given in ({"accept": True}, {"password": ""}, {"accept": True, "totp": "123456"}):
            assert again.refused("POST", "/api/sign-in/continue", given) in codes
        assert again.refused("GET", "/api/session") == "not_signed_in"
    assert not shop.rows("SELECT 1 FROM identities WHERE subject = 'two-flows-1'")


def test_6_an_identity_gets_one_gift_whatever_its_address(house, corp):
    """Deleted and back with another address, and a mailbox that had the gift by mail before."""
    person = house.stranger()
    corp.claims = {"sub": "collects", "email": "collects@corp.example"}
    signs_in(person, "corp", corp)
    continued(person, accept=True)
    assert house.balance("collects@corp.example") == 5_000_000
    person.call("POST", "/api/me/delete", {"password": ""})
    corp.claims = {"sub": "collects", "email": "collects-again@corp.example"}
    again = house.stranger()
    signs_in(again, "corp", corp)
    continued(again, accept=True)
    assert house.balance("collects-again@corp.example") == 0
    by_mail = house.person("by-mail@corp.example")
    assert house.balance("by-mail@corp.example") == 5_000_000
    by_mail.call("POST", "/api/me/delete", {"password": PASSWORD})
    corp.claims = {"sub": "collects-3", "email": "By-Mail+3@corp.example"}
    third = house.stranger()
    signs_in(third, "corp", corp)
    continued(third, accept=True)
    assert house.balance("by-mail+3@corp.example") == 0


def test_14_a_service_that_asks_for_a_second_factor_itself_is_believed(shop):
    with OpenIdProvider() as partner:
        add(shop, "strong", partner, second_factor="true")
        account = shop.cli("account", "create", "strong")["id"]
        member = invited(shop, account, "strong@example.com")
        secret = member.call("POST", "/api/me/totp", {"password": PASSWORD})["secret"]
        step = int(time.time()) // 30
        member.call("POST", "/api/me/totp/confirm", {"code": code_at(secret, step)})
        partner.claims = {"sub": "strong", "email": "strong@example.com"}
        back = partner.approve(member.call("POST", "/api/me/identities/strong", {})["url"])
        assert came_back(member, "strong", back).headers["location"] == "/console"
        person = Person(shop)
        assert signs_in(person, "strong", partner).headers["location"] == "/console/usage"
        person.call("GET", "/api/session")


def on_the_way(gateway, name: str) -> Person:
    """Another browser, with a flow of its own at the same service."""
    other = Person(gateway)
    went_away(other, name)
    return other


FLOWS = {
    "another_browser": lambda away, back: (Person(away.gateway), back),
    "another_browsers_flow": lambda away, back: (on_the_way(away.gateway, "corp"), back),
    "another_services_flow": lambda away, back: (on_the_way(away.gateway, "github"), back),
    "no_cookie": lambda away, back: (away.http.cookies.clear(), (away, back))[1],
    "another_state": lambda away, back: (away, back | {"state": "s" * 43}),
    "no_state": lambda away, back: (away, {"code": back["code"]}),
    "no_code": lambda away, back: (away, {"state": back["state"]}),
}


@pytest.mark.parametrize("case", FLOWS)
@pytest.mark.parametrize("service", ["github", "corp"])
def test_9_state_cookie_and_row_belong_together(shop, github, corp, service, case):
    partner = {"github": github, "corp": corp}[service]
    away = Person(shop)
    person, back = FLOWS[case](away, partner.approve(went_away(away, service)))
    answer = came_back(person, service, back)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "flow_not_valid"
    assert person.refused("GET", "/api/session") == "not_signed_in"
    assert person.refused("GET", "/api/sign-in/continue") == "flow_not_valid"


def test_9_a_state_works_once_and_at_its_own_service(shop, github, corp):
    corp.claims = {"sub": "once", "email": "once@corp.example"}
    person = Person(shop)
    back = corp.approve(went_away(person, "corp"))
    assert came_back(person, "github", back).json()["error"]["code"] == "flow_not_valid"
    codes = []

    def use():
        other = Person(shop)
        other.http.cookies.update(person.http.cookies)
        codes.append(came_back(other, "corp", back).status_code)

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303] + [401] * 5


def aged(shop, sql: str) -> None:
    """Change rows while the server is away."""
    shop.stop()
    written(shop, sql)
    shop.start()


def test_9_a_state_and_a_step_are_over_after_ten_minutes(shop, corp):
    """Both move by the same time: a minute before the end they are good, after it they are not."""
    corp.claims = {"sub": "slow", "email": "slow@corp.example"}
    early, late, waits = Person(shop), Person(shop), Person(shop)
    back, too_late = (corp.approve(went_away(each, "corp")) for each in (early, late))
    signs_in(waits, "corp", corp)
    aged(shop, "UPDATE flows SET expires_at = expires_at - 540000")
    assert came_back(early, "corp", back).headers["location"].endswith("step=accept")
    assert waits.call("GET", "/api/sign-in/continue")["step"] == "accept"
    aged(shop, "UPDATE flows SET expires_at = expires_at - 61000")
    answer = came_back(late, "corp", too_late)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "flow_not_valid")
    for person in (late, waits):
        assert person.refused("POST", "/api/sign-in/continue", {"accept": True}) == "flow_not_valid"
    assert not shop.rows("SELECT 1 FROM users WHERE email = 'slow@corp.example'")


def test_a_person_who_says_no_is_told_so(shop, corp):
    person = Person(shop)
    back = corp.approve(went_away(person, "corp"))
    answer = came_back(person, "corp", {"error": "access_denied", "state": back["state"]})
    assert answer.json()["error"]["code"] == "sign_in_cancelled"


def test_linking_wants_a_fresh_session_and_comes_back_to_it(shop, corp):
    account = shop.cli("account", "create", "links")["id"]
    member = invited(shop, account, "links@example.com")
    corp.claims = {"sub": "links", "email": "elsewhere@corp.example"}
    back = corp.approve(member.call("POST", "/api/me/identities/corp", {})["url"])
    other = invited(shop, account, "links-other@example.com")
    other.http.cookies.set("yiyuan_flow", member.http.cookies["yiyuan_flow"])
    assert came_back(other, "corp", back).json()["error"]["code"] == "flow_not_valid"
    assert other.call("GET", "/api/me/identities")["items"] == []
    back = corp.approve(member.call("POST", "/api/me/identities/corp", {})["url"])
    assert came_back(member, "corp", back).headers["location"] == "/console"
    assert [row["service"] for row in member.call("GET", "/api/me/identities")["items"]] == ["corp"]
    back = corp.approve(other.call("POST", "/api/me/identities/corp", {})["url"])
    assert came_back(other, "corp", back).json()["error"]["code"] == "already_exists"
    member.call("DELETE", "/api/me/identities/corp", {})
    assert member.call("GET", "/api/me/identities")["items"] == []


def test_the_last_way_in_stays(shop, corp):
    corp.claims = {"sub": "only", "email": "only-way@corp.example"}
    person = Person(shop)
    signs_in(person, "corp", corp)
    continued(person, accept=True)
    assert person.refused("DELETE", "/api/me/identities/corp", {}) == "not_allowed"
    person.call("POST", "/api/me/password", {"new": PASSWORD})
    person.call("DELETE", "/api/me/identities/corp", {})


def test_what_a_subject_means_is_fixed_once_somebody_came(shop, corp):
    corp.claims = {"sub": "fixed", "email": "fixed@corp.example"}
    person = Person(shop)
    signs_in(person, "corp", corp)
    continued(person, accept=True)
    with pytest.raises(CommandFailed, match="in_use"):
        shop.cli("identity", "add", "corp", "--set", "issuer=https://other.example")
    with pytest.raises(CommandFailed, match=r"in_use|invalid_argument"):
        shop.cli("identity", "add", "corp", "--preset", "github", "--set", f"client_id={CLIENT_ID}")
    assert shop.cli("identity", "add", "corp", "--set", "title=Work")["title"] == "Work"


def test_23_the_session_changes_with_a_sign_in(shop, corp):
    corp.claims = {"sub": "rotates", "email": "rotates@corp.example"}
    person = Person(shop)
    signs_in(person, "corp", corp)
    continued(person, accept=True)
    first = person.http.cookies["yiyuan_session"]
    signs_in(person, "corp", corp)
    assert person.http.cookies["yiyuan_session"] != first
    thief = Person(shop)
    thief.http.cookies.set("yiyuan_session", first)
    assert thief.refused("GET", "/api/session") == "not_signed_in"


def test_23_a_session_that_was_there_before_a_password_ends(shop):
    """Whoever plants a session in a browser is not in it afterwards."""
    account = shop.cli("account", "create", "planted")["id"]
    thief = invited(shop, account, "plants@example.com")
    victim = invited(shop, account, "victim-of-planting@example.com")
    planted = thief.http.cookies["yiyuan_session"]
    browser = Person(shop)
    for value in (planted, "a-secret-that-somebody-chose-for-somebody-else"):
        browser.http.cookies.set("yiyuan_session", value)
        asked = {"email": "victim-of-planting@example.com", "password": PASSWORD}
        answer = browser.ask("POST", "/api/session", asked)
        given = answer.cookies["yiyuan_session"]
        assert given not in (value, victim.http.cookies["yiyuan_session"])
        holder = Person(shop)
        holder.http.cookies.set("yiyuan_session", value)
        assert holder.refused("GET", "/api/session") == "not_signed_in"
        browser = Person(shop)


def test_23_the_session_s_secret_changes_with_a_link(shop, corp):
    account = shop.cli("account", "create", "links anew")["id"]
    person = invited(shop, account, "links-anew@example.com")
    corp.claims = {"sub": "links-anew", "email": "links-anew@corp.example"}
    back = corp.approve(person.call("POST", "/api/me/identities/corp", {})["url"])
    before = person.http.cookies["yiyuan_session"]
    answer = came_back(person, "corp", back)
    assert answer.cookies["yiyuan_session"] != before
    assert person.call("GET", "/api/session")["user"]["email"] == "links-anew@example.com"
    thief = Person(shop)
    thief.http.cookies.set("yiyuan_session", before)
    assert thief.refused("GET", "/api/session") == "not_signed_in"
