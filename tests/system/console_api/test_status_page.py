"""The status page: who sees it, what it says, and incidents by console, key and command."""

import json

import pytest

from tests.support import wire
from tests.support.waiting import wait_for
from tests.system.console_api.person import Person, invited
from tests.system.documentation.site import read, words_of

PATH = "/api/operator/incidents"


@pytest.fixture
def setting(owner):
    """Sets who sees the page, and lets anybody again."""

    def choose(value):
        owner.call("PUT", "/api/operator/settings/status_page", {"value": value})

    yield choose
    choose(None)


@pytest.fixture
def incident(owner):
    """One that lasts, in two languages."""
    made = owner.call(
        "POST",
        PATH,
        {
            "title": "Slow <b>answers</b>",
            "title_zh": "应答缓慢",
            "text": "We look into it.",
            "models": ["gpt-4"],
        },
    )
    yield made
    owner.call("DELETE", f"{PATH}/{made['id']}", {})


def shown(shop, path="/status", **headers):
    return read(shop.origin, path, **headers)


def has(shop, path, text):
    """The page, as soon as it says something."""

    def look():
        page = shown(shop, path)
        return page if text in words_of(page.text) else None

    return wait_for(look, timeout=20, what=f"{text} on {path}")


def test_anybody_reads_it_in_their_language(shop):
    english, chinese = shown(shop, "/status?lang=en"), shown(shop, accept_language="zh-CN")
    assert (english.answer.status, chinese.answer.status) == (200, 200)
    assert (english.language, chinese.language) == ("en", "zh-CN")
    assert "gpt-4" in english.text
    assert "gpt-4" in chinese.text
    assert english.inline == []
    assert "/status?lang=zh" in english.links
    assert "script-src 'self'" in english.answer.headers["content-security-policy"]
    tag = english.answer.headers["etag"]
    again = wire.call(shop.origin, "GET", "/status?lang=en", headers={"if-none-match": tag})
    assert again.status in (200, 304)


def test_only_shares_leave_the_shop(shop):
    customer = shop.customer()
    assert customer.post("/v1/completions", ASK).status == 200
    document = json.loads(wire.call(shop.origin, "GET", "/status.json").body)
    assert set(document) == {"state", "updated", "first_hour", "models", "incidents"}
    for model in document["models"]:
        assert set(model) == {"name", "state", "day", "week", "hours"}
        assert all(share is None or 0 <= share <= 100 for share in model["hours"])
    said = shown(shop).text
    assert customer.name not in said
    assert "¥" not in said


ASK = {"model": "gpt-4", "prompt": "Say hello", "max_tokens": 20}


def test_the_owner_chooses_who_sees_it(shop, owner, setting):
    account = shop.cli("account", "create", "status-reader")
    member = invited(shop, account["id"], "status-reader@example.com")
    asked = {"name": "status", "role": "readonly"}
    key = owner.call("POST", "/api/operator/management-keys", asked)["key"]
    setting("customers")
    nobody = shown(shop, "/status?lang=en")
    assert nobody.answer.status == 401
    assert "for customers" in nobody.text
    assert "gpt-4" not in nobody.text
    refused = wire.call(shop.origin, "GET", "/status.json")
    assert (refused.status, json.loads(refused.body)["error"]["code"]) == (401, "not_signed_in")
    assert member.ask("GET", "/status").status_code == 200
    assert Person(shop, key).ask("GET", "/status.json").status_code == 200
    assert Person(shop, "mk-wrong").ask("GET", "/status.json").status_code == 401
    setting("off")
    assert shown(shop).answer.status == 404
    assert member.ask("GET", "/status.json").status_code == 404
    assert "/status" not in shown(shop, "/docs/en/").links
    assert not owner.call("GET", "/api/site")["has_status_page"]
    setting("anybody")
    assert shown(shop).answer.status == 200
    assert "/status" in shown(shop, "/docs/en/").links
    assert owner.refused("PUT", "/api/operator/settings/status_page", {"value": "x"}) == (
        "invalid_argument"
    )


def test_an_incident_is_read_in_two_languages_and_ended(shop, owner, incident):
    english = has(shop, "/status?lang=en", "Slow <b>answers</b>")
    assert "There is an open incident." in english.text
    assert "We look into it." in english.text
    chinese = shown(shop, "/status?lang=zh")
    assert "应答缓慢" in chinese.text
    assert "We look into it." in chinese.text, "there is no Chinese text of it"
    path = f"{PATH}/{incident['id']}"
    told = owner.call("PATCH", path, {"state": "resolved", "text": "Over.", "text_zh": "已恢复。"})
    assert told["resolved"]
    assert [each["state"] for each in told["updates"]] == ["resolved", "investigating"]
    has(shop, "/status?lang=zh", "已恢复。")
    assert "open incident" not in shown(shop, "/status?lang=en").text


def test_the_audit_log_says_who_wrote_what(owner, incident):
    owner.call("PATCH", f"{PATH}/{incident['id']}", {"title": "Slower"})
    log = owner.call("GET", "/api/operator/audit?limit=5")["items"]
    change = next(each for each in log if each["action"] == "incidents.update")
    assert change["subject"] == "Slower"
    assert change["details"]["before"]["title"] == incident["title"]
    assert change["details"]["asked"]["title"] == "Slower"


def test_a_key_and_the_command_line_do_the_same(shop, owner):
    asked = {"name": "writes incidents", "role": "support"}
    script = Person(shop, owner.call("POST", "/api/operator/management-keys", asked)["key"])
    made = script.call("POST", PATH, {"title": "By a script"})
    ended = shop.cli("incident", "update", made["id"], "--state", "resolved", "--text", "Done.")
    assert ended["resolved"]
    written = shop.cli("incident", "create", "By hand", "--models", "gpt-4, claude-2")
    assert written["models"] == ["gpt-4", "claude-2"]
    listed = shop.cli("incident", "list")["incidents"]
    assert [each["title"] for each in listed[:2]] == ["By hand", "By a script"]
    assert "By hand" in shop.run("incident", "list").stdout
    for each in (made, written):
        assert shop.cli("incident", "remove", each["id"]) == {"removed": each["id"]}
    assert script.call("GET", PATH)["items"] == []
    reader = {"name": "reads incidents", "role": "readonly"}
    other = Person(shop, owner.call("POST", "/api/operator/management-keys", reader)["key"])
    assert other.refused("POST", PATH, {"title": "x"}) == "not_allowed"


def test_a_backup_has_incidents_and_hours(shop, cli, incident, tmp_path):
    shop.cli("backup", str(tmp_path / "all.backup"))
    environment = {
        name: value for name, value in shop.environment.items() if name != "YIYUAN_DATABASE_URL"
    } | {"YIYUAN_HOME": str(tmp_path / "new")}
    said = cli.run(("restore", str(tmp_path / "all.backup"), "--json"), environment)
    assert said.code == 0, said.stderr
    listed = cli.run(("incident", "list", "--json"), environment)
    (found,) = json.loads(listed.stdout)["incidents"]
    assert found == incident
