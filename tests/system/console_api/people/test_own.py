"""What people do for themselves: further accounts, and a password from elsewhere."""

import threading

import bcrypt

from tests.support.identity.openid import OpenIdProvider
from tests.system.console_api.by_services import add
from tests.system.console_api.person import PASSWORD, written


def test_somebody_opens_further_accounts_without_a_second_gift(house):
    person = house.person("owns-many@mail.example")
    house.set(accounts_per_person=2)
    second = person.call("POST", "/api/me/accounts", {"name": "Second of many"})
    assert second["role"] == "owner"
    assert person.refused("POST", "/api/me/accounts", {"name": "Third"}) == "too_many_accounts"
    accounts = person.call("GET", "/api/session")["accounts"]
    assert [account["role"] for account in accounts] == ["owner", "owner"]
    path = f"/api/accounts/{second['id']}"
    assert person.call("GET", f"{path}/overview")["account"]["balance"] == 0
    assert house.balance("owns-many@mail.example") == 5_000_000, "one gift"
    person.call("POST", f"{path}/tokens", {"name": "of the second"})
    house.set(accounts_per_person=3)
    assert person.refused("POST", "/api/me/accounts", {"name": second["name"]}) == "already_exists"
    house.gateway.verify()


def test_whose_account_others_share_may_open_as_many_of_their_own(house):
    owner, guest = house.person("shares@mail.example"), house.person("shared@mail.example")
    house.set(accounts_per_person=1)
    url = owner.call("POST", f"/api/accounts/{owner.account}/invite", {"role": "viewer"})["url"]
    guest.call("POST", "/api/join", {"link": url.partition("#")[2]})
    assert guest.refused("POST", "/api/me/accounts", {"name": "More"}) == "too_many_accounts"
    house.set(accounts_per_person=2)
    guest.call("POST", "/api/me/accounts", {"name": "More of the guest"})
    house.set(accounts_per_person=3)


def test_who_opens_many_at_once_gets_no_more_than_one_may(house):
    person = house.person("in-a-hurry@mail.example")
    for most in (3, 5):
        house.set(accounts_per_person=most)
        answers = []

        def open_one(number: int, most=most, answers=answers) -> None:
            asked = {"name": f"Hurry {most} {number}"}
            answers.append(person.ask("POST", "/api/me/accounts", asked))

        threads = [threading.Thread(target=open_one, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answer.status_code for answer in answers) == [200] * 2 + [409] * 10
        codes = {a.json()["error"]["code"] for a in answers if not a.ok}
        assert codes == {"too_many_accounts"}
        assert len(person.call("GET", "/api/session")["accounts"]) == most
    house.set(accounts_per_person=3)
    left = house.gateway.rows("SELECT name FROM accounts WHERE name LIKE 'Hurry%'")
    assert len(left) == 4, "none is left without an owner"
    assert house.gateway.rows("SELECT name FROM counters WHERE name LIKE 'opening %'") == []


def test_20_neither_a_login_name_nor_another_address_leads_past_a_domains_service(house):
    email = "employee@left.example"
    person, outside = house.person(email), house.person("outsider@mail.example")
    house.gateway.stop()
    written(house.gateway, f"UPDATE users SET login_name = 'employee' WHERE email = '{email}'")
    house.gateway.start()
    asked = {"email": "employee", "password": PASSWORD}
    house.stranger().call("POST", "/api/session", asked)
    start = "/api/me/email/start"
    moved = {"email": "employee@home.example", "password": PASSWORD}
    with OpenIdProvider() as partner:
        add(house.gateway, "left", partner, mail_domains="left.example", allows="sign_up")
        try:
            assert house.stranger().refused("POST", "/api/session", asked) == "use_other_service"
            wrong = asked | {"password": "not this one"}
            assert house.stranger().refused("POST", "/api/session", wrong) == "wrong_credentials"
            assert person.refused("POST", start, moved) == "use_other_service"
            into = {"email": "new@left.example", "password": PASSWORD}
            assert outside.refused("POST", start, into) == "use_other_service"
        finally:
            house.gateway.cli("identity", "disable", "left")


def test_24_a_password_of_bcrypt_signs_in_once_and_is_argon2id_then(house):
    email, old, long = "came-along@mail.example", "words of the old gateway", "x" * 72
    other = "came-long@mail.example"
    house.person(email)
    house.person(other)
    house.gateway.stop()
    for person, password in ((email, old), (other, long)):
        kept = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
        kept = kept.replace("$2b$", "$2y$", 1)
        written(
            house.gateway, f"UPDATE users SET password_hash = '{kept}' WHERE email = '{person}'"
        )
    house.gateway.start()
    for person, wrong in ((email, "other words"), (other, long + "y"), (other, long[:-1])):
        asked = {"email": person, "password": wrong}
        assert house.stranger().refused("POST", "/api/session", asked) == "wrong_credentials"
    for person, password in ((email, old), (other, long)):
        house.stranger().call("POST", "/api/session", {"email": person, "password": password})
        (row,) = house.gateway.rows("SELECT password_hash FROM users WHERE email = ?", person)
        assert row["password_hash"].startswith("$argon2id$")
        house.stranger().call("POST", "/api/session", {"email": person, "password": password})
