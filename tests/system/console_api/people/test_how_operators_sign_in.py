"""`operators_sign_in`: a session that does not fit has no role, and the machine always opens."""

import time

import pytest

from tests.support.gateway_process import CommandFailed
from tests.support.identity.openid import OpenIdProvider
from tests.system.console_api.by_services import add, signs_in
from tests.system.console_api.person import PASSWORD, Person, operator
from yiyuan.auth.totp import code_at

HOME = "/api/operator/home"


@pytest.fixture
def shop(house):
    """Everybody signs in in any way again afterwards."""
    yield house.gateway
    rule(house.gateway, "any")


@pytest.fixture(scope="module")
def corp(house):
    with OpenIdProvider() as partner:
        add(house.gateway, "corp", partner, role_claim="groups", roles="admins=finance")
        yield partner


def rule(shop, value: str) -> None:
    """Set it on the machine; a server on PostgreSQL follows within a second."""
    shop.cli("settings", "set", "operators_sign_in", value)
    if "YIYUAN_DATABASE_URL" in shop.environment:
        time.sleep(1.2)


def with_totp(person: Person) -> str:
    """Switch an authenticator on; its secret."""
    secret = person.call("POST", "/api/me/totp", {"password": PASSWORD})["secret"]
    code = code_at(secret, int(time.time()) // 30)
    person.call("POST", "/api/me/totp/confirm", {"code": code})
    return secret


def test_without_a_second_factor_there_is_no_role(shop):
    plain = operator(shop, "plain@example.com")
    key = {"name": "script", "role": "readonly"}
    bearer = plain.call("POST", "/api/operator/management-keys", key)["key"]
    plain.call("GET", HOME)
    rule(shop, "second_factor")
    assert plain.refused("GET", HOME) == "operator_sign_in_required", "open sessions, too"
    session = plain.call("GET", "/api/session")["user"]
    assert (session["role"], session["role_waits_for"]) == (None, "second_factor")
    plain.call("GET", f"/api/accounts/{plain.account}/overview")
    Person(shop, bearer).call("GET", HOME)
    with_totp(plain)
    plain.call("GET", HOME)
    assert plain.call("GET", "/api/session")["user"]["role"] == "owner"
    again = Person(shop)
    asked = {"email": "plain@example.com", "password": PASSWORD}
    assert again.refused("POST", "/api/session", asked) == "totp_required"


def test_what_operators_see_of_others_goes_with_the_role(shop):
    helper = operator(shop, "helper@example.com", "support")
    account = shop.cli("account", "create", "of somebody else")["id"]
    helper.call("GET", f"/api/accounts/{account}/overview")
    rule(shop, "second_factor")
    code = helper.refused("GET", f"/api/accounts/{account}/overview")
    assert code == "operator_sign_in_required"


def test_the_last_second_factor_stays(shop):
    person = operator(shop, "keeps@example.com")
    secret = with_totp(person)
    rule(shop, "second_factor")
    later = code_at(secret, int(time.time()) // 30 + 1)
    asked = {"password": PASSWORD, "code": later}
    assert person.refused("POST", "/api/me/totp/remove", asked) == "not_allowed"
    person.call("GET", HOME)


def test_20_by_a_service_only_and_the_machine_breaks_the_glass(shop, corp):
    email = "works@corp.example"
    corp.claims = {"sub": "works", "email": email}
    plain = operator(shop, email)
    url = plain.call("POST", "/api/me/identities/corp", {"return_to": "/console"})["url"]
    back = "&".join(f"{k}={v}" for k, v in corp.approve(url).items())
    assert plain.ask("GET", f"/api/sign-in/corp/callback?{back}").status_code == 303
    rule(shop, "provider")
    assert plain.refused("GET", HOME) == "operator_sign_in_required"
    by_service = Person(shop)
    assert signs_in(by_service, "corp", corp).status_code == 303
    by_service.call("GET", HOME)
    asked = {"email": email, "password": PASSWORD}
    again = Person(shop)
    assert again.call("POST", "/api/session", asked)["user"]["role"] is None
    assert again.refused("GET", HOME) == "operator_sign_in_required"
    link = shop.cli("operator", "link")["url"].partition("#")[2]
    glass = Person(shop)
    glass.call("POST", "/api/setup", {"link": link, **asked, "language": None})
    glass.call("GET", HOME)


def test_a_reset_by_mail_is_no_way_round(shop, corp, house):
    email = "mailed@mail.example"
    operator(shop, email)
    rule(shop, "provider")
    browser = house.stranger()
    browser.call("POST", "/api/reset/start", {"email": email})
    code = house.mail.wait_for(email).code
    asked = {"email": email, "code": code, "password": "another long password"}
    browser.call("POST", "/api/reset/finish", asked)
    assert browser.refused("GET", HOME) == "operator_sign_in_required"


def test_nobody_shuts_themselves_out(shop, corp):
    owner = operator(shop, "careful@example.com")
    path = "/api/operator/settings/operators_sign_in"
    for value in ("second_factor", "provider"):
        assert owner.refused("PUT", path, {"value": value}) == "not_allowed"
    assert owner.refused("PUT", path, {"value": "never"}) == "invalid_argument"
    with_totp(owner)
    owner.call("PUT", path, {"value": "second_factor"})
    owner.call("PUT", path, {"value": None})


def test_without_a_service_nobody_must_use_one(shop, corp):
    shop.cli("identity", "disable", "corp")
    with pytest.raises(CommandFailed):
        rule(shop, "provider")
    add(shop, "corp", corp)


def test_13_who_proves_a_mailbox_first_ends_the_ways_in_of_who_did_not(house, corp):
    """Somebody joined with an address that is not theirs; then its owner comes by the company."""
    shop, email = house.gateway, "owner@corp.example"
    account = shop.cli("account", "create", "squatted")["id"]
    link = shop.cli("account", "invite", account)["url"].partition("#")[2]
    squatter = house.stranger()
    squatter.call("POST", "/api/join", {"link": link, "email": email, "password": PASSWORD})
    corp.claims = {"sub": "squats", "email": "squatter@elsewhere.example"}
    url = squatter.call("POST", "/api/me/identities/corp", {"return_to": "/console"})["url"]
    back = "&".join(f"{k}={v}" for k, v in corp.approve(url).items())
    squatter.ask("GET", f"/api/sign-in/corp/callback?{back}")
    assert squatter.call("GET", "/api/me/identities")["items"]

    corp.claims = {"sub": "owns", "email": email}
    owner = house.stranger()
    answer = signs_in(owner, "corp", corp)
    assert answer.headers["location"].endswith("step=password"), "no link by an address alone"
    owner.call("POST", "/api/reset/start", {"email": email})
    code = house.mail.wait_for(email).code
    mine = "the words of its owner"
    owner.call("POST", "/api/reset/finish", {"email": email, "code": code, "password": mine})
    owner.call("POST", "/api/sign-in/continue", {"password": mine})

    assert squatter.refused("GET", "/api/session") == "not_signed_in"
    asked = {"email": email, "password": PASSWORD}
    assert house.stranger().refused("POST", "/api/session", asked) == "wrong_credentials"
    corp.claims = {"sub": "squats", "email": "squatter@elsewhere.example"}
    again = house.stranger()
    signs_in(again, "corp", corp)
    assert again.refused("GET", "/api/session") == "not_signed_in"
    corp.claims = {"sub": "owns", "email": email}
    back_again = house.stranger()
    signs_in(back_again, "corp", corp)
    assert back_again.call("GET", "/api/session")["user"]["email"] == email


def test_25_a_reset_by_mail_keeps_the_authenticator(house):
    email = "keeps-totp@mail.example"
    person = house.person(email)
    secret = with_totp(person)
    browser = house.stranger()
    before = len(house.mail.to(email))
    browser.call("POST", "/api/reset/start", {"email": email})
    code = house.mail.wait_for(email, before + 1).code
    asked = {"email": email, "code": code, "password": "entirely other words"}
    assert browser.call("POST", "/api/reset/finish", asked)["user"] is None
    assert browser.refused("GET", "/api/session") == "not_signed_in"
    assert person.refused("GET", "/api/session") == "not_signed_in", "all sessions end"
    asked = {"email": email, "password": "entirely other words"}
    assert browser.refused("POST", "/api/session", asked) == "totp_required"
    later = code_at(secret, int(time.time()) // 30 + 1)
    browser.call("POST", "/api/session", asked | {"totp": later})


class TestAnAddressIsProvenWhereTheServiceStatesNone:
    """A service that names a person and no address: they prove one, and then the rules hold."""

    @pytest.fixture
    def away(self, house, corp):
        """Somebody who came back without an address; the service is named as open to all."""
        add(house.gateway, "corp", corp, allows="sign_up")

        def comes(subject: str):
            corp.claims = {"sub": subject, "email": None}
            browser = house.stranger()
            answer = signs_in(browser, "corp", corp)
            assert answer.headers["location"].endswith("step=email"), answer.text
            return browser

        return comes

    def asks(self, house, browser, email):
        before = len(house.mail.to(email))
        browser.call("POST", "/api/sign-in/continue/email", {"email": email})
        return house.mail.wait_for(email, before + 1)

    def test_an_address_of_nobody_opens_an_account(self, house, away):
        browser = away("no-address-1")
        mail = self.asks(house, browser, "fresh@mail.example")
        asked = {"email": "fresh@mail.example", "code": "000000"}
        path = "/api/sign-in/continue/email/prove"
        if mail.code != "000000":
            assert browser.refused("POST", path, asked) == "wrong_code"
        assert browser.refused("POST", "/api/sign-in/continue", {"accept": True})
        asked["code"] = mail.code
        assert browser.call("POST", path, asked)["step"] == "accept"
        session = browser.call("POST", "/api/sign-in/continue", {"accept": True})
        assert session["user"]["email"] == "fresh@mail.example"

    def test_an_address_of_somebody_asks_for_their_password(self, house, away):
        house.person("taken@mail.example")
        browser = away("no-address-2")
        mail = self.asks(house, browser, "taken@mail.example")
        asked = {"link": mail.secret}
        path = "/api/sign-in/continue/email/prove"
        stranger = house.stranger()
        assert stranger.refused("POST", path, asked) == "flow_not_valid"
        assert browser.call("POST", path, asked)["step"] == "password"
        assert browser.refused("POST", "/api/sign-in/continue", {"accept": True})
        browser.call("POST", "/api/sign-in/continue", {"password": PASSWORD})
        assert browser.call("GET", "/api/session")["user"]["email"] == "taken@mail.example"

    def test_12_a_step_that_is_not_missing_is_refused(self, house, away, corp):
        corp.claims = {"sub": "no-address-3", "email": "stated@corp.example"}
        browser = house.stranger()
        signs_in(browser, "corp", corp)
        asked = {"email": "other@mail.example"}
        assert browser.refused("POST", "/api/sign-in/continue/email", asked) == "accept_required"
        assert house.mail.to("other@mail.example") == []
