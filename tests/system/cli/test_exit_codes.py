"""0 done, 1 refused or not right, 2 wrong use; a failure is one JSON error on stderr."""

import json
import socket
import sqlite3

import pytest

WRONG_USE = [
    ["acount", "list"],
    ["account", "destroy", "x"],
    ["account", "create"],
    ["account", "create", "a", "b"],
    ["account", "create", "a", "--balance", "-1"],
    ["account", "create", "a", "--balance", "1.5"],
    ["account", "create", "a", "--balance", "9223372036854775808"],
    ["account", "create", "a", "--nonsense"],
    ["account", "credit", "a", "0", "--reason", "x"],
    ["account", "credit", "a", "5"],
    ["token", "create", "x"],
    ["token", "create", "x", "--account", "a", "--rpm", "0"],
    ["token", "list"],
    ["apply", "/nonexistent.toml"],
    ["apply", "/"],
    ["ledger", "refund", "ex_1"],
    ["ledger", "statement", "a", "--csv", "--json"],
    ["serve", "--port", "65536"],
    ["serve", "--workers", "0"],
    ["serve", "--workers", "2"],
    ["serve", "extra"],
]


@pytest.mark.parametrize("argv", WRONG_USE, ids=" ".join)
@pytest.mark.parametrize("json_flag", [[], ["--json"]], ids=["", "json"])
def test_wrong_use_is_2(shell, argv, json_flag):
    error = shell.refused(*argv, *json_flag, code=2)
    assert error["code"] == "usage"
    assert not shell.home.exists(), "wrong use touches nothing"


REFUSED = [
    (["account", "show", "nobody"], "not_found"),
    (["account", "credit", "nobody", "5", "--reason", "x"], "not_found"),
    (["account", "create", "taken"], "already_exists"),
    (["account", "create", ""], "invalid_argument"),
    (["account", "debit", "taken", "5", "--reason", "x"], "insufficient_balance"),
    (["account", "suspend", "nobody"], "not_found"),
    (["token", "create", "x", "--account", "nobody"], "not_found"),
    (["token", "create", "x", "--account", "taken", "--models", "gpt-9"], "not_found"),
    (["token", "create", "x", "--account", "taken", "--models", ""], "not_found"),
    (["token", "create", "x", "--account", "taken", "--expires", "soon"], "invalid_argument"),
    (["token", "create", "x", "--account", "taken", "--allow-ip", "x"], "invalid_argument"),
    (["token", "revoke", "tok_x"], "not_found"),
    (["token", "rotate", "tok_x"], "not_found"),
    (["ledger", "statement", "nobody"], "not_found"),
    (["ledger", "statement", "taken", "--since", "soon"], "invalid_argument"),
    (["ledger", "refund", "ex_x", "--reason", "x"], "not_found"),
    (["usage", "nobody"], "not_found"),
]


def test_a_refusal_is_1(anywhere):
    anywhere.json("account", "create", "taken")
    for argv, code in REFUSED:
        assert anywhere.refused(*argv)["code"] == code, argv
    anywhere.json("ledger", "verify")


def test_a_name_that_is_no_text(shell):
    assert shell.refused("account", "show", "\udcff")["code"] == "invalid_argument"


def test_wrong_settings_are_wrong_use(shell):
    error = shell.refused("account", "list", code=2, YIYUAN_HOEM="/x")
    assert error["code"] == "invalid_setting"
    assert "YIYUAN_HOEM" in error["message"]
    error = shell.refused("serve", code=2, YIYUAN_LANGUAGE="fr")
    assert error["code"] == "invalid_setting"


@pytest.mark.parametrize("argv", [["account", "list"], ["serve"]])
def test_a_database_server_that_is_not_there(shell, argv):
    error = shell.refused(*argv, YIYUAN_DATABASE_URL="postgresql://u:SECRET@127.0.0.1:1/d")
    assert error["code"] == "unavailable"
    assert "SECRET" not in error["message"]


def test_an_address_that_is_taken(shell):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        error = shell.refused("serve", "--port", str(port))
    assert error["code"] == "address_unusable"
    assert str(port) in error["message"]


def test_books_that_are_wrong_are_1_with_the_document(shell):
    shell.json("account", "create", "alice", "--balance", "100")
    for change in ("posted = posted + 1", "held = 5"):
        connection = sqlite3.connect(shell.home / "yiyuan.db")
        connection.execute(f"UPDATE accounts SET {change}")
        connection.commit()
        connection.close()
        said = shell("ledger", "verify", "--json")
        assert (said.code, said.stderr) == (1, "")
        document = json.loads(said.stdout)
        assert not document["ok"]
        assert document["problems"]
    said = shell("ledger", "verify")
    assert said.code == 1
    assert "WRONG" in said.stdout
    # No other command works on such books.
    error = shell.refused("account", "credit", "alice", "1", "--reason", "x")
    assert error["code"] == "books_disagree"


def test_a_damaged_file_is_1(shell):
    shell.home.mkdir()
    (shell.home / "yiyuan.db").write_bytes(b"no database" * 1000)
    assert shell.refused("ledger", "verify")["code"] == "home_unusable"


def test_a_reader_that_leaves_is_no_traceback(shell):
    process = shell.start("ledger", "statement", "alice", "--help")
    process.stdout.close()
    assert process.wait(timeout=20) in (0, 1)
    assert process.stderr.read() == ""
    process.stderr.close()
