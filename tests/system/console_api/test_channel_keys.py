"""A channel's keys, one at a time over the API: the others stay, and nothing shows a secret."""

import pytest

from tests.system.console_api.person import Person

CHANNELS = "/api/operator/channels"
SECRET = "sk-added-over-the-api-7788"


@pytest.fixture
def channel(owner, request):
    name = request.node.name[:40]
    price = {"input": "3", "output": "6"}
    owner.call("PUT", f"/api/operator/models/model-{name}", {"price": price})
    made = {
        "name": name,
        "provider": "openai",
        "base_url": "https://one.example/v1",
        "api_keys": ["sk-first-of-all-1111"],
        "models": [{"model": f"model-{name}", "upstream_model": "m"}],
    }
    return owner.call("POST", CHANNELS, made)


def keys_of(view):
    return [(key["hint"], key["is_draining"], key["expires_at"]) for key in view["keys"]]


def test_a_key_is_added_drained_ended_and_removed(shop, owner, channel):
    path = f"{CHANNELS}/{channel['id']}/keys"
    added = owner.call("POST", path, {"key": SECRET, "expires_at": "2099-01-31"})
    first, second = keys_of(added)
    assert first == ("****1111", False, None)
    assert second == ("****7788", False, "2099-01-31T00:00:00.000Z")
    key = f"{path}/{added['keys'][1]['id']}"
    drained = owner.call("PATCH", key, {"is_draining": True})
    assert keys_of(drained) == [first, ("****7788", True, second[2])]
    lifted = owner.call("PATCH", key, {"is_draining": False, "expires_at": None})
    assert keys_of(lifted) == [first, ("****7788", False, None)]
    assert owner.call("PATCH", key, {})["keys"] == lifted["keys"], "what is absent stays"
    left = owner.call("DELETE", key)
    assert keys_of(left) == [first]
    assert SECRET not in str([added, drained, lifted, left])
    [shown] = shop.rows(
        f"SELECT count(*) AS n FROM channel_keys WHERE channel_id = '{channel['id']}'"
    )
    assert shown["n"] == 1


def test_what_cannot_be_done_is_said(owner, channel):
    path = f"{CHANNELS}/{channel['id']}/keys"
    key = f"{path}/{channel['keys'][0]['id']}"
    asked = [
        ("POST", path, {"key": "sk-first-of-all-1111"}, "already_exists"),
        ("POST", path, {"key": " sk-x "}, "invalid_argument"),
        ("POST", path, {"key": "sk-x", "expires_at": "soon"}, "invalid_argument"),
        ("PATCH", key, {"expires_at": "soon"}, "invalid_argument"),
        ("DELETE", key, None, "last_key"),
        ("DELETE", f"{path}/key_none", None, "not_found"),
        ("PATCH", f"{CHANNELS}/chan_none/keys/key_none", {"is_draining": True}, "not_found"),
        ("POST", f"{CHANNELS}/chan_none/keys", {"key": "sk-y"}, "not_found"),
    ]
    for method, address, body, code in asked:
        assert owner.refused(method, address, body) == code, (method, address)
    found = owner.call("GET", CHANNELS)["items"]
    [left] = [keys_of(each) for each in found if each["id"] == channel["id"]]
    assert left == [("****1111", False, None)]


def test_a_management_key_does_it_and_the_log_says_which_key(shop, owner, channel):
    made = {"name": f"keys {channel['id']}", "role": "owner"}
    script = Person(shop, owner.call("POST", "/api/operator/management-keys", made)["key"])
    path = f"{CHANNELS}/{channel['id']}/keys"
    added = script.call("POST", path, {"key": "sk-by-a-script-of-ours-5566"})
    script.call("PATCH", f"{path}/{added['keys'][1]['id']}", {"is_draining": True})
    script.call("DELETE", f"{path}/{added['keys'][1]['id']}")
    entries = [
        entry
        for entry in owner.call("GET", "/api/operator/audit?limit=50")["items"]
        if entry["action"].startswith("channel_keys.") and entry["subject"] == channel["id"]
    ]
    actions = [entry["action"] for entry in entries]
    assert actions == ["channel_keys.remove", "channel_keys.change", "channel_keys.add"]
    assert [entry["details"]["hint"] for entry in entries] == ["****5566"] * 3, entries
    assert "sk-by-a-script" not in str(entries)
