"""What the runbook tells people to type exists, and so do the tests that guarantees name."""

import re
import shlex

import click
import pytest

from tests.project.tidy.tree import ROOT
from yiyuan.cli.main import yiyuan

FENCE = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
TEST = re.compile(r"`(tests/[\w/]+\.py(?:::\w+)?)`")
LANGUAGES = ("en", "zh")
PAGES = ("runbook", "guarantees", "many-nodes")
FAULTS = {"en": "docs/faults.md", "zh": "docs/faults.zh.md"}


def page(language: str, name: str) -> str:
    """A page of the documentation."""
    return (ROOT / f"docs/{language}/{name}.md").read_text(encoding="utf-8")


def commands(text: str) -> list[list[str]]:
    """The arguments of every `yiyuan` in a block of shell."""
    lines = [line.strip() for block in FENCE.findall(text) for line in block.splitlines()]
    words = [shlex.split(line.partition(" > ")[0], comments=True) for line in lines]
    return [each[each.index("yiyuan") + 1 :] for each in words if "yiyuan" in each]


def check(argv: list[str]) -> None:
    """Raises click's UsageError when the program would not understand this."""
    command: click.Command = yiyuan
    context = click.Context(yiyuan, info_name="yiyuan")
    while isinstance(command, click.Group):
        name, *argv = argv
        found = command.get_command(context, name)
        assert found is not None, name
        command = found
    command.make_context(command.name, list(argv), resilient_parsing=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_of_the_runbook_exists(language: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for file in ("backup.gz", "drill.gz", "before-upgrade.gz"):
        (tmp_path / file).touch()
    found = [argv for name in PAGES for argv in commands(page(language, name))]
    assert len(found) > 15
    for argv in found:
        check(argv)


def test_both_languages_show_the_same_commands() -> None:
    for name in PAGES:
        assert commands(page("en", name)) == commands(page("zh", name))


def is_there(test: str) -> bool:
    """Whether `file` or `file::function` names a test."""
    file, _, function = test.partition("::")
    path = ROOT / file
    return path.is_file() and f"def {function}" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_test_that_a_page_names_exists(language: str) -> None:
    def named(language: str) -> list[set[str]]:
        texts = [page(language, name) for name in PAGES]
        texts.append((ROOT / FAULTS[language]).read_text(encoding="utf-8"))
        return [set(TEST.findall(text)) for text in texts]

    found = named(language)
    assert found == named("en")
    assert {each for tests in found for each in tests if not is_there(each)} == set()
    assert len(found[PAGES.index("guarantees")]) > 15
    assert len(found[-1]) > 50
