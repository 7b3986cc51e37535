"""Signing in by `oidc-provider`, a certified provider of other people's making."""

import json

import pytest

from tests.support.identity.partner import CLIENT_ID, CLIENT_SECRET
from tests.support.identity.strict import NoNode, agreed, strict_provider
from tests.system.console_api.by_services import came_back, went_away
from tests.system.console_api.person import Person, operator


@pytest.fixture(scope="module")
def strict(house):
    """The service `strict`, at a provider that insists on PKCE."""
    shop = house.gateway
    callback = f"{shop.origin}/api/sign-in/strict/callback"
    try:
        with strict_provider(callback) as issuer:
            fields = {"issuer": issuer, "client_id": CLIENT_ID, "allows": "sign_up"}
            flags = [part for k, v in fields.items() for part in ("--set", f"{k}={v}")]
            secrets = json.dumps({"client_secret": CLIENT_SECRET})
            preset = ("--preset", "generic_oidc", *flags, "--secrets-stdin")
            shop.cli("identity", "add", "strict", *preset, stdin=secrets)
            yield callback
    except NoNode as reason:
        pytest.skip(str(reason))


def test_somebody_new_comes_in_and_again(house, strict) -> None:
    person = house.stranger()
    back = agreed(went_away(person, "strict"), strict)
    assert back["iss"], "it names itself (RFC 9207)"
    answer = came_back(person, "strict", back)
    assert answer.headers["location"].endswith("step=accept"), answer.text
    session = person.call("POST", "/api/sign-in/continue", {"accept": True})
    assert session["user"]["email"] == "ada@strict.example", "from userinfo"
    again = house.stranger()
    answer = came_back(again, "strict", agreed(went_away(again, "strict"), strict))
    assert answer.headers["location"] == "/console/usage"
    assert again.call("GET", "/api/session")["user"]["id"] == session["user"]["id"]


def test_9_a_code_of_another_browser_is_no_good(house, strict) -> None:
    person, other = house.stranger(), house.stranger()
    back = agreed(went_away(person, "strict"), strict)
    went_away(other, "strict")
    assert came_back(other, "strict", back).status_code == 401
    assert (
        came_back(person, "strict", back | {"iss": "https://elsewhere.example"}).status_code >= 400
    )


def test_the_console_s_test_tells_right_settings_from_wrong_ones(house, strict) -> None:
    owner = operator(house.gateway, "tests-strict@example.com")
    path = "/api/operator/sign-in-services/strict"
    assert owner.call("POST", f"{path}/check") == {"ok": True, "reason": ""}
    wrong = {"name": "strict", "secrets": {"client_secret": "not the secret"}}
    owner.call("POST", "/api/operator/sign-in-services", wrong)
    found = owner.call("POST", f"{path}/check")
    assert not found["ok"]
    assert "invalid_client" in found["reason"]
    right = {"name": "strict", "secrets": {"client_secret": CLIENT_SECRET}}
    owner.call("POST", "/api/operator/sign-in-services", right)
    assert Person(house.gateway).call("GET", "/api/site")["sign_in_services"]
