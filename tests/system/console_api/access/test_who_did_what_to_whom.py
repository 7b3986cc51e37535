"""What anybody does to another is in the audit log, by an id alone where it is a customer."""

import json

import pytest

from tests.system.console_api.person import PASSWORD, Person, invited
from yiyuan.api.console.registry import ROUTES

EMAIL = "team-owner@example.com"


def user_id(person: Person) -> str:
    return person.call("GET", "/api/session")["user"]["id"]


def actions(owner: Person, actor: str) -> list[dict]:
    return owner.call("GET", f"/api/operator/audit?limit=100&actor={actor}")["items"]


@pytest.fixture(scope="module")
def team(shop):
    """An account of two customers, of whom the first owns it."""
    account = shop.cli("account", "create", "audited", "--balance", "1000")["id"]
    return invited(shop, account, EMAIL), invited(shop, account, "team-other@example.com")


def test_what_an_accounts_owner_does_to_others_is_noted(shop, owner, team):
    mine, other = team
    here, theirs = f"/api/accounts/{mine.account}", user_id(other)
    invitation = {"email": "asked@example.com", "role": "viewer"}
    mine.call("POST", f"{here}/invite", invitation)
    (link,) = mine.call("GET", f"{here}/invitations")["items"]
    mine.call("DELETE", f"{here}/invitations/{link['id']}", {})
    mine.call("PATCH", f"{here}/members/{theirs}", {"role": "developer"})
    mine.call("PUT", f"{here}/members/{theirs}/budgets", {"day": 500})
    token = other.call("POST", f"{here}/tokens", {"name": "theirs"})["id"]
    mine.call("PATCH", f"{here}/tokens/{token}", {"name": "renamed"})
    mine.call("POST", f"{here}/tokens/{token}/rotate", {})
    mine.call("DELETE", f"{here}/members/{theirs}", {})
    found = {entry["action"]: entry for entry in actions(owner, EMAIL)}
    assert {
        "members.invite": mine.account,
        "members.revoke_invitation": link["id"],
        "members.change_member": theirs,
        "members.set_budgets": theirs,
        "members.remove_member": theirs,
        "tokens.change": token,
        "tokens.rotate": token,
    }.items() <= {action: entry["subject"] for action, entry in found.items()}.items()
    entry = found["members.remove_member"]
    assert entry["actor"] == user_id(mine)
    assert entry["actor_name"] == EMAIL
    assert entry["subject_name"] == "team-other@example.com"
    assert entry["address"] == "127.0.0.1"
    assert found["members.change_member"]["details"]["asked"] == {"role": "developer"}
    assert found["members.invite"]["details"]["asked"]["role"] == "viewer"
    stored = json.dumps([tuple(row) for row in shop.rows("SELECT * FROM audit_log")])
    for email in (EMAIL, "team-other@example.com", "asked@example.com"):
        assert email not in stored


def test_what_somebody_does_to_their_own_tokens_is_nobodys(owner, team):
    mine = team[0]
    here = f"/api/accounts/{mine.account}"
    before = len(actions(owner, EMAIL))
    token = mine.call("POST", f"{here}/tokens", {"name": "own"})["id"]
    mine.call("DELETE", f"{here}/tokens/{token}", {})
    assert len(actions(owner, EMAIL)) == before


def test_who_joined_and_went_is_in_the_log_without_a_name(shop, owner):
    account = shop.cli("account", "create", "left", "--balance", "1000")["id"]
    invited(shop, account, "stays@example.com")
    goes = invited(shop, account, "goes@example.com")
    theirs = user_id(goes)
    assert actions(owner, "goes@example.com")[0]["actor_name"] == "goes@example.com"
    goes.call("POST", "/api/me/password", {"old": PASSWORD, "new": f"{PASSWORD} anew"})
    goes.call("POST", "/api/me/delete", {"password": f"{PASSWORD} anew"})
    found = actions(owner, theirs)
    assert [entry["action"] for entry in found] == [
        "privacy.delete",
        "me.change_password",
        "session.join",
    ]
    assert {entry["actor_name"] for entry in found} == {""}
    assert actions(owner, "goes@example.com") == []
    assert "goes@example.com" not in str(
        [tuple(row) for row in shop.rows("SELECT * FROM audit_log")]
    )


def test_a_route_about_people_is_one_that_is_noted():
    """A new one that names a member or a link says so, or this fails."""
    for route in ROUTES:
        names_somebody = {"user", "link"} & set(route.places) or route.path.endswith("/invite")
        if route.access.who == "member" and route.method != "GET":
            assert route.is_about_people == bool(names_somebody), route.name
