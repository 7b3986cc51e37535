"""Teams: what each role may, budgets of members, and that an account always has an owner."""

import json
import threading
import time

import pytest

from tests.support import wire
from tests.support.gateway_process import Gateway
from tests.support.waiting import wait_for
from tests.system.console_api.person import Person, invited
from yiyuan.api.console.registry import ROUTES

ROLES = ("owner", "billing", "developer", "viewer")
BOOKS, PAYING, MAKING, OWNING = (
    {"owner", "billing", "viewer"}, {"owner", "billing"}, {"owner", "billing", "developer"},
    {"owner"},
)  # fmt: skip
RULES: tuple[tuple[set[str], str], ...] = (
    (set(ROLES), "GET overview|models|usage|usage.csv|logs|logs.csv|logs/{request_id}"),
    (set(ROLES), "GET members|invitations|tokens"),
    (BOOKS, "GET statement|statement.csv|invoice|top-up|earlier-orders"),
    (BOOKS, "GET orders|orders.csv|orders/{order}|orders/{order}/receipt"),
    (BOOKS, "GET notices/sinks|notices/threshold|notices/deliveries"),
    (MAKING, "POST tokens|tokens/{api_token}/rotate|playground-key"),
    (MAKING, "PATCH tokens/{api_token}"),
    (MAKING, "DELETE tokens/{api_token}"),
    (PAYING, "POST redeem|orders|orders/{order}/cancel|orders/{order}/check"),
    (PAYING, "POST orders/{order}/invoice"),
    (PAYING, "POST notices/sinks"),
    (PAYING, "POST notices/sinks/{sink}/code|notices/sinks/{sink}/confirm"),
    (PAYING, "POST notices/sinks/{sink}/secret|notices/sinks/{sink}/test"),
    (PAYING, "PATCH notices/sinks/{sink}"),
    (PAYING, "DELETE notices/sinks/{sink}"),
    (PAYING, "PUT notices/threshold|members/{user}/budgets"),
    (OWNING, "POST invite"),
    (OWNING, "PATCH members/{user}"),
    (OWNING, "DELETE members/{user}|invitations/{link}"),
)  # fmt: skip
"""Who may what, written a second time, from the words of the documentation."""
MAY = {
    (rule.split(" ")[0], rest): roles
    for roles, rule in RULES
    for rest in rule.split(" ")[1].split("|")
}


@pytest.fixture(scope="module")
def team(house) -> dict[str, Person]:
    """One account and a member of each role."""
    account = house.gateway.cli("account", "create", "team", "--balance", "50000000")["id"]
    owner = invited(house.gateway, account, "team-owner@mail.example")
    members = {"owner": owner}
    for role in ROLES[1:]:
        body = {"email": f"team-{role}@mail.example", "role": role, "sends_mail": True}
        owner.call("POST", f"/api/accounts/{account}/invite", body)
        link = house.mail.wait_for(body["email"]).secret
        person = Person(house.gateway)
        asked = {"link": link, "email": body["email"], "password": "correct horse battery"}
        members[role] = person.entered(person.call("POST", "/api/join", asked))
    return members


def path(person: Person, rest: str) -> str:
    return f"/api/accounts/{person.account}/{rest}"


def user_id(person: Person) -> str:
    return person.call("GET", "/api/session")["user"]["id"]


def test_26_every_route_of_an_account_has_its_rule():
    prefix = "/api/accounts/{account}/"
    routes = {
        (route.method, route.path.removeprefix(prefix))
        for route in ROUTES
        if route.access.who == "member"
    }
    assert routes == set(MAY)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "rest"), MAY)
def test_26_each_role_may_what_it_should(team, role, method, rest):
    places = dict.fromkeys(("request_id", "order", "api_token", "sink", "user", "link"), "none")
    answer = team[role].ask(method, path(team[role], rest.format(**places)), {})
    code = "" if answer.ok else answer.json()["error"]["code"]
    assert answer.status_code < 500
    assert (code != "not_allowed") == (role in MAY[method, rest]), (role, rest, answer.text)


def test_the_session_says_what_one_is(team):
    for role, person in team.items():
        (account,) = person.call("GET", "/api/session")["accounts"]
        assert account["role"] == role


@pytest.mark.parametrize("role", ["developer", "billing"])
def test_26_who_makes_tokens_sees_and_touches_own_ones_only(house, team, role):
    owner, developer = team["owner"], team[role]
    theirs = owner.call("POST", path(owner, "tokens"), {"name": f"owners {role}"})
    mine = developer.call("POST", path(developer, "tokens"), {"name": f"mine {role}"})
    names = {t["name"] for t in developer.call("GET", path(developer, "tokens"))["items"]}
    assert f"mine {role}" in names
    assert f"owners {role}" not in names
    asked = [chat(house, key).request_id for key in (theirs["key"], mine["key"])]
    house.gateway.settle_down()
    for person, wanted in ((owner, asked), (developer, asked[1:])):
        logged = str(person.call("GET", path(person, "logs")))
        assert [found for found in asked if found in logged] == wanted
    seen = developer.ask("GET", path(developer, f"logs/{asked[0]}"))
    assert (seen.status_code, seen.json()["error"]["code"]) == (404, "not_found")
    assert asked[0] not in developer.ask("GET", path(developer, "logs.csv")).text
    for method, rest, body in (
        ("PATCH", f"tokens/{theirs['id']}", {"name": "taken"}),
        ("DELETE", f"tokens/{theirs['id']}", {}),
        ("POST", f"tokens/{theirs['id']}/rotate", {}),
    ):
        assert developer.refused(method, path(developer, rest), body) == "not_found"
    assert owner.call("PATCH", path(owner, f"tokens/{mine['id']}"), {"name": f"seen {role}"})


def chat(house, key: str, **changes) -> wire.Answer:
    body = {"model": "gpt-4", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 10}
    return wire.call(
        house.gateway.origin, "POST", "/v1/chat/completions", {**body, **changes}, key=key
    )


def test_27_two_tokens_of_a_member_share_a_budget_that_parallel_requests_never_pass(house, team):
    owner, developer = team["owner"], team["developer"]
    keys = [
        developer.call("POST", path(developer, "tokens"), {"name": f"shared{n}"})["key"]
        for n in range(2)
    ]
    limit = 3_000
    member = user_id(developer)
    owner.call("PUT", path(owner, f"members/{member}/budgets"), {"total": limit})
    time.sleep(1.2)
    statuses: list[int] = []

    def ask(number: int) -> None:
        statuses.append(chat(house, keys[number % 2]).status)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {200, 402}
    assert 402 in statuses
    members = owner.call("GET", path(owner, "members"))["items"]
    (shown,) = [m for m in members if m["user_id"] == member]
    (budget,) = shown["budgets"]
    assert 0 < budget["spent"] <= limit
    refused = chat(house, keys[0], max_tokens=1000)
    assert refused.status == 402
    error = json.loads(refused.body)["error"]
    assert error["code"] == "token_budget_exceeded"
    assert error["budget"] == {"period": "total", "model": None, "of": "member"}
    assert error["message"].startswith(
        "Insufficient balance: your budget as a member of this account"
    )
    house.gateway.settle_down()
    owner.call("PUT", path(owner, f"members/{member}/budgets"), {"total": None})


@pytest.fixture
def nodes(house, engine, cli):
    """The gateway, and a second node where the database has room for one."""
    if engine == "sqlite":
        yield [house.gateway.origin]
        return
    environment = {"YIYUAN_DATABASE_URL": house.gateway.environment["YIYUAN_DATABASE_URL"]}
    key = (house.gateway.home / "secret.key").read_text().strip()
    home = house.gateway.home.with_name("second-of-teams")
    with Gateway(home, cli, YIYUAN_SECRET_KEY=key, **environment) as other:
        other.start()
        yield [house.gateway.origin, other.origin]
        other.stop()


def test_28_the_tokens_of_a_removed_member_end_within_a_second(house, team, nodes):
    """On every node, also one that has answered with the token a moment ago."""
    owner = team["owner"]
    guest = Person(house.gateway)
    url = owner.call("POST", path(owner, "invite"), {"role": "developer"})["url"]
    asked = {
        "link": url.partition("#")[2],
        "email": "guest@mail.example",
        "password": "correct horse battery",
    }
    guest.entered(guest.call("POST", "/api/join", asked))
    key = guest.call("POST", path(guest, "tokens"), {"name": "guests"})["key"]

    def statuses() -> set[int]:
        return {wire.call(node, "GET", "/v1/models", key=key).status for node in nodes}

    assert chat(house, key).status == 200
    assert statuses() == {200}
    owner.call("DELETE", path(owner, f"members/{user_id(guest)}"), {})
    wait_for(lambda: statuses() == {401}, timeout=1.5, what="401 on every node")
    assert chat(house, key).status == 401
    assert guest.refused("GET", path(guest, "overview")) == "not_found"


def test_29_the_last_owner_stays_one(house, team):
    owner = team["owner"]
    mine = path(owner, f"members/{user_id(owner)}")
    assert owner.refused("PATCH", mine, {"role": "viewer"}) == "not_allowed"
    assert owner.refused("DELETE", mine, {}) == "not_allowed"


def test_29_two_owners_who_demote_each_other_leave_one(house):
    account = house.gateway.cli("account", "create", "duel", "--balance", "1")["id"]
    duel = [invited(house.gateway, account, f"duel{n}@mail.example") for n in range(2)]
    ids = [user_id(person) for person in duel]
    for _ in range(5):
        threads = [
            threading.Thread(
                target=duel[n].ask,
                args=("PATCH", path(duel[n], f"members/{ids[1 - n]}"), {"role": "viewer"}),
            )
            for n in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rows = house.gateway.rows(
            "SELECT user_id FROM members WHERE account_id = ? AND role = 'owner'", account
        )
        assert len(rows) == 1
        left = duel[ids.index(rows[0]["user_id"])]
        other = ids[1 - ids.index(rows[0]["user_id"])]
        left.call("PATCH", path(left, f"members/{other}"), {"role": "owner"})


def test_ownership_is_handed_over(house):
    account = house.gateway.cli("account", "create", "handed", "--balance", "1")["id"]
    old = invited(house.gateway, account, "old-owner@mail.example")
    url = old.call("POST", path(old, "invite"), {"role": "viewer"})["url"]
    new = Person(house.gateway)
    asked = {
        "link": url.partition("#")[2],
        "email": "new-owner@mail.example",
        "password": "correct horse battery",
    }
    new.entered(new.call("POST", "/api/join", asked))
    old.call("PATCH", path(old, f"members/{user_id(new)}"), {"role": "owner"})
    new.call("PATCH", path(new, f"members/{user_id(old)}"), {"role": "viewer"})
    assert old.refused("POST", path(old, "invite"), {}) == "not_allowed"


def test_30_an_invitation_to_one_account_never_opens_another(house, team):
    account = house.gateway.cli("account", "create", "other-team", "--balance", "1")["id"]
    other = invited(house.gateway, account, "other-team@mail.example")
    url = team["owner"].call("POST", path(team["owner"], "invite"), {"role": "viewer"})["url"]
    guest = Person(house.gateway)
    asked = {
        "link": url.partition("#")[2],
        "email": "one-team@mail.example",
        "password": "correct horse battery",
    }
    guest.entered(guest.call("POST", "/api/join", asked))
    assert guest.account == team["owner"].account
    assert guest.refused("GET", f"/api/accounts/{other.account}/overview") == "not_found"
