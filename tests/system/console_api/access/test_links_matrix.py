"""Role × link × door: who may make a one-time link, and what it does in whoever's hands.

Written from the words of the rules: a link does one thing, to one person or account, and
nothing to whoever opens it beyond that. A new kind of link, a new route that makes one or
takes one, is missing here until it has its row.
"""

import itertools
from typing import get_args, get_type_hints

import msgspec
import pytest

from tests.support.catalogs import main_catalog
from tests.support.gateway_process import running_gateway
from tests.system.console_api.person import PASSWORD, Person, invited, operator
from yiyuan.api.console.registry import ROUTES
from yiyuan.api.console.route import MEMBER_ROLES, ROLES
from yiyuan.api.console.schemas import Url
from yiyuan.services.people.one_time_links import LinkView

OTHER = "entirely different words"
TARGET = "links-target@example.com"
PEOPLE = ("stranger", *(f"account's {role}" for role in MEMBER_ROLES), *ROLES)
KEYS = tuple(f"key of {role}" for role in ROLES)
VISITORS = ("nobody", *PEOPLE, *KEYS)
MAKERS = {
    "invite": ("POST /api/accounts/{account}/invite", {"account's owner", "owner", "key of owner"}),
    "operator": ("POST /api/operator/operators/invite", {"owner"}),
    "reset": ("POST /api/operator/operators/{user}/reset", {"owner"}),
}
"""Which route makes it, and who may; support only where the owner allows it (elsewhere)."""
NO_ONE_TIME_LINK = {"POST /api/me/identities/{service}"}
"""Answers an address of a partner's, to go to."""
DOORS = {"POST /api/join": {"invite", "reset"}, "POST /api/setup": {"operator"}}
LOOKS = "POST /api/links/look"
BY_MAIL = {
    "POST /api/sign-up/finish",
    "POST /api/reset/finish",
    "POST /api/me/email/finish",
    "POST /api/email/undo",
    "POST /api/sign-in/continue/email/prove",
}
"""These take links of mails, which are rows of another table: people/ tries them."""


ADDRESSES = itertools.count()


@pytest.fixture(scope="module")
def shop(upstream, cli, tmp_path_factory):
    """A gateway behind a proxy, so that each row comes from somewhere else."""
    home = tmp_path_factory.mktemp("links") / "home"
    proxies = {"YIYUAN_TRUSTED_PROXIES": "127.0.0.1/32"}
    with running_gateway(home, cli, main_catalog(upstream), **proxies) as running:
        yield running


@pytest.fixture(scope="module")
def owner(shop):
    return operator(shop, "owner@example.com")


@pytest.fixture(scope="module")
def house(shop, owner):
    """An account with a member of each role, operators, keys, and who shall be reset."""
    account = shop.cli("account", "create", "linked", "--balance", "1000")["id"]
    shop.cli("account", "create", "linked-away", "--balance", "1000")
    shop.cli("account", "create", "linked-to", "--balance", "1000")
    for role in MEMBER_ROLES:
        asked = {"role": role}
        link = secret_of(owner.call("POST", f"/api/accounts/{account}/invite", asked))
        asked = {"link": link, "email": email_of(f"account's {role}"), "password": PASSWORD}
        Person(shop).call("POST", "/api/join", asked)
    invited(shop, "linked-away", email_of("stranger"))
    invited(shop, "linked-away", TARGET)
    keys = {}
    for role in ROLES:
        operator(shop, email_of(role), role)
        asked = {"name": f"links {role}", "role": role}
        keys[f"key of {role}"] = owner.call("POST", "/api/operator/management-keys", asked)["key"]
    return account, keys


def email_of(who: str) -> str:
    return f"links-{who.replace(chr(39), '').replace(' ', '-')}@example.com"


def secret_of(document: dict) -> str:
    return document["url"].partition("#")[2]


def visitor(shop, house, who: str) -> Person:
    """A browser of its own, signed in just now; or a script. Wrong doors count by address."""
    person = Person(shop, house[1].get(who))
    n = next(ADDRESSES)
    person.http.headers["x-forwarded-for"] = f"100.64.{n // 250}.{n % 250 + 1}"
    if who in KEYS:
        return person
    if who != "nobody":
        person.call("POST", "/api/session", {"email": email_of(who), "password": PASSWORD})
    return person


def made_by_the_machine(shop, kind: str) -> str:
    command = {
        "invite": ("account", "invite", "linked-to"),
        "operator": ("operator", "link"),
        "reset": ("person", "reset", TARGET),
    }[kind]
    return secret_of(shop.cli(*command))


def people(shop) -> dict[str, tuple]:
    """Everything about everybody that a link could change."""
    members: dict[str, set] = {}
    for row in shop.rows("SELECT user_id, account_id, role FROM members"):
        members.setdefault(row["user_id"], set()).add((row["account_id"], row["role"]))
    sql = "SELECT id, email, password_hash, operator_role, totp_on FROM users"
    return {
        row["email"]: (*list(row.values())[1:], members.get(row["id"], set()))
        for row in shop.rows(sql)
    }


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("who", VISITORS)
def test_who_may_make_a_link(shop, house, owner, kind, who):
    route, may = MAKERS[kind]
    method, path = route.split(" ")
    target = shop.rows("SELECT id FROM users WHERE email = ?", TARGET)[0]["id"]
    path = path.replace("{account}", house[0]).replace("{user}", target)
    asked = {"role": "readonly"} if kind == "operator" else {}
    sql = "SELECT count(*) AS n FROM one_time_links WHERE used_at IS NULL"
    before = shop.rows(sql)[0]["n"]
    answer = visitor(shop, house, who).ask(method, path, asked)
    if who in may:
        assert answer.ok, answer.text
        look = Person(shop).call("POST", "/api/links/look", {"link": secret_of(answer.json())})
        assert look["kind"] == kind
    else:
        code = answer.json()["error"]["code"]
        assert code in {"not_signed_in", "not_allowed", "not_found"}, (who, answer.text)
        assert shop.rows(sql)[0]["n"] == before


@pytest.mark.parametrize(("kind", "door"), [*itertools.product(MAKERS, DOORS)])
@pytest.mark.parametrize("who", VISITORS)
def test_what_a_link_does_in_whoevers_hands(shop, house, kind, door, who):
    browser, link = visitor(shop, house, who), made_by_the_machine(shop, kind)
    method, path = door.split(" ")
    asked = {"link": link, "password": OTHER}
    new = f"links-{kind}-by-{VISITORS.index(who)}@example.com"
    if path == "/api/setup":
        asked["email"] = new
    before = people(shop)
    answer = browser.ask(method, path, asked)
    after = people(shop)
    code = "" if answer.ok else answer.json()["error"]["code"]
    changed = {email for email in after if after[email] != before.get(email)}
    assert before.keys() <= after.keys()
    if kind not in DOORS[door]:
        assert (code, changed) == ("link_not_valid", set())
    elif kind == "operator":
        assert (code, changed) == ("", {new}), "a new owner; whoever opened it stays who they are"
        assert after[new][2] == "owner"
    elif kind == "reset":
        assert (code, changed) == ("", {TARGET})
        assert after[TARGET][2:] == before[TARGET][2:], "the password alone"
        assert answer.json()["user"]["email"] == TARGET
    elif who in PEOPLE:
        mine = email_of(who)
        assert (code, changed) == ("", {mine})
        assert after[mine][:4] == before[mine][:4], "a member more, and nothing else"
    else:
        assert (code, changed) == ("invalid_argument", set()), "nobody is signed in, or named"
    used = {"invite": who in PEOPLE}.get(kind, True) and kind in DOORS[door]
    look = visitor(shop, house, "nobody").ask("POST", "/api/links/look", {"link": link})
    assert look.ok == (not used)


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("who", VISITORS)
def test_looking_changes_nothing_and_is_for_whoever_has_the_link(shop, house, kind, who):
    link, before = made_by_the_machine(shop, kind), people(shop)
    browser = visitor(shop, house, who)
    for _ in range(2):
        assert browser.call("POST", "/api/links/look", {"link": link})["kind"] == kind
    assert people(shop) == before


def test_every_kind_of_link_and_every_route_of_one_has_its_row():
    """A new one fails here, unasked."""
    assert set(get_args(get_type_hints(LinkView)["kind"])) == MAKERS.keys()
    named = {f"{route.method} {route.path}": route for route in ROUTES}
    making = {name for name, route in named.items() if route.answers is Url}
    assert making == {route for route, _ in MAKERS.values()} | NO_ONE_TIME_LINK
    taking = {
        name
        for name, route in named.items()
        if route.method != "GET"
        and "link" in {field.name for field in msgspec.structs.fields(route.asks)}
    }
    assert taking == DOORS.keys() | {LOOKS} | BY_MAIL
    assert set().union(*DOORS.values()) == MAKERS.keys()
