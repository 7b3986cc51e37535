"""Coming in: links work once, guesses get slower, cookies are ours, writes come from us."""

import threading
import time

import pytest

from tests.support.gateway_process import Gateway
from tests.system.console_api.person import PASSWORD, Person, operator, printed_link
from yiyuan.auth.totp import STEP_SECONDS, code_at


def test_the_first_start_prints_a_link_that_makes_one_owner(tmp_path, cli):
    with Gateway(tmp_path / "home", cli) as gateway:
        gateway.start("--starter")
        link = printed_link(gateway)
        asked = {"link": link, "email": "Me@Example.com", "password": PASSWORD}
        browsers = [Person(gateway) for _ in range(6)]
        answers = []

        def use(browser, number):
            own = {**asked, "email": f"me{number}@example.com"}
            answers.append(browser.ask("POST", "/api/setup", own).status_code)

        threads = [
            threading.Thread(target=use, args=(browser, number))
            for number, browser in enumerate(browsers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert min(answers) == 200
        assert sorted(answers)[1:] == [401] * 5
        winner = next(b for b in browsers if b.http.cookies)
        session = winner.call("GET", "/api/session")
        assert session["user"]["role"] == "owner"
        assert [account["name"] for account in session["accounts"]] == ["starter"]
        assert winner.call("GET", "/api/site")["is_set_up"]
        # A second start has an operator, and prints no link.
        before = gateway.said().count("/console/setup#")
        gateway.stop()
        gateway.start()
        assert gateway.said().count("/console/setup#") == before


def test_an_older_operator_link_ends_with_the_next(shop, owner):
    first = shop.cli("operator", "link")["url"].partition("#")[2]
    second = shop.cli("operator", "link")["url"].partition("#")[2]
    browser = Person(shop)
    asked = {"email": "second@example.com", "password": PASSWORD}
    assert browser.refused("POST", "/api/setup", {"link": first, **asked}) == "link_not_valid"
    look = browser.call("POST", "/api/links/look", {"link": second})
    assert look["kind"] == "operator"
    browser.call("POST", "/api/setup", {"link": second, **asked})
    assert browser.refused("POST", "/api/setup", {"link": second, **asked}) == "link_not_valid"


def test_no_secret_is_in_the_database(shop, owner):
    link = (
        shop.cli("account", "create", "sealed") and shop.cli("account", "invite", "sealed")["url"]
    )
    secrets = [link.partition("#")[2], owner.http.cookies["yiyuan_session"], PASSWORD]
    code = shop.cli("codes", "create", "--value", "5", "--count", "1")["codes"][0]
    tables = ("users", "sessions", "one_time_links", "redeem_codes", "code_batches", "audit_log")
    stored = "".join(str(shop.rows(f"SELECT * FROM {table}")) for table in tables)
    for secret in [*secrets, code, code.replace("-", "")]:
        assert secret not in stored
    assert "$argon2id$" in stored


def test_a_cookie_is_for_us_alone(shop):
    person = Person(shop)
    shop.cli("operator", "create", "--email", "cookie@example.com", stdin=PASSWORD)
    asked = {"email": "cookie@example.com", "password": PASSWORD}
    answer = person.ask("POST", "/api/session", asked)
    line = answer.headers["set-cookie"]
    assert "HttpOnly" in line
    assert "SameSite=Lax" in line
    assert "cache-control" in answer.headers
    assert "access-control-allow-origin" not in answer.headers
    first = person.http.cookies["yiyuan_session"]
    person.call("POST", "/api/session", asked)
    assert person.http.cookies["yiyuan_session"] != first, "signing in changes the secret"
    person.http.cookies.clear()
    person.http.cookies.set("yiyuan_session", first)
    assert person.refused("GET", "/api/session") == "not_signed_in"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"origin": "https://evil.example"}, "wrong_origin"),
        ({"origin": "null"}, "wrong_origin"),
        ({"origin": ""}, "wrong_origin"),
        ({"sec_fetch_site": "cross-site"}, "wrong_origin"),
        ({"sec_fetch_site": "same-site"}, "wrong_origin"),
        ({"content_type": "text/plain"}, "json_only"),
        ({"content_type": "application/x-www-form-urlencoded"}, "json_only"),
    ],
)
def test_a_write_comes_from_our_own_pages(shop, owner, headers, code):
    assert owner.refused("POST", "/api/me/sessions/end-others", {}, **headers) == code
    assert owner.refused("POST", "/api/session", {}, **headers) == code


def test_unknown_fields_are_refused(shop, owner):
    for field in ("role", "operator_role", "id", "email", "password_hash", "totp_on"):
        answer = owner.refused("PATCH", "/api/me", {"language": "en", field: "owner"})
        assert answer == "invalid_argument", field


def test_guessing_gets_slower(shop, owner):
    shop.cli("operator", "create", "--email", "slow@example.com", stdin=PASSWORD)
    guesser = Person(shop)
    wrong = {"email": "slow@example.com", "password": "not this one"}
    codes = [guesser.refused("POST", "/api/session", wrong) for _ in range(8)]
    assert codes[:5] == ["wrong_credentials"] * 5
    assert "too_many_tries" in codes
    answer = guesser.ask("POST", "/api/session", {**wrong, "password": PASSWORD})
    assert answer.status_code == 429, "not even the right password, for a while"
    assert 1 <= int(answer.headers["retry-after"]) <= 900
    time.sleep(int(answer.headers["retry-after"]) + 0.5)
    guesser.call("POST", "/api/session", {**wrong, "password": PASSWORD})


def test_an_unknown_person_and_a_wrong_password_are_one_answer(tmp_path, cli):
    with Gateway(tmp_path / "home", cli) as gateway:
        gateway.start()
        operator(gateway, "known@example.com")
        answers = [
            Person(gateway)
            .ask("POST", "/api/session", {"email": email, "password": "no"})
            .json()["error"]
            for email in ("known@example.com", "unknown@example.com", "usr_x", "' OR 1=1 --")
        ]
        assert all(answer == answers[0] for answer in answers)


def test_weak_passwords_are_refused_and_do_not_use_the_link_up(shop):
    shop.cli("account", "create", "weak")
    link = shop.cli("account", "invite", "weak")["url"].partition("#")[2]
    for password in ("short", "password123", "aaaaaaaaaaaa", "x@example.com"):
        asked = {"link": link, "email": "x@example.com", "password": password}
        assert Person(shop).refused("POST", "/api/join", asked) == "weak_password"
    asked = {"link": link, "email": "x@example.com", "password": PASSWORD}
    Person(shop).call("POST", "/api/join", asked)


def test_an_authenticator_once_and_recovery_codes_once(shop):
    person = operator(shop, "totp@example.com")
    secret = person.call("POST", "/api/me/totp", {"password": PASSWORD})["secret"]
    now = int(time.time()) // STEP_SECONDS
    codes = person.call("POST", "/api/me/totp/confirm", {"code": code_at(secret, now - 1)})
    assert len(codes["recovery_codes"]) == 10
    credentials = {"email": "totp@example.com", "password": PASSWORD}
    browser = Person(shop)
    assert browser.refused("POST", "/api/session", credentials) == "totp_required"
    used = {**credentials, "totp": code_at(secret, now - 1)}
    assert browser.refused("POST", "/api/session", used) == "wrong_credentials", "a replay"
    fresh = {**credentials, "totp": code_at(secret, int(time.time()) // STEP_SECONDS)}
    browser.call("POST", "/api/session", fresh)
    assert Person(shop).refused("POST", "/api/session", fresh) == "wrong_credentials"
    recovery = {**credentials, "totp": codes["recovery_codes"][3].upper()}
    Person(shop).call("POST", "/api/session", recovery)
    assert Person(shop).refused("POST", "/api/session", recovery) == "wrong_credentials"


def test_sessions_are_listed_and_ended(shop):
    first = operator(shop, "devices@example.com")
    second = Person(shop)
    second.call("POST", "/api/session", {"email": "devices@example.com", "password": PASSWORD})
    sessions = first.call("GET", "/api/me/sessions")["items"]
    other = next(s["id"] for s in sessions if not s["is_current"])
    stranger = operator(shop, "stranger@example.com")
    assert stranger.refused("DELETE", f"/api/me/sessions/{other}") == "not_found"
    first.call("DELETE", f"/api/me/sessions/{other}")
    assert second.refused("GET", "/api/session") == "not_signed_in"
    first.call("DELETE", "/api/session")
    assert first.refused("GET", "/api/session") == "not_signed_in"


def test_an_api_token_is_no_key_here_and_a_session_none_of_the_api(shop, owner):
    customer = shop.customer()
    assert Person(shop, customer.key).refused("GET", "/api/session") == "not_signed_in"
    answer = owner.http.get(shop.origin + "/v1/models", timeout=30)
    assert answer.status_code == 401


def test_asking_without_a_code_forgives_no_guess_of_codes(tmp_path, cli):
    with Gateway(tmp_path / "home", cli) as gateway:
        person = operator(gateway.start(), "codes@example.com")
        secret = person.call("POST", "/api/me/totp", {"password": PASSWORD})["secret"]
        now = int(time.time()) // STEP_SECONDS
        person.call("POST", "/api/me/totp/confirm", {"code": code_at(secret, now)})
        credentials = {"email": "codes@example.com", "password": PASSWORD}
        guesser, codes = Person(gateway), []
        for _ in range(7):
            codes.append(guesser.refused("POST", "/api/session", credentials))
            guess = {**credentials, "totp": "000000"}
            codes.append(guesser.refused("POST", "/api/session", guess))
        assert codes[:10] == ["totp_required", "wrong_credentials"] * 5
        assert "too_many_tries" in codes[10:]
