"""Signing in by other services, end to end: state, cookie and row; who is who; what is refused."""

import json
import threading
import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.support.gateway_process import CommandFailed
from tests.support.identity.openid import OpenIdProvider
from tests.support.identity.partner import CLIENT_ID, CLIENT_SECRET, Reply
from tests.support.identity.services import DingTalk, GitHub, LinuxDo, WeChat
from tests.system.console_api.by_services import add, came_back, continued, signs_in, went_away
from tests.system.console_api.person import PASSWORD, Person, invited, operator
from yiyuan.auth.totp import code_at

HTML = {"accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module")
def shop(house):
    """Open to everybody, with a gift, on each engine."""
    return house.gateway


@pytest.fixture(scope="module")
def github(shop):
    with GitHub() as partner:
        add(shop, "github", partner, allows="sign_up")
        yield partner


@pytest.fixture(scope="module")
def corp(shop):
    with OpenIdProvider() as partner:
        add(shop, "corp", partner, allows="sign_up", role_claim="groups", roles="admins=finance")
        yield partner


@pytest.fixture(autouse=True)
def honest(request):
    """Each test begins with honest partners."""
    for name in ("github", "corp"):
        if name in request.fixturenames:
            partner = request.getfixturevalue(name)
            partner.person, partner.faults = {}, {}
    if "corp" in request.fixturenames:
        partner.claims, partner.mint = {}, None


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


FLOWS = {
    "another_browser": lambda away, back: (Person(away.gateway), back),
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


@pytest.mark.parametrize(
    "return_to",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/%2f%2fevil.example",
     "javascript:alert(1)", "/..//evil.example", "/api/sign-in/corp", "evil", "/a b", "/\tx"],
)  # fmt: skip
def test_18_nobody_is_sent_elsewhere(shop, corp, return_to):
    corp.claims = {"sub": "returns", "email": "returns@corp.example"}
    person = Person(shop)
    answer = signs_in(person, "corp", corp, return_to.replace("%", "%25"))
    if answer.headers["location"].endswith("step=accept"):
        continued(person, accept=True)
        answer = signs_in(Person(shop), "corp", corp, return_to.replace("%", "%25"))
    assert answer.headers["location"] == "/console"


@pytest.mark.parametrize(
    ("path", "reply", "code", "status"),
    [
        ("/token", Reply(500, {}), "sign_in_service_away", 503),
        ("/token", Reply(302, None, {"location": "http://169.254.169.254/"}, b""),
         "sign_in_service_refused", 502),
        ("/token", Reply(200, None, {}, b"x" * 10_000_000), "sign_in_service_refused", 502),
        ("/token", Reply(400, {"error": "invalid_grant"}), "flow_not_valid", 401),
        ("/token", Reply(401, {"error": "invalid_client"}), "sign_in_service_refused", 502),
        ("/token", Reply(200, {"access_token": "a"}), "sign_in_service_refused", 502),
    ],
)  # fmt: skip
def test_17_a_service_out_of_order_lets_nobody_in(shop, corp, path, reply, code, status):
    person = Person(shop)
    back = corp.approve(went_away(person, "corp"))
    corp.faults[path] = reply
    answer = came_back(person, "corp", back)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    person = Person(shop)
    back = corp.approve(went_away(person, "corp"))
    answer = came_back(person, "corp", back, **HTML)
    assert answer.headers["location"] == f"/console/sign-in?problem={code}", "a page for people"
    assert person.refused("GET", "/api/session") == "not_signed_in"


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://localhost:1"])
def test_17_a_service_that_is_not_there_is_said(shop, address):
    with GitHub() as partner:
        add(shop, "gone", partner)
    person = Person(shop)
    answer = person.ask("GET", "/api/sign-in/gone")
    assert answer.status_code == 303  # GitHub is asked nothing before
    back = {
        "code": "c",
        "state": dict(parse_qsl(urlsplit(answer.headers["location"]).query))["state"],
    }
    assert came_back(person, "gone", back).json()["error"]["code"] == "sign_in_service_away"
    assert Person(shop).refused("GET", "/api/sign-in/nosuch") == "not_found"


def test_a_person_who_says_no_is_told_so(shop, corp):
    person = Person(shop)
    back = corp.approve(went_away(person, "corp"))
    answer = came_back(person, "corp", {"error": "access_denied", "state": back["state"]})
    assert answer.json()["error"]["code"] == "sign_in_cancelled"


@pytest.mark.parametrize(
    ("kind", "person", "code"),
    [
        (LinuxDo, {"silenced": True}, "person_refused"),
        (LinuxDo, {"trust_level": 0}, "person_refused"),
        (WeChat, {"unionid": None}, "sign_in_service_refused"),
    ],
)
def test_33_the_forum_and_wechat_refuse_with_a_reason(shop, kind, person, code):
    more = {"trust_level_min": "1"} if kind is LinuxDo else {}
    with kind() as partner:
        add(shop, f"{partner.preset}-{code[:3]}-{len(person)}", partner, **more)
        partner.person = person
        browser = Person(shop)
        name = f"{partner.preset}-{code[:3]}-{len(person)}"
        answer = signs_in(browser, name, partner)
        assert answer.json()["error"]["code"] == code
        shop.cli("identity", "disable", name)
        assert Person(shop).refused("GET", f"/api/sign-in/{name}") == "not_found"


def test_dingtalk_comes_back_with_its_own_name_for_the_code(shop):
    with DingTalk() as partner:
        add(shop, "dingtalk", partner, allows="sign_in")
        person = Person(shop)
        answer = signs_in(person, "dingtalk", partner)
        assert answer.json()["error"]["code"] == "sign_up_closed", "understood, and not allowed"
        shop.cli("identity", "disable", "dingtalk")


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


def test_21_a_role_follows_the_groups_and_is_never_an_owners(shop, owner, corp):
    corp.claims = {
        "sub": "grouped",
        "email": "grouped@corp.example",
        "groups": ["admins", "owners"],
    }
    person = Person(shop)
    signs_in(person, "corp", corp)
    assert continued(person, accept=True)["user"]["role"] == "finance"
    person.call("GET", "/api/operator/home")
    corp.claims |= {"groups": ["owners"]}
    again = Person(shop)
    signs_in(again, "corp", corp)
    assert again.call("GET", "/api/session")["user"]["role"] is None
    assert person.refused("GET", "/api/session") == "not_signed_in", "the old role's sessions ended"
    assert again.refused("GET", "/api/operator/home") == "not_allowed"
    actions = owner.call("GET", "/api/operator/audit?limit=100")["items"]
    assert "people.role_by_groups" in {action["action"] for action in actions}


def test_20_a_domain_signs_in_by_its_own_service_alone(shop):
    account = shop.cli("account", "create", "enforced")["id"]
    member = invited(shop, account, "anna@closed.example")
    boss = operator(shop, "boss@closed.example")
    boss.call("DELETE", "/api/session", {})
    with OpenIdProvider() as partner, GitHub() as other:
        add(shop, "closed", partner, mail_domains="closed.example", allows="sign_up")
        add(shop, "open", other, allows="sign_up")
        try:
            credentials = {"email": "anna@closed.example", "password": PASSWORD}
            assert Person(shop).refused("POST", "/api/session", credentials) == "use_other_service"
            reset = shop.cli("person", "reset", "anna@closed.example")["url"].partition("#")[2]
            asked = {"link": reset, "password": "entirely different words"}
            assert Person(shop).refused("POST", "/api/join", asked) == "use_other_service"
            link = shop.cli("account", "invite", account)["url"].partition("#")[2]
            asked = {"link": link, "email": "new@closed.example", "password": PASSWORD}
            assert Person(shop).refused("POST", "/api/join", asked) == "use_other_service"
            other.person = {"id": 777}
            other.emails = [{"email": "x@closed.example", "primary": True, "verified": True}]
            answer = signs_in(Person(shop), "open", other)
            assert answer.json()["error"]["code"] == "use_other_service"
            partner.claims = {"sub": "anna", "email": "anna@closed.example"}
            person = Person(shop)
            signs_in(person, "closed", partner)
            continued(person, password=PASSWORD)
            link = shop.cli("operator", "link")["url"].partition("#")[2]
            asked = {"link": link, "email": "boss@closed.example", "password": PASSWORD}
            Person(shop).call("POST", "/api/setup", asked)  # the machine's owner always gets in
        finally:
            shop.cli("identity", "disable", "closed")
            shop.cli("identity", "disable", "open")
    member.call("GET", "/api/session")


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


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>", "a\r\nset-cookie: x=1", "x" * 900]
)
def test_32_a_hostile_name_is_text(shop, corp, name):
    corp.claims = {"sub": f"h{len(name)}", "email": f"h{len(name)}@corp.example", "name": name}
    person = Person(shop)
    assert signs_in(person, "corp", corp).status_code == 303
    shown = person.call("GET", "/api/sign-in/continue")["name"]
    assert shown.isprintable()
    assert len(shown) <= 200
