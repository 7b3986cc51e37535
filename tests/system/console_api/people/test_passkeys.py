"""Passkeys at the API, on both engines: case 22, and who may do what with whose."""

import json
import time

import pytest

from tests.support.catalogs import main_catalog
from tests.support.gateway_process import Gateway
from tests.support.identity.openid import OpenIdProvider
from tests.support.passkey_device import BACKED_UP, PRESENT, VERIFIED, PasskeyDevice, b64
from tests.support.waiting import wait_for
from tests.system.console_api.by_services import add
from tests.system.console_api.person import PASSWORD, Person, invited, operator, written
from yiyuan.auth.totp import code_at

HOST = "localhost"


@pytest.fixture(scope="module")
def shop(engine, upstream, cli, request, tmp_path_factory):
    """A gateway whose address has a name, which passkeys need."""
    home = tmp_path_factory.mktemp(f"passkeys-{engine}") / "home"
    environment = {}
    if engine == "postgres":
        environment["YIYUAN_DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    with Gateway(home, cli, **environment) as gateway:
        gateway.origin = f"http://{HOST}:{gateway.port}"
        gateway.environment["YIYUAN_PUBLIC_URL"] = gateway.origin
        gateway.start()
        gateway.apply(main_catalog(upstream))
        yield gateway


@pytest.fixture
def person(shop, request):
    """A new customer, proven just now."""
    account = shop.cli("account", "create", request.node.name[:60])["id"]
    return invited(shop, account, f"{account}@example.com")


def changed(shop, sql: str) -> None:
    """Change rows while the server is away."""
    shop.stop()
    written(shop, sql)
    shop.start()


def device(shop, **bent) -> PasskeyDevice:
    return PasskeyDevice(**({"origin": shop.origin, "host": HOST} | bent))


def added(person, made: PasskeyDevice, name: str = "Laptop"):
    """Let a person keep a passkey of this device."""
    options = person.call("POST", "/api/me/passkeys/start")["options"]
    asked = {"credential": made.create(options), "name": name}
    return person.call("POST", "/api/me/passkeys", asked)


def signs_in(shop, made: PasskeyDevice, status: int = 200):
    """A browser of its own, and what it heard."""
    browser = Person(shop)
    options = browser.call("POST", "/api/session/passkey/start")["options"]
    asked = {"credential": made.get(options)}
    return browser, browser.call("POST", "/api/session/passkey", asked, status=status)


def test_what_is_asked_for(shop, person):
    options = person.call("POST", "/api/me/passkeys/start")["options"]
    assert options["rp"]["id"] == HOST
    wanted = options["authenticatorSelection"]
    assert (wanted["residentKey"], wanted["userVerification"]) == ("required", "required")
    assert options["attestation"] == "none"
    assert {each["alg"] for each in options["pubKeyCredParams"]} == {-7, -8, -257}
    nobody = Person(shop).call("POST", "/api/session/passkey/start")["options"]
    assert (nobody["rpId"], nobody["userVerification"]) == (HOST, "required")
    assert not nobody.get("allowCredentials")
    assert len(nobody["challenge"]) == 43


def test_a_passkey_signs_in(shop, person):
    made = device(shop)
    kept = added(person, made)
    assert (kept["name"], kept["is_synced"], kept["works_here"]) == ("Laptop", False, True)
    browser, session = signs_in(shop, made)
    mine = person.call("GET", "/api/session")["user"]
    assert session["user"]["id"] == mine["id"]
    (here,) = [s for s in browser.call("GET", "/api/me/sessions")["items"] if s["is_current"]]
    assert (here["method"], here["has_second_factor"]) == ("passkey", True)
    assert person.call("GET", "/api/me/passkeys")["items"][0]["last_used"] is not None


def test_14_who_has_an_authenticator_is_asked_for_no_code(shop, person):
    secret = person.call("POST", "/api/me/totp", {"password": PASSWORD})["secret"]
    person.call("POST", "/api/me/totp/confirm", {"code": code_at(secret, int(time.time()) // 30)})
    made = device(shop)
    added(person, made)
    signs_in(shop, made)


@pytest.mark.parametrize(
    "bent",
    [
        {"origin": "http://evil.example"},
        {"origin": "https://localhost"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "http://evil.localhost"},
        {"origin": "null"},
        {"host": "evil.example"},
        {"challenge": b64(bytes(32))},
        {"flags": PRESENT},
        {"flags": VERIFIED},
    ],
    ids=[
        "origin",
        "scheme and port",
        "longer name",
        "name below",
        "no origin",
        "rp",
        "challenge",
        "not verified",
        "not present",
    ],
)
def test_22_a_bent_answer_is_refused(shop, person, bent):
    options = person.call("POST", "/api/me/passkeys/start")["options"]
    asked = {"credential": device(shop, **bent).create(options), "name": "Bent"}
    assert person.refused("POST", "/api/me/passkeys", asked) == "wrong_credentials"
    assert person.call("GET", "/api/me/passkeys")["items"] == []
    made = device(shop)
    added(person, made)
    for name, value in bent.items():
        setattr(made, name, value)
    browser, answer = signs_in(shop, made, status=401)
    assert answer["error"]["code"] == "wrong_credentials"
    assert browser.refused("GET", "/api/session") == "not_signed_in"
    log = shop.rows("SELECT details FROM audit_log WHERE action = 'me.refused_passkey'")
    assert log, "the operator can see it"


def test_22_a_count_that_goes_back_is_refused_and_told(shop, person):
    made = device(shop, count=5)
    added(person, made)
    made.count = 6
    signs_in(shop, made)
    made.count = 6
    signs_in(shop, made, status=401)
    made.count = 3
    signs_in(shop, made, status=401)
    found = shop.rows(
        "SELECT details FROM audit_log WHERE action = 'me.refused_passkey' AND subject = ?",
        person.call("GET", "/api/session")["user"]["id"],
    )
    assert len(found) == 2
    assert "sign count" in json.dumps(found).lower()
    made.count = 7
    signs_in(shop, made)


def test_22_a_synced_passkey_counts_nothing(shop, person):
    made = device(shop, flags=PRESENT | VERIFIED | BACKED_UP)
    assert added(person, made)["is_synced"]
    signs_in(shop, made)
    signs_in(shop, made)


def test_22_the_passkey_of_somebody_else_proves_nobody_else(shop, person):
    account = shop.cli("account", "create", "passkeys of another")["id"]
    other = invited(shop, account, f"{account}@example.com")
    made, theirs = device(shop), device(shop)
    added(person, made)
    added(other, theirs)
    options = person.call("POST", "/api/session/prove/passkey/start")["options"]
    asked = {"credential": theirs.get(options)}
    assert person.refused("POST", "/api/session/prove/passkey", asked) == "wrong_credentials"
    theirs.user_handle, made.key = made.user_handle, theirs.key
    for device_of in (theirs, made):
        signs_in(shop, device_of, status=401)
    options = other.call("POST", "/api/me/passkeys/start")["options"]
    made.user_handle = ""
    asked = {"credential": made.create(options), "name": "Taken"}
    assert other.refused("POST", "/api/me/passkeys", asked) == "already_exists"


def test_22_nobody_adds_one_without_a_fresh_proof(shop, person):
    made = device(shop)
    added(person, made)
    changed(shop, "UPDATE sessions SET proven_at = proven_at - 301000")
    asked = {"credential": {}, "name": "Late"}
    for method, path, body in (
        ("POST", "/api/me/passkeys/start", {}),
        ("POST", "/api/me/passkeys", asked),
        ("DELETE", "/api/me/passkeys/pk_none", {}),
    ):
        assert person.refused(method, path, body) == "step_up_required"
    before = person.http.cookies["yiyuan_session"]
    options = person.call("POST", "/api/session/prove/passkey/start")["options"]
    assert len(options["allowCredentials"]) == 1
    person.call("POST", "/api/session/prove/passkey", {"credential": made.get(options)})
    assert person.http.cookies["yiyuan_session"] != before, "23: the secret changes"
    person.call("POST", "/api/me/passkeys/start")


def test_22_a_password_alone_adds_none_beside_an_authenticator(shop, person):
    """mymate#42: whoever has only the password makes no way in that asks for no code."""
    secret = person.call("POST", "/api/me/totp", {"password": PASSWORD})["secret"]
    step = int(time.time()) // 30
    person.call("POST", "/api/me/totp/confirm", {"code": code_at(secret, step)})
    changed(shop, "UPDATE sessions SET proven_at = proven_at - 301000")
    start, prove = "/api/me/passkeys/start", "/api/session/prove"
    assert person.refused("POST", prove, {"password": PASSWORD}) == "totp_required"
    asked = {"password": PASSWORD, "totp": code_at(secret, step)}
    assert person.refused("POST", prove, asked) == "wrong_credentials", "it was used before"
    assert person.refused("POST", start) == "step_up_required"
    person.call("POST", prove, asked | {"totp": code_at(secret, step + 1)})
    person.call("POST", start)


def test_22_the_last_way_in_stays(shop, person):
    made = device(shop)
    kept = added(person, made)
    path = f"/api/me/passkeys/{kept['id']}"
    person.call("PATCH", path, {"name": "Renamed"})
    assert person.call("GET", "/api/me/passkeys")["items"][0]["name"] == "Renamed"
    mine = person.call("GET", "/api/session")["user"]["id"]
    changed(shop, f"UPDATE users SET password_hash = '' WHERE id = '{mine}'")
    assert person.refused("DELETE", path) == "not_allowed"
    second = added(person, device(shop), "Phone")
    person.call("DELETE", path)
    assert [p["id"] for p in person.call("GET", "/api/me/passkeys")["items"]] == [second["id"]]
    signs_in(shop, made, status=401)


def test_a_passkey_is_two_factors_for_an_operator(shop):
    owner = operator(shop, "keyed@example.com")
    made = device(shop)
    kept = added(owner, made)
    shop.cli("settings", "set", "operators_sign_in", "second_factor")
    try:
        home = "/api/operator/home"
        wait_for(lambda: owner.ask("GET", home).status_code == 403, timeout=5, what="the rule")
        assert owner.refused("GET", home) == "operator_sign_in_required"
        browser, _ = signs_in(shop, made)
        browser.call("GET", "/api/operator/home")
        assert browser.refused("DELETE", f"/api/me/passkeys/{kept['id']}") == "not_allowed"
    finally:
        shop.cli("settings", "set", "operators_sign_in", "any")
    path = f"/api/me/passkeys/{kept['id']}"
    wait_for(lambda: owner.ask("DELETE", path).ok, timeout=5, what="the rule to end")


def test_a_challenge_is_good_once_in_one_browser(shop, person):
    made = device(shop)
    added(person, made)
    browser, stranger = Person(shop), Person(shop)
    options = browser.call("POST", "/api/session/passkey/start")["options"]
    asked = {"credential": made.get(options)}
    assert stranger.refused("POST", "/api/session/passkey", asked) == "flow_not_valid"
    stranger.call("POST", "/api/session/passkey/start")
    assert stranger.refused("POST", "/api/session/passkey", asked) == "wrong_credentials"
    browser.call("POST", "/api/session/passkey", asked)
    assert browser.refused("POST", "/api/session/passkey", asked) == "flow_not_valid"


def test_a_question_for_one_purpose_answers_no_other(shop, person):
    made = device(shop)
    added(person, made)
    options = person.call("POST", "/api/me/passkeys/start")["options"]
    asked = {"credential": made.get(options)}
    assert person.refused("POST", "/api/session/prove/passkey", asked) == "flow_not_valid"
    assert person.refused("POST", "/api/session/passkey", asked) == "flow_not_valid"


def test_nonsense_is_refused_and_nothing_breaks(shop, person):
    for nonsense in ({}, {"rawId": 7}, {"rawId": "!"}, {"id": "x", "rawId": "AAAA"}):
        person.call("POST", "/api/me/passkeys/start")
        asked = {"credential": nonsense, "name": "x"}
        assert person.refused("POST", "/api/me/passkeys", asked) == "wrong_credentials"
        browser = Person(shop)
        browser.call("POST", "/api/session/passkey/start")
        asked = {"credential": nonsense}
        assert browser.refused("POST", "/api/session/passkey", asked) == "wrong_credentials"


def test_20_a_domain_signs_in_by_its_service_not_by_a_passkey(shop):
    account = shop.cli("account", "create", "keyed domain")["id"]
    member = invited(shop, account, "member@keyed.example")
    made = device(shop)
    added(member, made)
    signs_in(shop, made)
    with OpenIdProvider() as partner:
        add(shop, "keyed", partner, mail_domains="keyed.example")
        try:
            browser, answer = signs_in(shop, made, status=403)
            assert answer["error"]["code"] == "use_other_service"
            assert browser.refused("GET", "/api/session") == "not_signed_in"
        finally:
            shop.cli("identity", "disable", "keyed")
    signs_in(shop, made)


def test_at_most_twenty_are_kept(shop, person):
    for number in range(20):
        added(person, device(shop), f"number {number}")
    assert person.refused("POST", "/api/me/passkeys/start") == "too_many_passkeys"


def test_where_the_address_is_a_number_there_are_none(gateway):
    assert not Person(gateway).call("GET", "/api/site")["has_passkeys"]
    assert Person(gateway).refused("POST", "/api/session/passkey/start") == "passkeys_unavailable"
