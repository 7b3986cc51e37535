"""Who reads Chinese gets Chinese; programs get the same in any language."""

import re
import subprocess
import sys

import click
import pytest

from tests.system.cli.test_help import ALL
from yiyuan.cli.main import yiyuan
from yiyuan.cli.shared.help_text import paragraphs
from yiyuan.i18n.locale_env import is_chinese
from yiyuan.i18n.zh.cli import WORDS

CHINESE = {"LANG": "zh_CN.UTF-8"}
COMMANDS = {(): yiyuan, **ALL}
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "zh"}, True),
        ({"LANG": "zh_TW.Big5"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "C.UTF-8"}, False),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, True),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "POSIX", "LANGUAGE": "zh"}, False),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, True),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, True),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, True),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "en:zh_CN"}, False),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "fr:zh"}, True),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "fr"}, False),
        ({"LANGUAGE": "zh"}, False),
        ({"YIYUAN_LANGUAGE": "zh"}, False),
    ],
)
def test_the_environment_says_which_language(environment, expected):
    assert is_chinese(environment) is expected


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_help_has_its_chinese(shell, path):
    command = COMMANDS[path]
    options = [p for p in command.params if isinstance(p, click.Option)]
    comments = re.findall(r"  # (.*)", command.epilog)
    texts = [*paragraphs(command.help), *(option.help for option in options), *comments]
    assert [text for text in texts if not HAN.search(WORDS.get(text, ""))] == []
    said = shell(*path, "--help", **CHINESE)
    assert (said.code, said.stderr) == (0, "")
    for heading in ("用法：", "选项：", "示例："):
        assert heading in said.stdout
    for english in (*texts, "Usage", "Options", "Commands", "Examples", "required"):
        assert english not in said.stdout
    assert WORDS[paragraphs(command.help)[0]][:10] in said.stdout


def test_a_process_of_its_own_speaks_chinese(shell):
    environment = shell.variables(CHINESE)
    command = [sys.executable, "-m", "yiyuan", "token", "create", "--help"]
    said = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8")
    assert said.returncode == 0
    assert said.stdout.startswith("用法：yiyuan token create [选项] NAME\n")
    assert "创建词元密钥，密钥只显示这一次。" in said.stdout
    assert "--account A               付费的账户。  [必填]" in said.stdout


def test_a_terminal_that_lacks_our_characters_ends_no_command(shell):
    shell("account", "create", "公司", "--balance", "5")
    variables = shell.variables({"LC_ALL": "zh_CN.GBK", "PYTHONIOENCODING": "gbk"})
    command = [sys.executable, "-m", "yiyuan", "account", "list"]
    said = subprocess.run(command, env=variables, capture_output=True, encoding="gbk")
    assert (said.returncode, said.stderr) == (0, "")
    assert "公司" in said.stdout


def test_json_is_the_same_in_any_language(shell, catalog_file):
    shell.json("apply", str(catalog_file), OPENAI_API_KEY="sk-up")
    shell.json("account", "create", "alice", "--balance", "100")
    shell.json("token", "create", "ci", "--account", "alice", "--budget-day", "5")
    for argv in (
        ["account", "show", "alice"],
        ["account", "list"],
        ["account", "show", "nobody"],
        ["account", "debit", "alice", "500", "--reason", "x"],
        ["account", "credit", "alice", "0", "--reason", "x"],
        ["acount"],
        ["token", "list", "--account", "alice"],
        ["token", "create", "x"],
        ["ledger", "statement", "alice"],
        ["ledger", "verify"],
        ["limits", "alice", "gpt-4"],
        ["usage", "alice"],
        ["export"],
        ["migrate"],
    ):
        said = [shell(*argv, "--json", **language) for language in ({}, CHINESE)]
        assert said[0] == said[1], argv
    assert shell("export").stdout == shell("export", **CHINESE).stdout


def test_people_read_chinese(shell, catalog_file):
    def say(*argv, **more):
        said = shell(*argv, **CHINESE, **more)
        assert (said.code, said.stderr) == (0, ""), said
        return said.stdout

    assert "将创建   渠道 openai" in say(
        "apply", str(catalog_file), "--dry-run", OPENAI_API_KEY="sk-up"
    )
    say("apply", str(catalog_file), OPENAI_API_KEY="sk-up")
    assert "余额" in say("account", "create", "alice", "--balance", "7")
    assert "请现在保存密钥" in say("token", "create", "t", "--account", "alice", "--budget", "5")
    assert "累计：已花费 ¥0.00" in say("token", "list", "--account", "alice")
    assert "账本正确：1 个账户，1 条分录。" in say("ledger", "verify")
    assert "赠送" in say("ledger", "statement", "alice")
    limits = say("limits", "alice", "gpt-4")
    assert "每分钟 500 次请求" in limits
    assert "per minute" not in limits
    assert "正常  数据库结构：" in say("doctor", "--offline")


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["acount"], "没有命令 'acount'。是不是 'account'？见：yiyuan --help"),
        (["account", "create"], "缺少参数 'NAME'。见：yiyuan account create --help"),
        (["token", "list"], "缺少选项 '--account'。见："),
        (["account", "create", "a", "b"], "多出的参数（b）。见："),
        (["account", "create", "a", "--x"], "没有选项 '--x'。见："),
        (
            ["account", "create", "a", "--balance", "x"],
            "'--balance' 的值无效：'x' 须为整数词元，或 ¥12.5 这样的元。",
        ),
        (["serve", "--port", "70000"], "'--port' 的值无效：70000 不在范围 0<=x<=65535 内。"),
        (["apply", "/none.toml"], "'FILE' 的值无效：文件 '/none.toml' 不存在。"),
        (["token", "rotate", "x", "--overlap", "9h"], "'--overlap' 的值无效：'9h' 不在可选值之中"),
        (["account", "show", "a: b"], "没有账户“a: b”"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_failures_are_told_in_chinese(shell, argv, expected):
    said = shell(*argv, **CHINESE)
    assert said.stdout == ""
    assert said.stderr.startswith(f"yiyuan: {expected}")


def test_a_wrong_setting_is_told_in_chinese(shell):
    said = shell("account", "list", YIYUAN_LANGUAGE="fr", **CHINESE)
    assert (said.code, said.stdout) == (2, "")
    assert said.stderr == "yiyuan: YIYUAN_LANGUAGE：须为下列之一：en, zh\n"
