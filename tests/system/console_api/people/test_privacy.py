"""A person gets everything that is kept of them, and can go for good; the ledger stays right."""

from tests.system.console_api.person import PASSWORD, Person


def tables(gateway) -> list[str]:
    """Every table of the database that there is."""
    if "YIYUAN_DATABASE_URL" in gateway.environment:
        sql = "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()"
    else:
        sql = "SELECT name FROM sqlite_master WHERE type = 'table'"
    return [row["name"] for row in gateway.rows(sql)]


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
    place = {"kind": "email", "fields": {"address": email}}
    person.call("POST", f"/api/accounts/{account}/notices/sinks", place)
    asked = {"email": email, "password": PASSWORD}
    house.stranger("203.0.113.77").call("POST", "/api/session", asked)
    assert person.refused("POST", "/api/me/delete", {"password": "wrong"}) == "wrong_credentials"
    person.call("POST", "/api/me/delete", {"password": PASSWORD})
    assert person.refused("GET", "/api/session") == "not_signed_in"
    asked = {"email": email, "password": PASSWORD}
    assert Person(house.gateway).refused("POST", "/api/session", asked) == "wrong_credentials"
    looked_at = tables(house.gateway)
    assert {"users", "notices", "notice_sinks", "audit_log", "known_places"} <= set(looked_at)
    found = [
        table
        for table in looked_at
        if email in str([tuple(row) for row in house.gateway.rows(f"SELECT * FROM {table}")])
    ]
    assert found == []
    (row,) = house.gateway.rows("SELECT * FROM accounts WHERE id = ?", account)
    assert row["posted"] == 5_000_000
    assert row["suspended_at"] is not None
    house.gateway.verify()


def test_who_is_deleted_is_told_nothing_more(house):
    """Their mailbox goes wherever they set it up; what is others' stays."""
    owner = house.person("stays-told@mail.example")
    path = f"/api/accounts/{owner.account}"
    url = owner.call("POST", f"{path}/invite", {"role": "owner"})["url"]
    leaver = Person(house.gateway)
    email = "told-no-more@mail.example"
    asked = {"link": url.partition("#")[2], "email": email, "password": PASSWORD}
    leaver.entered(leaver.call("POST", "/api/join", asked))
    theirs = {"kind": "email", "fields": {"address": email}}
    hook = {"kind": "webhook", "fields": {"url": "https://hooks.example/a"}}
    for account, place in ((owner.account, theirs), (owner.account, hook)):
        leaver.call("POST", f"/api/accounts/{account}/notices/sinks", place)
    mine = {"kind": "email", "fields": {"address": "stays-told@mail.example"}}
    owner.call("POST", f"{path}/notices/sinks", mine)
    alone = house.person("alone-told@mail.example")
    alone.call("POST", f"/api/accounts/{alone.account}/notices/sinks", hook)
    leaver.call("POST", "/api/me/delete", {"password": PASSWORD})
    alone.call("POST", "/api/me/delete", {"password": PASSWORD})
    sql = "SELECT kind FROM notice_sinks WHERE account_id = ? ORDER BY kind"
    kinds = [row["kind"] for row in house.gateway.rows(sql, owner.account)]
    assert kinds == ["email", "webhook"]
    assert house.gateway.rows(sql, alone.account) == []


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
