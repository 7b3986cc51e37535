"""Each command's JSON is the contract's, with and without a running server."""

import json
import subprocess
import sys

import pytest

from tests.system.cli.conftest import CATALOG

ENTRY = [
    *("id", "account", "seq", "at", "kind", "amount", "balance_after", "contra"),
    *("request_id", "key", "actor", "reason"),
]


def test_accounts(anywhere):
    made = anywhere.json("account", "create", "alice", "--balance", "10000000")
    assert made == {"id": made["id"], "name": "alice", "balance": 10_000_000, "held": 0}
    assert anywhere.json("account", "show", "alice") == made
    assert anywhere.json("account", "show", made["id"]) == made
    assert anywhere.json("account", "list") == {"accounts": [made]}
    credit = ("account", "credit", "alice", "5", "--reason", "bank 1", "--key", "K")
    entry = anywhere.json(*credit)
    assert list(entry) == ENTRY
    assert anywhere.json(*credit) == entry
    entry = anywhere.json("account", "debit", made["id"], "10000005", "--reason", "closed")
    assert (entry["amount"], entry["balance_after"]) == (-10_000_005, 0)
    error = anywhere.refused("account", "debit", "alice", "1", "--reason", "more")
    assert error["code"] == "insufficient_balance"
    suspended = anywhere.json("account", "suspend", "alice")
    assert suspended == {**made, "balance": 0, "suspended": True}
    assert anywhere.json("account", "resume", "alice") == {**made, "balance": 0}


def test_tokens(anywhere, catalog_file):
    anywhere.json("apply", str(catalog_file), OPENAI_API_KEY="sk-up")
    anywhere.json("account", "create", "alice")
    made = anywhere.json(
        *("token", "create", "ci", "--account", "alice", "--models", "gpt-4", "--budget", "7"),
        *("--expires", "2999-01-01", "--allow-ip", "10.0.0.0/8", "--allow-ip", "::1"),
        *("--rpm", "60", "--clamp-explicit"),
    )
    assert list(made) == ["id", "name", "key"]
    assert made["key"].startswith("sk-")
    (listed,) = anywhere.json("token", "list", "--account", "alice")["tokens"]
    assert (listed["id"], listed["models"], listed["budget"]) == (made["id"], ["gpt-4"], 7)
    assert listed["allow_ip"] == ["10.0.0.0/8", "::1/128"]
    assert (listed["rpm"], listed["clamp_explicit"]) == (60, True)
    turned = anywhere.json("token", "rotate", made["id"])
    assert list(turned) == ["id", "key"]
    assert turned["key"] != made["key"]
    revoked = anywhere.json("token", "revoke", made["id"])
    assert revoked["revoked"] is not None
    everything = json.dumps(anywhere.json("token", "list", "--account", "alice"))
    assert made["key"] not in everything
    assert turned["key"] not in everything


def test_tokens_are_changed(anywhere, catalog_file):
    anywhere.json("apply", str(catalog_file), OPENAI_API_KEY="sk-up")
    anywhere.json("account", "create", "alice")
    made = anywhere.json(
        *("token", "create", "ci", "--account", "alice", "--budget-day", "5"),
        *("--budget-month", "6", "--model-budget", "gpt-4=7", "--model-budget", "gpt-4=8/day"),
    )
    change = ("token", "set", made["id"])

    def budgets(document):
        return {(each["period"], each["model"]): each["limit"] for each in document["budgets"]}

    (listed,) = anywhere.json("token", "list", "--account", "alice")["tokens"]
    assert budgets(listed) == {
        ("day", None): 5,
        ("month", None): 6,
        ("total", "gpt-4"): 7,
        ("day", "gpt-4"): 8,
    }
    changed = anywhere.json(
        *(*change, "--name", "cd", "--rpm", "9", "--models", "gpt-4", "--expires", "2999-01-01"),
        *("--budget-day", "none", "--model-budget", "gpt-4=none/total", "--allow-ip", "::1"),
    )
    assert budgets(changed) == {("month", None): 6, ("day", "gpt-4"): 8}
    assert (changed["name"], changed["rpm"], changed["models"]) == ("cd", 9, ["gpt-4"])
    assert changed["allow_ip"] == ["::1/128"]
    cleared = ("--rpm", "--models", "--expires", "--allow-ip", "--budget-month")
    changed = anywhere.json(*change, *(word for name in cleared for word in (name, "none")))
    assert [changed[name] for name in ("rpm", "models", "expires", "allow_ip")] == [None] * 4
    assert (changed["name"], budgets(changed)) == ("cd", {("day", "gpt-4"): 8})
    assert anywhere.json("token", "disable", made["id"])["disabled"] is not None
    assert anywhere.json("token", "enable", made["id"])["disabled"] is None
    turned = anywhere.json("token", "rotate", made["id"], "--overlap", "1h")
    assert list(turned) == ["id", "key", "old_key_until"]
    for wrong in ("gpt-4", "gpt-4=x", "gpt-4=5/week", "=5"):
        assert anywhere.refused(*change, "--model-budget", wrong, code=2)["code"] == "usage"


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_key_from_standard_input(shell, ending):
    shell.json("account", "create", "alice")
    key = "fk-abcdefghijklmnopqrstuvwxyz"
    take = ("token", "create", "moved", "--account", "alice", "--key-stdin")
    assert shell.json(*take, stdin=key + ending)["key"] == key
    assert shell.refused(*take, stdin=key)["code"] == "already_exists"
    assert shell.refused(*take, stdin="short")["code"] == "invalid_argument"
    assert shell.refused(*take, stdin="", code=2)["code"] == "usage"


def test_the_catalog(anywhere, catalog_file, tmp_path):
    anywhere.environment["OPENAI_API_KEY"] = "sk-CANARY-of-the-upstream"
    apply = ("apply", str(catalog_file))
    created = {
        "created": ["model gpt-4", "channel openai", "tier 0"],
        "changed": [],
        "left": [],
    }
    nothing = {"created": [], "changed": [], "left": []}
    assert anywhere.json(*apply, "--dry-run") == created
    assert anywhere.json(*apply) == created
    assert anywhere.json(*apply) == nothing
    said = anywhere("export")
    assert (said.code, said.stderr, said.stdout) == (0, "", CATALOG)
    copy = tmp_path / "copy.toml"
    copy.write_text(said.stdout)
    assert anywhere.json("apply", str(copy), "--prune") == nothing
    assert anywhere.json("apply", "-", stdin=said.stdout) == nothing
    document = anywhere.json("export")
    assert list(document) == ["channel", "model", "tier", "group"]
    assert document["channel"][0]["api_key"] == {"env": "OPENAI_API_KEY"}
    catalog_file.write_text('[[model]]\nname = "b"\nprice = { input = "0", output = "0" }\n')
    left = anywhere.json(*apply)
    assert left == {"created": ["model b"], "changed": [], "left": created["created"]}
    pruned = anywhere.json(*apply, "--prune")
    assert pruned == {"created": [], "changed": created["created"], "left": []}
    files = [path.read_bytes() for path in anywhere.home.iterdir() if path.is_file()]
    assert not any(b"CANARY" in content for content in files)


def test_a_wrong_catalog_names_file_line_and_field(anywhere, catalog_file):
    catalog_file.write_text(CATALOG.replace("rpm = 500", 'rpm = "many"'))
    error = anywhere.refused("apply", str(catalog_file), OPENAI_API_KEY="sk-up")
    assert error == {
        "code": "invalid_catalog",
        "message": f"{catalog_file}:10: model.rpm: must be an integer, not a string",
    }
    catalog_file.write_text(CATALOG)
    error = anywhere.refused("apply", str(catalog_file))
    assert error["message"] == (
        f"{catalog_file}:5: channel.api_key: the environment variable OPENAI_API_KEY is not set"
    )
    catalog_file.write_bytes(b"# one\n# two \xff\n")
    error = anywhere.refused("apply", str(catalog_file))
    assert error["message"] == f"{catalog_file}:2: is not UTF-8"
    assert anywhere("export").stdout == ""


def test_the_ledger(anywhere):
    made = anywhere.json("account", "create", "alice", "--balance", "100")
    for number in range(3):
        anywhere.json("account", "credit", "alice", str(number + 1), "--reason", f"=SUM {number}")
    assert anywhere.json("ledger", "verify", "--full") == {
        "ok": True,
        "accounts": 1,
        "entries": 4,
        "problems": [],
    }
    found = anywhere.json("ledger", "statement", "alice")
    assert list(found) == ["opening", "entries", "closing"]
    assert (found["opening"], found["closing"]) == (0, 106)
    assert [entry["amount"] for entry in found["entries"]] == [100, 1, 2, 3]
    assert list(found["entries"][0]) == ENTRY
    since = found["entries"][1]["at"]
    later = anywhere.json("ledger", "statement", made["id"], "--since", since)
    assert (later["opening"], len(later["entries"]), later["closing"]) == (100, 3, 106)
    earlier = anywhere.json("ledger", "statement", "alice", "--until", since)
    assert (earlier["opening"], len(earlier["entries"]), earlier["closing"]) == (0, 1, 100)
    said = anywhere("ledger", "statement", "alice", "--csv")
    head, *rows = said.stdout.splitlines()
    assert head.startswith("at,")
    assert len(rows) == 4
    assert "'=SUM 0" in rows[1]
    error = anywhere.refused("ledger", "refund", "ex_none", "--reason", "x")
    assert error["code"] == "not_found"
    assert anywhere.json("usage", "alice", "--since", "2026-01-01")["usage"] == []


def test_a_long_statement_is_whole(shell):
    """More entries than a page of the control socket has."""
    shell.json("account", "create", "alice")
    script = shell.home.parent / "fill.py"
    script.write_text(
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from yiyuan.services.commands import run\n"
        "from yiyuan.services.shared.opening import open_context\n"
        "from yiyuan.kernel.settings import load\n"
        "async def fill():\n"
        "    async with open_context(load({}, home=Path(sys.argv[1]))) as context:\n"
        "        post = dict(name='alice', amount=1, reason='x')\n"
        "        await asyncio.gather(*(\n"
        "            run(context, 'account.credit', post, print) for _ in range(5_003)))\n"
        "asyncio.run(fill())\n"
    )
    subprocess.run([sys.executable, script, shell.home], check=True, timeout=30)
    for _ in range(2):
        found = shell.json("ledger", "statement", "alice")
        assert [entry["seq"] for entry in found["entries"]] == list(range(1, 5_004))
        assert found["closing"] == 5_003
        shell.json("account", "show", "alice")
    with shell.server():
        assert shell.json("ledger", "statement", "alice") == found


def test_json_may_stand_anywhere_after_the_noun(shell):
    expected = {"accounts": []}
    for argv in (
        ["account", "list", "--json"],
        ["account", "--json", "list"],
        ["--json", "account", "list"],
    ):
        said = shell(*argv)
        assert json.loads(said.stdout) == expected, argv


def test_people_get_tables_with_yuan_first(shell, catalog_file):
    shell("account", "create", "a[b]c 公司", "--balance", "69540")
    said = shell("account", "list")
    assert "¥0.06954 (69,540 词元)" in said.stdout
    assert "a[b]c 公司" in said.stdout
    assert "¥1,234,567.00 (1,234,567,000,000 词元)" in (
        shell("account", "create", "rich", "--balance", "1234567000000").stdout
    )
    made = shell.json("token", "create", "s", "--account", "rich")
    said = shell("token", "create", "t", "--account", "rich", "--budget", "5")
    assert "key  sk-" in said.stdout
    assert "not shown again" in said.stdout
    for argv in (
        ["token", "set", made["id"], "--budget-day", "7"],
        ["token", "list", "--account", "rich"],
        ["ledger", "verify"],
        ["ledger", "statement", "rich"],
        ["usage", "rich"],
        ["apply", str(catalog_file), "--dry-run"],
    ):
        said = shell(*argv, OPENAI_API_KEY="sk-x")
        assert (said.code, said.stderr) == (0, ""), said
        assert said.stdout.strip()
