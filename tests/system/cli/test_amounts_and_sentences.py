"""Amounts may be given in 元, errors are sentences, and each command is a file of its own."""

import json
import subprocess
import sys

import pytest

from yiyuan.cli import commands
from yiyuan.cli.main import yiyuan
from yiyuan.cli.shared.lazy_commands import LazyCommands
from yiyuan.cli.shared.options import AMOUNT, BALANCE


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("12500000", 12_500_000),
        ("¥12.5", 12_500_000),
        ("￥12.50", 12_500_000),
        ("¥0.000001", 1),
        ("¥ 3", 3_000_000),
        ("0", 0),
        ("¥9000000000000", 9_000_000_000_000_000_000),
    ],
)
def test_an_amount_is_whole_or_has_a_sign(text, micros):
    assert BALANCE.convert(text, None, None) == micros


@pytest.mark.parametrize(
    "text", ["", "¥", "12.5", "-1", "¥-1", "¥1.0000001", "1e6", "¥1,000", "¥.5", "¥9300000000000"]
)
def test_what_is_no_amount_is_wrong_use(text):
    with pytest.raises(Exception, match="must be whole 词元, or 元 such as"):
        BALANCE.convert(text, None, None)


def test_an_amount_of_nothing_is_no_amount():
    with pytest.raises(Exception, match="must be whole"):
        AMOUNT.convert("¥0", None, None)


def test_amounts_in_yuan_are_exact(shell):
    assert shell.json("account", "create", "alice", "--balance", "¥12.5")["balance"] == 12_500_000
    entry = shell.json("account", "credit", "alice", "¥0.000001", "--reason", "a test")
    assert (entry["amount"], entry["balance_after"]) == (1, 12_500_001)


def test_an_error_is_a_sentence_unless_a_program_reads_it(shell):
    said = shell("account", "show", "nobody")
    assert (said.code, said.stdout) == (1, "")
    assert said.stderr == 'yiyuan: there is no account "nobody"\n'
    said = shell("account", "show", "nobody", "--json")
    assert json.loads(said.stderr)["error"] == {
        "code": "not_found",
        "message": 'there is no account "nobody"',
    }


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete(shell, shell_name):
    said = shell("completion", shell_name)
    assert (said.code, said.stderr) == (0, "")
    assert "_YIYUAN_COMPLETE" in said.stdout
    assert shell.json("completion", shell_name)["script"] == said.stdout


def test_completion_offers_commands_and_their_verbs(shell):
    for words, wanted in (("yiyuan cha", "channel"), ("yiyuan channel k", "key")):
        environment = shell.variables(
            {
                "_YIYUAN_COMPLETE": "bash_complete",
                "COMP_WORDS": words,
                "COMP_CWORD": str(words.count(" ")),
            }
        )
        done = subprocess.run(
            [sys.executable, "-m", "yiyuan"], env=environment, capture_output=True, text=True
        )
        assert f"plain,{wanted}" in done.stdout.splitlines(), done


def test_a_command_imports_no_other(shell):
    code = (
        "import sys; from yiyuan.cli.main import run; run(['account', '--help']);"
        "print([m for m in sys.modules if m.startswith('yiyuan.cli.commands.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=shell.variables(), capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == str(
        ["yiyuan.cli.commands.accounts", "yiyuan.cli.commands.accounts.account"]
    )


def test_a_file_is_all_that_a_command_needs(tmp_path, monkeypatch):
    folder = tmp_path / "more_commands" / "weather"
    folder.mkdir(parents=True)
    for each in (folder.parent, folder):
        (each / "__init__.py").write_text('"""Commands."""\n')
    (folder / "rain.py").write_text(
        "import click\n@click.command()\ndef rain():\n    click.echo('it rains')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = LazyCommands(__import__("more_commands"))
    assert list(found) == ["rain"]
    assert found["rain"].callback is not None


def test_every_file_of_a_command_holds_it():
    found = LazyCommands(commands)
    assert len(found) > 20
    assert [name for name in found if found[name].name != name] == []
    assert set(yiyuan.commands) == set(found)
