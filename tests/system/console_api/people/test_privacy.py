"""A person gets everything that is kept of them, and can go for good; the ledger stays right."""

from tests.system.console_api.person import PASSWORD, Person


def test_an_export_has_everything_and_no_secret(house):
    person = house.person("exported@mail.example")
    answer = person.ask("GET", "/api/me/export")
    kept = answer.json()["kept"]
    assert kept["person"][0]["email"] == "exported@mail.example"
    assert kept["accounts"][0]["role"] == "owner"
    assert kept["sessions"]
    for word in ("hash", "argon2", "sealed", person.http.cookies["yiyuan_session"]):
        assert word not in answer.text


def test_a_deleted_person_is_nowhere_and_the_ledger_is_right(house):
    email = "deleted@mail.example"
    person = house.person(email)
    account = person.account
    assert person.refused("POST", "/api/me/delete", {"password": "wrong"}) == "wrong_credentials"
    person.call("POST", "/api/me/delete", {"password": PASSWORD})
    assert person.refused("GET", "/api/session") == "not_signed_in"
    asked = {"email": email, "password": PASSWORD}
    assert Person(house.gateway).refused("POST", "/api/session", asked) == "wrong_credentials"
    for table in ("users", "sessions", "mail_codes", "one_time_links", "accounts", "members"):
        assert email not in str(house.gateway.rows(f"SELECT * FROM {table}")), table
    (row,) = house.gateway.rows("SELECT * FROM accounts WHERE id = ?", account)
    assert row["posted"] == 5_000_000
    assert row["suspended_at"] is not None
    house.gateway.verify()


def test_6_who_returns_gets_no_second_gift(house):
    email = "returns@mail.example"
    person = house.person(email)
    person.call("POST", "/api/me/delete", {"password": PASSWORD})
    house.person(email)
    assert house.balance(email) == 0


def test_an_account_that_others_use_needs_another_owner(house):
    owner = house.person("leaves@mail.example")
    path = f"/api/accounts/{owner.account}"
    url = owner.call("POST", f"{path}/invite", {"role": "viewer"})["url"]
    other = Person(house.gateway)
    asked = {"link": url.partition("#")[2], "email": "stays@mail.example", "password": PASSWORD}
    other.entered(other.call("POST", "/api/join", asked))
    assert owner.refused("POST", "/api/me/delete", {"password": PASSWORD}) == "not_allowed"
    user = other.call("GET", "/api/session")["user"]["id"]
    owner.call("PATCH", f"{path}/members/{user}", {"role": "owner"})
    owner.call("POST", "/api/me/delete", {"password": PASSWORD})
    assert other.call("GET", f"{path}/overview")


def test_the_invitations_of_who_has_gone_let_nobody_in(house):
    person = house.person("invites-and-goes@mail.example")
    path = f"/api/accounts/{person.account}/invite"
    link = person.call("POST", path, {"role": "owner"})["url"].partition("#")[2]
    person.call("POST", "/api/me/delete", {"password": PASSWORD})
    asked = {"link": link, "email": "too-late@mail.example", "password": PASSWORD}
    assert Person(house.gateway).refused("POST", "/api/join", asked) == "link_not_valid"
