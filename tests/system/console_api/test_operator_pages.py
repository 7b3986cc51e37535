"""What operators change is followed by the gateway at once, and written down."""

import time
from datetime import UTC, datetime, timedelta

from tests.support.catalogs import OPENAI_KEY
from tests.support.gateway_process import Gateway
from tests.support.mail_server import mail_server
from tests.support.upstreams.control import running_upstream
from tests.support.usual_port import usual_port
from tests.support.waiting import wait_for
from tests.system.console_api.person import Person, operator

ASK = {"model": "gpt-4", "prompt": "Say hello", "max_tokens": 20}


def test_a_channel_from_nothing_to_an_answer(shop, owner, upstream):
    asked = {
        "name": "second",
        "provider": "openai",
        "base_url": f"{upstream.origin}/v1",
        "api_keys": [OPENAI_KEY],
        "models": [{"model": "fresh-model", "upstream_model": "anything"}],
        "allow_private": True,
    }
    assert owner.refused("POST", "/api/operator/channels", asked) == "model_not_offered"
    price = {"input": "3", "output": "6"}
    owner.call("PUT", "/api/operator/models/fresh-model", {"price": price, "rpm": 100})
    made = owner.call("POST", "/api/operator/channels", asked)
    assert OPENAI_KEY not in str(made)
    assert owner.refused("POST", "/api/operator/channels", asked) == "already_exists"
    report = owner.call("POST", f"/api/operator/channels/{made['id']}/test", {})
    assert report["results"][0]["ok"], report
    customer = shop.customer()
    assert customer.post("/v1/completions", {**ASK, "model": "fresh-model"}).status == 200
    path = f"/api/operator/channels/{made['id']}"
    off = owner.call("PATCH", path, {"is_enabled": False})
    assert not off["is_enabled"]
    assert customer.post("/v1/completions", {**ASK, "model": "fresh-model"}).status == 503
    assert owner.call("PATCH", path, {"is_enabled": True, "priority": 3})["priority"] == 3
    assert customer.post("/v1/completions", {**ASK, "model": "fresh-model"}).status == 200
    # Whoever changes the address must bring the key again: no key is learned by an address.
    elsewhere = {"base_url": "http://127.0.0.1:9/v1"}
    assert owner.refused("PATCH", path, elsewhere) == "invalid_argument"
    log = owner.call("GET", "/api/operator/audit?limit=200")["items"]
    assert OPENAI_KEY not in str(log)
    assert {"channels.create", "channels.change", "catalog.put_model"} <= {
        action["action"] for action in log
    }


def test_a_channel_whose_key_is_refused_does_not_look_healthy(shop, owner):
    owner.call("PUT", "/api/operator/models/locked", {"price": {"input": "3", "output": "6"}})
    asked = {
        "name": "locked",
        "provider": "openai",
        "base_url": f"{shop.origin}/v1",  # another gateway, which does not know the key
        "api_keys": ["sk-unknown-here"],
        "models": [{"model": "locked", "upstream_model": "gpt-4"}],
        "allow_private": True,
    }
    made = owner.call("POST", "/api/operator/channels", asked)

    def shown():
        channels = owner.call("GET", "/api/operator/home")["channels"]
        return next(channel for channel in channels if channel["id"] == made["id"])

    assert shown()["health"] == "ok"
    (tested,) = owner.call("POST", f"/api/operator/channels/{made['id']}/test", {})["results"]
    assert tested["message"].startswith("Incorrect API token"), "a sentence, and no JSON"
    listing = owner.ask("POST", "/api/operator/channels/list-models", {"channel_id": made["id"]})
    assert "the key was refused" in listing.json()["error"]["message"]
    customer = shop.customer()
    assert customer.post("/v1/completions", {**ASK, "model": "locked"}).status == 502
    wait_for(lambda: shown()["requests_hour"] == 1, what="the try")
    assert (shown()["errors_hour"], shown()["health"]) == (1, "open")
    time.sleep(1.2)  # its breaker would let one request try; none has
    assert shown()["health"] == "open"
    before = owner.call("GET", "/api/operator/home")
    assert customer.post("/v1/completions", {**ASK, "model": "locked"}).status == 502
    assert customer.post("/v1/completions", {**ASK, "model": "locked"}).status == 503

    def failures():
        after = owner.call("GET", "/api/operator/home")
        assert after["requests_hour"] >= after["errors_hour"]
        return after["errors_hour"] - before["errors_hour"] == 2

    wait_for(failures, what="the request that was refused before any channel was tried")
    owner.call("PATCH", f"/api/operator/channels/{made['id']}", {"is_enabled": False})


def test_a_private_address_needs_a_yes(shop, owner, upstream):
    asked = {
        "name": "private",
        "provider": "openai",
        "base_url": f"{upstream.origin}/v1",
        "api_keys": [OPENAI_KEY],
        "models": [{"model": "gpt-4", "upstream_model": "x"}],
        "is_enabled": True,
    }
    made = owner.call("POST", "/api/operator/channels", asked)
    assert not made["allow_private"]
    report = owner.call("POST", f"/api/operator/channels/{made['id']}/test", {})
    assert not report["results"][0]["ok"]
    owner.call("PATCH", f"/api/operator/channels/{made['id']}", {"is_enabled": False})
    metadata = {**asked, "name": "metadata", "base_url": "http://169.254.169.254/v1"}
    metadata["allow_private"] = True
    answer = owner.ask("POST", "/api/operator/channels", metadata)
    if answer.ok:  # the address is judged when it is dialled, whatever was allowed
        made = answer.json()
        report = owner.call("POST", f"/api/operator/channels/{made['id']}/test", {})
        assert not report["results"][0]["ok"]
        owner.call("PATCH", f"/api/operator/channels/{made['id']}", {"is_enabled": False})


def test_a_price_of_later_holds_from_its_time(shop, owner):
    customer = shop.customer()
    price = {"input": "3", "output": "6"}
    owner.call("PUT", "/api/operator/models/gpt-3.5-turbo", {"price": price})
    ask = {**ASK, "model": "gpt-3.5-turbo"}
    before = customer.post("/v1/completions", ask).json()["usage"]["charge"]
    at = datetime.now(UTC) + timedelta(seconds=3)
    dearer = {"price": {"input": "300", "output": "600"}, "effective_at": at.isoformat()}
    shown = owner.call("PUT", "/api/operator/models/gpt-3.5-turbo", dearer)
    assert shown["next_price"]["price"]["input"] == "300"
    assert shown["price"]["input"] == "3"
    if datetime.now(UTC) < at - timedelta(seconds=1):
        assert customer.post("/v1/completions", ask).json()["usage"]["charge"] == before
    time.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
    wait_for(
        lambda: customer.post("/v1/completions", ask).json()["usage"]["charge"] > 10 * before,
        timeout=20,
        what="the new price",
    )
    versions = owner.call("GET", "/api/operator/models/gpt-3.5-turbo/prices")["items"]
    assert [v["is_current"] for v in versions][:2] == [True, False]
    shop.verify()


def test_tiers_and_a_promised_tier(shop, owner):
    tiers = owner.call("GET", "/api/operator/tiers")["tiers"]
    wanted = [*tiers, {"min_balance": 77_000_000_000, "rate": "9", "price_factor": "1"}]
    after = owner.call("PUT", "/api/operator/tiers", {"tiers": wanted})["tiers"]
    assert after[-1]["rate"] == "9"
    owner.call("PUT", "/api/operator/tiers", {"tiers": tiers})
    assert owner.call("GET", "/api/operator/tiers")["tiers"] == tiers


def test_a_promised_tier_holds_in_the_gateway(shop, owner):
    customer = shop.customer(balance=3_000_000)
    tiers = owner.call("GET", "/api/operator/tiers")["tiers"]
    wanted = [{"min_balance": 0, "rate": "1"}, {"min_balance": 900_000_000_000, "rate": "7"}]
    owner.call("PUT", "/api/operator/tiers", {"tiers": wanted})

    def limit():
        answer = customer.post("/v1/completions", ASK)
        return int(answer.headers["x-ratelimit-limit-requests"])

    before = limit()
    path = f"/api/operator/accounts/{customer.id}"
    owner.call("PATCH", path, {"tier_min_balance": 900_000_000_000})
    assert limit() == 7 * before
    assert owner.call("GET", path)["tier"]["rate"] == "7"
    said = shop.cli("limits", customer.id, "gpt-4")
    assert said["requests_per_minute"]["limit"] == 7 * before
    assert "minimum tier: that of a balance of" in said["reason"]
    owner.call("PATCH", path, {"tier_min_balance": None})
    assert limit() == before
    owner.call("PUT", "/api/operator/tiers", {"tiers": tiers})


def test_the_command_line_is_in_the_audit_log_too(shop, owner):
    shop.cli("account", "create", "by command")
    shop.cli("account", "credit", "by command", "5", "--reason", "from the shell")
    actions = owner.call("GET", "/api/operator/audit?actor=yiyuan")["items"]
    found = [(a["action"], a["subject"], a["reason"]) for a in actions]
    assert ("account.credit", "by command", "from the shell") in found
    assert ("account.create", "by command", "") in found
    assert not [action for action, _, _ in found if action.endswith((".list", ".show"))]
    secrets = [a for a in actions if a["action"] == "operator.create"]
    assert "correct horse" not in str(secrets)


def test_the_topup_link_is_in_the_402(shop, owner):
    link = "https://pay.example/yiyuan"
    owner.call("PUT", "/api/operator/settings/topup_link", {"value": link})
    poor = shop.customer(balance=1)
    answer = poor.post("/v1/completions", ASK)
    assert answer.status == 402
    assert answer.json()["error"]["topup_url"] == link
    assert link in answer.json()["error"]["message"]
    owner.call("PUT", "/api/operator/settings/topup_link", {"value": None})
    assert "/console/top-up" in poor.post("/v1/completions", ASK).json()["error"]["topup_url"]
    bad = {"value": "javascript:alert(1)"}
    assert owner.refused("PUT", "/api/operator/settings/topup_link", bad) == "invalid_argument"
    assert owner.refused("PUT", "/api/operator/settings/none", {"value": 1}) == "not_found"


def test_sign_up_with_a_grant(shop, owner):
    """Open to whoever proves a mailbox, so mail comes first; the gift is on the balance."""

    def put(name, value):
        owner.call("PUT", f"/api/operator/settings/{name}", {"value": value})

    opened = {"value": "open"}
    assert owner.refused("PUT", "/api/operator/settings/sign_up", opened) == "mail_not_set"
    with mail_server() as mail:
        wanted = {**mail.settings, "smtp_port": mail.port, "sign_up_grant": 123, "sign_up": "open"}
        for name, value in wanted.items():
            put(name, value)
        person = Person(shop)
        asked = {"email": "hello@example.com", "password": "a good long one"}
        person.call("POST", "/api/sign-up/start", {"email": asked["email"]})
        asked["code"] = mail.wait_for(asked["email"]).code
        session = person.call("POST", "/api/sign-up/finish", asked)
        assert shop.cli("account", "show", session["account"])["balance"] == 123
        for name in reversed(wanted):
            put(name, None)


def test_settings_say_where_they_are_from_and_hide_secrets(shop, owner):
    found = {s["name"]: s for s in owner.call("GET", "/api/operator/settings")["items"]}
    assert found["YIYUAN_HOME"]["source"] == "environment"
    assert found["--port"]["source"] == "flag"
    assert found["--workers"]["source"] == found["site_name"]["source"] == "default"
    owner.call("PUT", "/api/operator/settings/site_name", {"value": "<b>shop</b>"})
    found = {s["name"]: s for s in owner.call("GET", "/api/operator/settings")["items"]}
    assert found["site_name"]["source"] == "console"
    assert owner.call("GET", "/api/site")["name"] == "<b>shop</b>", "plain text, as it is"
    owner.call("PUT", "/api/operator/settings/site_name", {"value": None})


def test_the_ledger_is_explored_and_verified(shop, owner):
    customer = shop.customer()
    answer = customer.post("/v1/completions", ASK)
    request_id = answer.headers["x-request-id"]
    found = owner.call("GET", f"/api/operator/ledger?request_id={request_id}")["items"]
    assert [entry["account_id"] for entry in found] == [customer.id]
    assert found[0]["contra"] == "revenue"
    mine = owner.call("GET", f"/api/operator/ledger?account={customer.id}&limit=1")
    rest = owner.call(
        "GET", f"/api/operator/ledger?account={customer.id}&limit=1&after={mine['next']}"
    )
    assert mine["items"][0]["seq"] == rest["items"][0]["seq"] + 1
    proof = owner.call("POST", "/api/operator/ledger/verify", {"full": True})
    assert proof["ok"], proof
    home = owner.call("GET", "/api/operator/home")
    assert home["verified"]["ok"]
    assert home["revenue"]["today"] >= customer.spent


def test_suspending_is_followed_at_once(shop, owner):
    customer = shop.customer()
    path = f"/api/operator/accounts/{customer.id}"
    assert owner.call("POST", f"{path}/suspend", {"reason": "abuse"})["is_suspended"]
    assert customer.post("/v1/completions", ASK).status == 403
    owner.call("POST", f"{path}/resume", {"reason": "sorted out"})
    assert customer.post("/v1/completions", ASK).status == 200
    owner.call("PATCH", path, {"notes": "be kind", "tier_min_balance": None})
    assert owner.call("GET", path)["notes"] == "be kind"
    listed = owner.call("GET", f"/api/operator/accounts?search={customer.name}")["items"]
    assert [account["id"] for account in listed] == [customer.id]


def test_the_last_owner_stays(tmp_path, cli):
    with Gateway(tmp_path / "home", cli) as gateway:
        owner = operator(gateway.start(), "one@example.com")
        user = owner.call("GET", "/api/session")["user"]["id"]
        path = f"/api/operator/operators/{user}"
        assert owner.refused("PATCH", path, {"role": "readonly"}) == "not_allowed"
        url = owner.call("POST", "/api/operator/operators/invite", {"role": "support"})["url"]
        helper = Person(gateway)
        asked = {"email": "two@example.com", "password": "a good long one"}
        link = {"link": url.partition("#")[2], **asked}
        assert helper.call("POST", "/api/setup", link)["user"]["role"] == "support"
        assert helper.refused("POST", "/api/operator/operators/invite", {}) == "not_allowed"


def test_a_model_server_of_this_machine_is_offered(shop, owner):
    """What the console shows becomes a channel through the routes of models and channels."""
    with usual_port() as (name, port), running_upstream(port) as local:
        listed = {"object": "list", "data": [{"id": "qwen3:4b", "owned_by": "library"}]}
        local.script({"body": listed}, path="/v1/models", name="models")
        local.script({"keyless": True}, path="/v1/chat", name="chat")
        address = f"http://127.0.0.1:{port}/v1"
        offered = owner.call("GET", "/api/operator/local-servers")["items"]
        (server,) = [item for item in offered if item["base_url"] == address]
        assert (server["name"], server["models"]) == (name, ["qwen3:4b"])
        price = {"input": "0", "output": "0"}
        owner.call("PUT", "/api/operator/models/qwen3:4b", {"price": price})
        asked = {
            "name": server["name"],
            "provider": "openai",
            "base_url": server["base_url"],
            "models": [{"model": "qwen3:4b", "upstream_model": "qwen3:4b"}],
            "allow_private": True,
        }
        owner.call("POST", "/api/operator/channels", asked)
        customer = shop.customer(balance=0)
        assert customer.post("/v1/completions", {**ASK, "model": "qwen3:4b"}).status == 200
        offered = owner.call("GET", "/api/operator/local-servers")["items"]
        assert address not in {item["base_url"] for item in offered}


def test_vendors_are_offered_by_name_and_one_word_makes_a_channel(owner):
    found = {item["name"]: item for item in owner.call("GET", "/api/operator/vendors")["items"]}
    assert found["deepseek"]["base_url"] == "https://api.deepseek.com"
    assert found["zhipu"]["title_zh"] == "智谱 GLM"
    assert "anthropic_messages" in found["moonshot"]["speaks"]
    assert found["azure"]["base_url"] is None
    assert found["azure"]["base_url_example"].startswith("https://{resource}.")
    assert "demo" not in found
    owner.call("PUT", "/api/operator/models/glm", {"price": {"input": "1", "output": "2"}})
    asked = {
        "name": "our-glm",
        "provider": "zhipu",
        "api_keys": ["upkey-zhipu-console"],
        "models": [{"model": "glm", "upstream_model": "glm-5.2"}],
    }
    made = owner.call("POST", "/api/operator/channels", asked)
    assert (made["provider"], made["base_url"]) == ("zhipu", "")


def test_everything_a_catalog_says_of_a_model_is_set_here(owner) -> None:
    price = {"input": "1", "output": "2"}
    path = "/api/operator/models/told-model"
    said = {
        "fallback": ["gpt-4"],
        "affinity": "off",
        "modalities": ["text", "image"],
        "supports": ["tools", "reasoning"],
        "shutdown_date": "2099-01-31",
    }
    shown = owner.call("PUT", path, {"price": price} | said)
    assert {name: shown[name] for name in said} == said
    unsaid = {"modalities": None, "supports": None, "shutdown_date": None, "fallback": []}
    shown = owner.call("PUT", path, unsaid)
    assert {name: shown[name] for name in unsaid} == unsaid
    assert shown["affinity"] == "off", "what is absent stays"
    for wrong in ({"fallback": ["no-such-model"]}, {"shutdown_date": "soon"}):
        assert owner.refused("PUT", path, wrong) == "invalid_argument", wrong
    assert owner.refused("PUT", path, {"supports": ["magic"]}) == "invalid_argument"


def test_a_key_may_be_given_with_its_last_day(owner, upstream) -> None:
    asked = {
        "name": "for-a-while",
        "provider": "openai",
        "base_url": f"{upstream.origin}/v1",
        "api_keys": ["sk-for-ever-1111", {"key": "sk-for-now-22222", "expires_at": "2099-01-31"}],
        "models": [],
        "allow_private": True,
    }
    made = owner.call("POST", "/api/operator/channels", asked)
    expiries = [key["expires_at"] for key in made["keys"]]
    assert expiries == [None, "2099-01-31T00:00:00.000Z"]
    log = owner.call("GET", "/api/operator/audit?limit=200")["items"]
    assert "sk-for-now" not in str(log)
    owner.call("DELETE", f"/api/operator/channels/{made['id']}")
