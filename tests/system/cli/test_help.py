"""Help is quick, complete, and has examples that the parser takes."""

import os
import shlex

import click
import pytest

from yiyuan.cli.main import yiyuan

CPU_SECONDS_MAX = 0.25


def commands(group=yiyuan, path=()):
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


ALL = dict(commands())


def test_it_has_the_contracts_commands():
    assert {
        *(("serve",), ("apply",), ("export",), ("usage",)),
        *(("backup",), ("restore",), ("migrate",), ("doctor",)),
        *(("account", verb) for verb in ("create", "show", "list", "credit", "debit")),
        *(("account", verb) for verb in ("suspend", "resume")),
        *(("token", verb) for verb in ("create", "list", "revoke", "rotate")),
        *(("ledger", verb) for verb in ("verify", "statement", "refund")),
    } <= {path for path, command in ALL.items() if not isinstance(command, click.Group)}


@pytest.mark.parametrize("path", [(), *ALL], ids=" ".join)
def test_every_command_explains_itself(shell, path):
    said = shell(*path, "--help")
    assert (said.code, said.stderr) == (0, "")
    assert "Usage: yiyuan" in said.stdout
    assert "Examples:" in said.stdout
    assert "--json" in said.stdout
    assert "yiyuan " + " ".join(path) in said.stdout
    assert not shell.home.exists()


@pytest.mark.parametrize("path", [(), *ALL], ids=" ".join)
def test_examples_are_accepted_by_the_parser(path):
    command = ALL.get(path, yiyuan)
    lines = command.epilog.splitlines()[2:]
    assert lines
    for line in lines:
        words = shlex.split(line.partition("#")[0].partition("<")[0].partition(" > ")[0])
        assert words[0] == "yiyuan"
        parse(yiyuan, words[1:])


def parse(command, words):
    """Parse as far as possible without running anything."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        _, inner, rest = command.resolve_command(context, words)
        parse(inner, rest)
        return
    try:
        command.make_context(command.name, words, obj=None)
    except click.BadParameter as error:
        assert "does not exist" in error.message, "an example's file is not here"


@pytest.mark.parametrize("argv", [[], ["account"]])
def test_a_noun_alone_shows_its_help(shell, argv):
    said = shell(*argv)
    assert (said.code, said.stderr) == (0, "")
    assert "Examples:" in said.stdout


def test_version(shell):
    assert shell("--version").stdout == "yiyuan 0.1.0\n"


def test_help_is_quick(shell):
    """CPU time of the whole process, the best of three: the machine may be busy."""
    spent = []
    for _ in range(3):
        process = shell.start("--help")
        process.stdout.read()
        process.stdout.close()
        process.stderr.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        spent.append(usage.ru_utime + usage.ru_stime)
    assert min(spent) <= CPU_SECONDS_MAX, spent
