"""What a channel sends to one address goes to no other by a change of the address alone."""


def test_headers_are_cleared_when_the_address_changes(shop, owner):
    made = {
        "name": "moving",
        "provider": "openai",
        "base_url": "https://one.example/v1",
        "api_keys": ["sk-one"],
        "headers": {"x-secret": "of one"},
        "models": [{"model": "moved-model", "upstream_model": "m"}],
    }
    price = {"input": "3", "output": "6"}
    owner.call("PUT", "/api/operator/models/moved-model", {"price": price})
    made_id = owner.call("POST", "/api/operator/channels", made)["id"]
    stored = shop.rows("SELECT headers FROM channels WHERE name = 'moving'")
    assert stored[0]["headers"].startswith("sealed:")
    assert "of one" not in str(stored)
    exported = shop.run("export").stdout
    assert "x-secret" in exported
    assert "of one" not in exported
    moved = {"base_url": "https://two.example/v1", "api_keys": ["sk-two"]}
    owner.call("PATCH", f"/api/operator/channels/{made_id}", moved)
    stored = shop.rows("SELECT headers FROM channels WHERE name = 'moving'")
    assert stored == [{"headers": "{}"}]
