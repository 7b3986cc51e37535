"""Role × route × method, made of the route table: who may, who may not, and what they hear.

The expectation is written here a second time, from the words of the rules. Permitted
calls are sent with nothing in them: what counts is that permission is not what they
fail for.
"""

import msgspec
import pytest

from tests.system.console_api.person import Person, invited, operator
from yiyuan.api.console.registry import ROUTES
from yiyuan.api.console.route import ROLES

NO_PERMISSION = {"not_signed_in", "not_allowed"}
# Using these would change who the visitors of the other rows are.
USED_BY_THEMSELVES = {
    "session.end_session",
    "me.end_other_sessions",
    "operators.change_role",
    "members.remove_member",
}


@pytest.fixture(scope="module")
def accounts(shop):
    """Two accounts of two customers."""
    return [shop.cli("account", "create", f"matrix-{name}", "--balance", "1000") for name in "ab"]


@pytest.fixture(scope="module")
def visitors(shop, owner, accounts):
    """Everybody who may come along."""
    everybody = {
        "nobody": Person(shop),
        "member": invited(shop, accounts[0]["id"], "matrix-a@example.com"),
        "stranger": invited(shop, accounts[1]["id"], "matrix-b@example.com"),
    }
    for role in ROLES:
        everybody[role] = operator(shop, f"matrix-{role}@example.com", role)
        asked = {"name": f"matrix {role}", "role": role}
        key = owner.call("POST", "/api/operator/management-keys", asked)["key"]
        everybody[f"key of {role}"] = Person(shop, key)
    return everybody


def expected(route, who: str) -> set[str]:
    """The codes of refusal that are right, empty if it is permitted."""
    access, is_key = route.access, who.startswith("key of ")
    role = who.removeprefix("key of ")
    if access.who == "anybody":
        return set()
    if who == "nobody":
        return {"not_signed_in"}
    if is_key and not access.takes_keys:
        return {"not_allowed"}
    if access.who == "person" or (access.who == "member" and who == "member"):
        return set()
    if role == "support" and access.spends:
        return {"not_allowed"}  # unless the owner allows it, which nobody did here
    if role in ROLES:
        return set() if role in access.roles else {"not_allowed"}
    return {"not_found"} if access.who == "member" else {"not_allowed"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_keeps_its_rule(route, visitors, accounts):
    path = route.path
    for place in route.places:
        value = accounts[0]["id"] if place == "account" else f"{place}_none"
        path = path.replace(f"{{{place}}}", value)
    for who, visitor in visitors.items():
        right = expected(route, who)
        if not right and route.name in USED_BY_THEMSELVES:
            continue
        answer = visitor.ask(route.method, path, {})
        code = "" if answer.ok else answer.json()["error"]["code"]
        assert answer.status_code < 500, (who, answer.text)
        if right:
            assert code in right, (who, answer.status_code, answer.text)
        else:
            assert code not in NO_PERMISSION or route.path in ("/api/session", "/api/setup"), (
                who,
                answer.text,
            )


def test_nothing_changes_by_get():
    """A writing handler behind GET would be open to every page of the web."""
    reading = ("show", "list", "download", "overview", "find")
    for route in ROUTES:
        verb = route.name.partition(".")[2]
        assert (route.method == "GET") == verb.startswith(reading) or route.method == "POST", (
            route.name
        )


def test_ids_of_others_do_not_exist(shop, visitors, accounts):
    """Under one's own account, with real ids of another's things: 404, and nothing changes."""
    member, stranger = visitors["member"], visitors["stranger"]
    theirs = f"/api/accounts/{accounts[1]['id']}"
    made = stranger.call("POST", f"{theirs}/tokens", {"name": "theirs"})
    user = stranger.call("GET", "/api/session")["user"]["id"]
    mine = f"/api/accounts/{accounts[0]['id']}"
    for method, path, body in (
        ("PATCH", f"{mine}/tokens/{made['id']}", {"name": "taken"}),
        ("DELETE", f"{mine}/tokens/{made['id']}", {}),
        ("POST", f"{mine}/tokens/{made['id']}/rotate", {}),
        ("DELETE", f"{mine}/members/{user}", {}),
        ("GET", f"{theirs}/tokens", None),
        ("PATCH", f"{theirs}/tokens/{made['id']}", {"name": "taken"}),
        ("GET", f"{theirs}/statement.csv", None),
    ):
        assert member.refused(method, path, body) == "not_found", (method, path)
    found = stranger.call("GET", f"{theirs}/tokens")["items"]
    assert [(token["name"], token["status"]) for token in found] == [("theirs", "active")]


def test_the_document_describes_every_route(shop, owner):
    document = owner.call("GET", "/api/openapi.json")
    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    assert described == {(route.method, route.path) for route in ROUTES}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)


def test_the_document_is_true_of_what_is_asked(shop, owner):
    """Which fields and bodies are needed, and which refusals there are."""
    document = owner.call("GET", "/api/openapi.json")
    for route in ROUTES:
        operation = document["paths"][route.path][route.method.lower()]
        said, query = operation["responses"], operation["parameters"]
        queries = {each["name"]: each["required"] for each in query if each["in"] == "query"}
        needed = {f.name for f in msgspec.structs.fields(route.asks) if f.required}
        if route.method == "GET":
            assert {name for name, is_needed in queries.items() if is_needed} == needed, route
            assert ("400" in said) == bool(queries), route
            assert "requestBody" not in operation
        else:
            assert {"400", "403", "413", "415"} <= said.keys(), route
            body = operation.get("requestBody")
            assert (body is not None and body["required"]) == bool(needed), route
        assert ("401" in said) == (route.access.who != "anybody"), route
        assert not route.places or "404" in said, route
        assert ("304" in said) == route.is_polled, route
        assert "default" in said


WRONG = {"limit": "many", "since": "yesterday", "until": "later", "by": "moon"}


def test_a_get_that_is_asked_amiss_is_the_400_that_the_document_names(shop, owner, accounts):
    document = owner.call("GET", "/api/openapi.json")
    seen = 0
    for path, methods in document["paths"].items():
        parameters = methods.get("get", {}).get("parameters", [])
        names = {each["name"] for each in parameters if each["in"] == "query"} & WRONG.keys()
        if {each["name"] for each in parameters if each["in"] == "path"} - {"account"}:
            continue
        for name in names:
            asked = f"{path.replace('{account}', accounts[0]['id'])}?{name}={WRONG[name]}"
            answer = owner.ask("GET", asked)
            assert answer.status_code == 400, (asked, answer.status_code, answer.text[:300])
            assert answer.json()["error"]["code"] == "invalid_argument", asked
            seen += 1
    assert seen > 15


def test_a_forged_host_opens_nothing(shop, visitors):
    for host in ("x/api/session", "127.0.0.1", "evil.example"):
        answer = visitors["nobody"].ask("GET", "/api/operator/home", Host=host)
        assert answer.status_code in (400, 401, 421)
