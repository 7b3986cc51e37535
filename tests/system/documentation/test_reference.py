"""What users may rely on is documented in both languages, and says what the code says."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.project.tidy.tree import ROOT, dotted, files, text_of, tree_of
from yiyuan.cli.main import yiyuan
from yiyuan.telemetry.metrics import COUNTERS, GAUGES, HISTOGRAMS

LANGUAGES = ("en", "zh")
DOCS = ROOT / "docs"
HEADING = re.compile(r"^#+ ", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
OPTION = re.compile(r"`(--[a-z-]+)`")
TRANSLATED = [
    ("README.md", "README.zh.md"),
    ("CHANGELOG.md", "CHANGELOG.zh.md"),
    ("docs/architecture.md", "docs/architecture.zh.md"),
    ("docs/faults.md", "docs/faults.zh.md"),
]


def reference(language: str, name: str) -> str:
    """One page of the reference."""
    return text_of(Path(f"docs/{language}/reference/{name}.md"))


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its whole name."""
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from commands(child, f"{path} {name}")
    else:
        yield path, command


def refusals() -> set[str]:
    """The codes of all ServiceErrors in the source."""
    return {
        str(node.args[0].value)
        for path in files(".py", under="src/")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and dotted(node.func).endswith("ServiceError")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def test_settings_and_errors_are_what_the_code_says() -> None:
    command = [sys.executable, ROOT / "tools/reference.py", "--check"]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, f"run tools/reference.py: {checked.stdout}{checked.stderr}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_and_option_is_documented(language: str) -> None:
    page = reference(language, "commands")
    rows = {row.split("|")[1].strip(" `"): row for row in page.splitlines() if "| `yiyuan" in row}
    documented = {name: set(OPTION.findall(row.split("|")[2])) for name, row in rows.items()}
    exist = {}
    for path, command in commands(yiyuan, "yiyuan"):
        places = [p.make_metavar(click.Context(command)) for p in command.params if is_place(p)]
        options = {name for p in command.params if not is_place(p) for name in p.opts}
        exist[" ".join([path, *places])] = options - {"--json"}
    assert documented == exist


def is_place(parameter: click.Parameter) -> bool:
    """Whether a parameter is given by its place."""
    return isinstance(parameter, click.Argument)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_of_a_command_is_documented(language: str) -> None:
    page = reference(language, "commands")
    missing = {code for code in refusals() if f"| `{code}` |" not in page}
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_metric_is_documented(language: str) -> None:
    page = reference(language, "metrics")
    labelled = {name: labels for name, (_, labels) in (COUNTERS | GAUGES).items()}
    labelled |= {name: (label,) for name, (_, label) in HISTOGRAMS.items()}
    rows = {
        f"| `{name}` | {', '.join(f'`{label}`' for label in labels) or '–'} |"
        for name, labels in labelled.items()
    }
    assert {row for row in rows if row not in page} == set()
    shown = set(re.findall(r"^\| `(yiyuan_\w+)`", page, re.MULTILINE))
    assert shown == labelled.keys()
    texts = [text for text, _ in (*COUNTERS.values(), *GAUGES.values(), *HISTOGRAMS.values())]
    assert language == "zh" or [text for text in texts if f"| {text} |" not in page] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_of_the_catalog_is_documented(language: str) -> None:
    """The fields that the readers of the file ask a table for, by name."""
    page = reference(language, "catalog")
    asked = {
        str(node.args[0].value)
        for name in ("file", "channel_fields")
        for node in ast.walk(tree_of(Path(f"src/yiyuan/services/catalog/reading/{name}.py")))
        if isinstance(node, ast.Call)
        and dotted(node.func).startswith("table.")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    asked -= {"price", "api_key"} & asked
    assert len(asked) > 20, "the readers look different now: adjust this test"
    assert {field for field in asked if f"| `{field}` |" not in page} == set()


def test_both_languages_have_the_same_pages_and_headings() -> None:
    pages = {lang: {p.relative_to(DOCS / lang) for p in (DOCS / lang).rglob("*.md")}
             for lang in LANGUAGES}  # fmt: skip
    assert pages["en"] == pages["zh"]
    pairs = [(f"docs/en/{page}", f"docs/zh/{page}") for page in pages["en"]]
    for english, chinese in pairs + TRANSLATED:
        one, other = (FENCE.sub("", text_of(Path(name))) for name in (english, chinese))
        assert len(HEADING.findall(one)) == len(HEADING.findall(other)), english
        assert one.count("\n|") == other.count("\n|"), f"{english}: rows of tables"


def test_both_lists_of_changes_have_the_same_versions_and_points() -> None:
    def points(name: str) -> dict[str, int]:
        versions = re.split(r"^## ", text_of(Path(name)), flags=re.MULTILINE)[1:]
        return {text.partition("\n")[0].strip(): text.count("\n- ") for text in versions}

    english, chinese = points("CHANGELOG.md"), points("CHANGELOG.zh.md")
    assert list(english.items()) == list(chinese.items())
    assert all(english.values())


def test_links_lead_somewhere() -> None:
    broken = [
        f"{path}: {target}"
        for path in files(".md")
        for target in LINK.findall(FENCE.sub("", text_of(path)))
        if "://" not in target and not target.startswith("/")  # of the running server
        if not (ROOT / path.parent / target).exists()
    ]
    assert not broken


def test_make_help_lists_every_target_that_the_readme_names() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", text_of(Path("Makefile")), re.MULTILINE))
    for path in (Path("README.md"), Path("README.zh.md"), Path("CONTRIBUTING.md")):
        assert set(re.findall(r"\bmake ([a-z-]+)\b", text_of(path))) <= targets | {"good"}
