"""An invitation never touches somebody who exists; a reset is for one person; roles end whole."""

import threading
import time

import pytest

from tests.support import wire
from tests.support.gateway_process import CommandFailed, Gateway
from tests.support.waiting import wait_for
from tests.system.console_api.person import PASSWORD, Person, invited, operator, written
from yiyuan.auth.totp import code_at

OTHER = "entirely different words"


def secret_of(document) -> str:
    return document["url"].partition("#")[2]


def invitation(shop, account: str, email: str | None = None) -> str:
    more = ["--email", email] if email else []
    return secret_of(shop.cli("account", "invite", account, *more))


def status_of(shop, key: str) -> int:
    return wire.call(shop.origin, "GET", "/v1/models", key=key).status


@pytest.fixture(scope="module")
def account(shop):
    return shop.cli("account", "create", "whom", "--balance", "1000")


@pytest.fixture(scope="module")
def with_authenticator(shop, account):
    """A member who uses an authenticator, its secret, and the codes for a lost one."""
    member = invited(shop, account["id"], "careful@example.com")
    secret = member.call("POST", "/api/me/totp", {"password": PASSWORD})["secret"]
    now = int(time.time())
    codes = member.call("POST", "/api/me/totp/confirm", {"code": code_at(secret, now // 30 - 1)})
    return member, secret, codes["recovery_codes"]


@pytest.fixture(scope="module")
def makers(shop, owner, account, with_authenticator):
    """Everybody who can make an invitation to the account, as far as the owner allows it."""
    owner.call("PUT", "/api/operator/settings/support_may_spend", {"value": True})
    invited(shop, account["id"], "plain@example.com")
    asked = {"name": "inviter", "role": "owner"}
    return {
        "machine": None,
        "member": with_authenticator[0],
        "support": operator(shop, "inviter@example.com", "support"),
        "key": Person(shop, owner.call("POST", "/api/operator/management-keys", asked)["key"]),
    }


@pytest.mark.parametrize("email", ["owner@example.com", "careful@example.com", "plain@example.com"])
@pytest.mark.parametrize("maker", ["machine", "member", "support", "key"])
def test_no_invitation_changes_somebody_who_exists(shop, account, makers, maker, email):
    if makers[maker] is None:
        link = invitation(shop, account["id"])
    else:
        path = f"/api/accounts/{account['id']}/invite"
        link = secret_of(makers[maker].call("POST", path, {}))
    before = shop.rows("SELECT * FROM users WHERE email = ?", email)
    stranger = Person(shop)
    asked = {"link": link, "email": email, "password": OTHER}
    assert stranger.refused("POST", "/api/join", asked) == "wrong_credentials"
    assert stranger.refused("GET", "/api/session") == "not_signed_in"
    after = shop.rows("SELECT * FROM users WHERE email = ?", email)
    same = ("id", "password_hash", "operator_role", "totp_sealed", "totp_on")
    assert [[row[name] for name in same] for row in after] == [
        [row[name] for name in same] for row in before
    ]
    assert stranger.call("POST", "/api/links/look", {"link": link})["kind"] == "invite"


def test_somebody_who_is_here_joins_by_their_own_password_and_code(
    shop, account, with_authenticator
):
    _, _, codes = with_authenticator
    link = invitation(shop, shop.cli("account", "create", "second-home")["id"])
    browser = Person(shop)
    asked = {"link": link, "email": "careful@example.com", "password": PASSWORD}
    assert browser.refused("POST", "/api/join", asked) == "totp_required"
    asked["totp"] = codes[0]
    session = browser.call("POST", "/api/join", asked)
    assert "second-home" in {found["name"] for found in session["accounts"]}
    assert session["user"]["has_totp"], "nothing was reset"


def test_whoever_is_signed_in_joins_as_themselves(shop, account):
    member = invited(shop, account["id"], "roams@example.com")
    link = invitation(shop, shop.cli("account", "create", "third-home")["id"])
    before = member.http.cookies["yiyuan_session"]
    session = member.call("POST", "/api/join", {"link": link})
    assert {"whom", "third-home"} == {found["name"] for found in session["accounts"]}
    assert member.http.cookies["yiyuan_session"] == before
    assert Person(shop).refused("POST", "/api/join", {"link": link}) == "link_not_valid"


def test_an_invitation_for_one_address_is_for_nobody_else(shop, account):
    link = invitation(shop, account["id"], "only@example.com")
    look = Person(shop).call("POST", "/api/links/look", {"link": link})
    assert (look["email"], look["account_name"]) == ("only@example.com", "whom")
    other = invited(shop, account["id"], "other@example.com")
    assert other.refused("POST", "/api/join", {"link": link}) == "not_allowed"
    asked = {"link": link, "email": "new@example.com", "password": PASSWORD}
    assert Person(shop).refused("POST", "/api/join", asked) == "not_allowed"
    Person(shop).call("POST", "/api/join", {**asked, "email": "only@example.com"})


def test_25_a_reset_is_for_one_person_and_takes_the_authenticator_away(shop, account):
    member = invited(shop, account["id"], "forgot@example.com")
    secret = member.call("POST", "/api/me/totp", {"password": PASSWORD})["secret"]
    member.call("POST", "/api/me/totp/confirm", {"code": code_at(secret, int(time.time()) // 30)})
    first = secret_of(shop.cli("person", "reset", "forgot@example.com"))
    link = secret_of(shop.cli("person", "reset", "forgot@example.com"))
    browser = Person(shop)
    look = browser.call("POST", "/api/links/look", {"link": link})
    assert (look["kind"], look["email"]) == ("reset", "forgot@example.com")
    assert browser.refused("POST", "/api/join", {"link": first, "password": OTHER}) == (
        "link_not_valid"
    )
    asked = {"link": link, "password": OTHER}
    assert browser.call("POST", "/api/join", asked)["user"]["has_totp"] is False
    assert member.refused("GET", "/api/session") == "not_signed_in", "old sessions ended"
    assert browser.refused("POST", "/api/join", asked) == "link_not_valid"
    Person(shop).call("POST", "/api/session", {"email": "forgot@example.com", "password": OTHER})
    with pytest.raises(CommandFailed):
        shop.cli("person", "reset", "nobody@example.com")


@pytest.mark.parametrize("role", ["support", "finance", "readonly", "customer"])
def test_nobody_but_an_owner_makes_a_reset(shop, owner, account, role):
    target = owner.call("GET", "/api/session")["user"]["id"]
    email = f"resets-{role}@example.com"
    maker = (
        invited(shop, account["id"], email) if role == "customer" else operator(shop, email, role)
    )
    path = f"/api/operator/operators/{target}/reset"
    assert maker.refused("POST", path, {}) == "not_allowed"
    key = owner.call(
        "POST", "/api/operator/management-keys", {"name": f"k {role}", "role": "owner"}
    )["key"]
    assert Person(shop, key).refused("POST", path, {}) == "not_allowed"


def test_join_set_up_and_reset_are_in_the_audit_log(shop, owner, account):
    invited(shop, account["id"], "noted@example.com")
    link = secret_of(shop.cli("operator", "link"))
    asked = {"link": link, "email": "noted-owner@example.com", "password": PASSWORD}
    Person(shop).call("POST", "/api/setup", asked)
    reset = secret_of(shop.cli("person", "reset", "noted@example.com"))
    Person(shop).call("POST", "/api/join", {"link": reset, "password": OTHER})
    entries = owner.call("GET", "/api/operator/audit?limit=50")["items"]
    found = {(entry["action"], entry["actor_name"]) for entry in entries}
    assert ("session.join", "noted@example.com") in found
    assert ("session.set_up", "noted-owner@example.com") in found
    assert ("session.reset", "noted@example.com") in found
    assert OTHER not in str(entries)


def test_what_a_role_made_ends_with_it(shop, owner, account):
    maker = operator(shop, "leaves@example.com", "owner")
    user = maker.call("GET", "/api/session")["user"]["id"]
    key = maker.call("POST", "/api/operator/management-keys", {"name": "old", "role": "owner"})
    asked = {"role": "owner"}
    operator_link = secret_of(maker.call("POST", "/api/operator/operators/invite", asked))
    invite = secret_of(maker.call("POST", f"/api/accounts/{account['id']}/invite", {}))
    reset_of = owner.call("GET", "/api/session")["user"]["id"]
    reset = secret_of(maker.call("POST", f"/api/operator/operators/{reset_of}/reset", {}))
    script = Person(shop, key["key"])
    script.call("GET", "/api/operator/home")
    links = owner.call("GET", "/api/operator/operators/links")["items"]
    assert user in {link["created_by"] for link in links}
    owner.call("PATCH", f"/api/operator/operators/{user}", {"role": None})
    assert maker.refused("GET", "/api/session") == "not_signed_in"
    assert script.refused("GET", "/api/operator/home") == "not_signed_in"
    for link in (operator_link, invite, reset):
        look = Person(shop).refused("POST", "/api/links/look", {"link": link})
        assert look == "link_not_valid"


def test_what_a_member_made_ends_with_the_membership(shop, owner, account):
    leaves = invited(shop, account["id"], "leaving@example.com")
    user = leaves.call("GET", "/api/session")["user"]["id"]
    here = f"/api/accounts/{account['id']}"
    invite = secret_of(leaves.call("POST", f"{here}/invite", {}))
    token = leaves.call("POST", f"{here}/tokens", {"name": "mine"})["key"]
    playground = leaves.call("POST", f"{here}/playground-key", {})["key"]
    assert status_of(shop, token) == 200
    assert status_of(shop, playground) == 200
    listed = owner.call("GET", f"{here}/invitations")["items"]
    assert user in {link["created_by"] for link in listed}
    asked = {"ends_tokens": True}
    owner.call("DELETE", f"{here}/members/{user}", asked)
    for key in (playground, token):
        wait_for(lambda key=key: status_of(shop, key) == 401, timeout=5)
    assert Person(shop).refused("POST", "/api/links/look", {"link": invite}) == "link_not_valid"


def test_an_invitation_can_be_revoked(shop, owner, account):
    member = invited(shop, account["id"], "revokes@example.com")
    here = f"/api/accounts/{account['id']}/invitations"
    link = secret_of(member.call("POST", f"/api/accounts/{account['id']}/invite", {}))
    mine = member.call("GET", "/api/session")["user"]["id"]
    listed = member.call("GET", here)["items"]
    found = next(each for each in listed if each["created_by"] == mine)
    other = shop.cli("account", "create", "elsewhere")
    stranger = invited(shop, other["id"], "stranger@example.com")
    path = f"/api/accounts/{other['id']}/invitations/{found['id']}"
    assert stranger.refused("DELETE", path, {}) == "not_found"
    member.call("DELETE", f"{here}/{found['id']}", {})
    assert Person(shop).refused("POST", "/api/links/look", {"link": link}) == "link_not_valid"


def together(*calls) -> list[int]:
    """Make calls at the same moment; their statuses, sorted."""
    gate, answers = threading.Barrier(len(calls)), []

    def run(call):
        gate.wait()
        answers.append(call().status_code)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


def test_two_members_who_remove_each_other_leave_one(shop):
    for n in range(5):
        account = shop.cli("account", "create", f"duel-{n}")["id"]
        pair = [invited(shop, account, f"duel-{n}-{side}@example.com") for side in "ab"]
        ids = [person.call("GET", "/api/session")["user"]["id"] for person in pair]
        path = f"/api/accounts/{account}/members"
        together(
            lambda pair=pair, ids=ids, path=path: pair[0].ask("DELETE", f"{path}/{ids[1]}", {}),
            lambda pair=pair, ids=ids, path=path: pair[1].ask("DELETE", f"{path}/{ids[0]}", {}),
        )
        left = shop.rows("SELECT user_id FROM members WHERE account_id = ?", account)
        assert len(left) == 1


def test_two_owners_who_demote_each_other_leave_one(tmp_path, cli):
    with Gateway(tmp_path / "home", cli) as gateway:
        gateway.start()
        for n in range(3):
            pair = [operator(gateway, f"o{n}{side}@example.com") for side in "ab"]
            ids = [person.call("GET", "/api/session")["user"]["id"] for person in pair]
            path = "/api/operator/operators"
            together(
                lambda pair=pair, ids=ids, path=path: pair[0].ask(
                    "PATCH", f"{path}/{ids[1]}", {"role": None}
                ),
                lambda pair=pair, ids=ids, path=path: pair[1].ask(
                    "PATCH", f"{path}/{ids[0]}", {"role": "readonly"}
                ),
            )
            owners = gateway.rows("SELECT email FROM users WHERE operator_role = 'owner'")
            assert len(owners) >= 1
            left = {owner["email"] for owner in owners}
            assert not {f"o{n}a@example.com", f"o{n}b@example.com"} <= left


def test_support_spends_nobodys_money_unless_the_owner_allows_it(shop, owner, account):
    helper = operator(shop, "helper@example.com", "support")
    here = f"/api/accounts/{account['id']}"
    profile = f"/api/operator/accounts/{account['id']}"
    owner.call("PUT", "/api/operator/settings/support_may_spend", {"value": None})
    assert helper.refused("POST", f"{here}/tokens", {"name": "x"}) == "not_allowed"
    assert helper.refused("POST", f"{here}/invite", {}) == "not_allowed"
    assert helper.refused("PATCH", profile, {"tier_min_balance": 1_000_000}) == "not_allowed"
    for change in (("PATCH", "", {"role": "owner"}), ("PUT", "/budgets", {"day": None})):
        method, more, asked = change
        assert helper.refused(method, f"{here}/members/somebody{more}", asked) == "not_allowed"
    helper.call("PATCH", profile, {"notes": "called twice"})
    owner.call("PUT", "/api/operator/settings/support_may_spend", {"value": True})
    helper.call("POST", f"{here}/tokens", {"name": "x"})
    asked = {"role": "viewer"}
    assert helper.refused("PATCH", f"{here}/members/somebody", asked) == "not_found"
    helper.call("PATCH", profile, {"tier_min_balance": 1_000_000})


def test_sign_up_is_not_open_before_a_mailbox_can_be_proven(shop, owner):
    path = "/api/operator/settings/sign_up"
    answer = owner.ask("PUT", path, {"value": "open"})
    assert answer.status_code in (400, 409)
    assert "mail" in answer.json()["error"]["message"]
    owner.call("PUT", path, {"value": "closed"})


def test_a_proof_of_minutes_ago_is_asked_for_again(tmp_path, cli):
    with Gateway(tmp_path / "home", cli) as gateway:
        person = operator(gateway.start(), "stale@example.com")
        gateway.stop()
        written(gateway, "UPDATE sessions SET proven_at = proven_at - 301000")
        gateway.start()
        _proves_again(person)


def _proves_again(person):
    path = "/api/operator/operators/invite"
    assert person.refused("POST", path, {"role": "readonly"}) == "step_up_required"
    wrong = {"password": "not this one"}
    assert person.refused("POST", "/api/session/prove", wrong) == "wrong_credentials"
    before = person.http.cookies["yiyuan_session"]
    person.call("POST", "/api/session/prove", {"password": PASSWORD})
    assert person.http.cookies["yiyuan_session"] != before, "the secret changes with a proof"
    person.call("POST", path, {"role": "readonly"})


def test_new_recovery_codes_end_the_old_ones(shop):
    person = operator(shop, "codes@example.com")
    secret = person.call("POST", "/api/me/totp", {"password": PASSWORD})
    assert secret["qr"]["size"] > 20
    assert secret["qr"]["path"].startswith("M")
    now = int(time.time()) // 30
    old = person.call("POST", "/api/me/totp/confirm", {"code": code_at(secret["secret"], now - 1)})
    path = "/api/me/totp/recovery-codes"
    asked = {"password": PASSWORD, "code": code_at(secret["secret"], now)}
    new = person.call("POST", path, asked)["recovery_codes"]
    assert not set(new) & set(old["recovery_codes"])
    credentials = {"email": "codes@example.com", "password": PASSWORD}
    used = {**credentials, "totp": old["recovery_codes"][0]}
    assert Person(shop).refused("POST", "/api/session", used) == "wrong_credentials"
    Person(shop).call("POST", "/api/session", {**credentials, "totp": new[0]})
