"""Everything that commands say has its Chinese, and the dictionary holds nothing else."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import pytest

from tests.project.tidy.tree import ROOT, dotted, files, functions, tree_of
from tests.system.cli.test_chinese import CHINESE, HAN
from yiyuan.cli.shared.help_text import paragraphs
from yiyuan.i18n.locale_env import told, words
from yiyuan.i18n.message import Message
from yiyuan.i18n.zh.api.console import PAGES
from yiyuan.i18n.zh.cli import MESSAGES, SENTENCES, WORDS
from yiyuan.i18n.zh.cli_help import HELP
from yiyuan.i18n.zh.cli_output import OUTPUT

PLACE = re.compile(r"\{[^{}]*\}")
NAMES = re.compile(r"\{(\w+)(?::,)?\}")
BETWEEN_PIECES = re.compile(r"\{\w+\}|[.;:] ")
SAME_IN_ANY_LANGUAGE = {"id", ""}
SENTENCES_INSIDE = {
    "reason": "looks like an id",
    "fault": "looks like an id",
    "error": "it is no backup of this program",
    "what": "the reason",
    "kind(value)": "a string",
    "kind(values)": "a string",
    "kind(item)": "a string",
    "kind(upstream)": "a string",
}
"""What stands for a part of a text that is a sentence itself."""
SAYS_OF_A_CHECK = ("Check", "skipped", "_home_fault", "Message")
ONLY_THE_CONSOLE = tuple(
    f"src/yiyuan/services/{name}"
    for name in ("catalog/edit", "channels/check", "payments/codes", "people/", "site/")
)
"""Services whose other messages the console's API alone can meet."""
OF_THE_CONSOLE_TOO = tuple(
    f"src/yiyuan/services/{name}.py" for name in ("tokens/budgets", "catalog/catalog")
)


@pytest.fixture
def in_chinese(monkeypatch):
    """Whoever reads this process's messages reads Chinese."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


def filled(template: str | Message) -> Message:
    """A message whose places hold something that is no sentence."""
    if isinstance(template, Message):
        return template
    if not NAMES.search(template):
        template = template.replace("{", "{{").replace("}", "}}")
    return Message(str(template), **dict.fromkeys(NAMES.findall(str(template)), 7))


def texts_in(node: ast.expr) -> list[Any]:
    """The texts that an expression may stand for, its places filled with something."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(sample(part) for part in node.values)]
    if isinstance(node, ast.Call) and dotted(node.func) == "Message":
        return [filled(text) for text in texts_in(node.args[0])]
    if isinstance(node, ast.IfExp):
        return texts_in(node.body) + texts_in(node.orelse)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict):
        return [text for value in node.value.values for text in texts_in(value)]
    if isinstance(node, ast.Tuple):
        return [text for value in node.elts for text in texts_in(value)]
    return []


def sample(part: ast.expr) -> str:
    """A piece of a text; 7 stands for a name or a number."""
    if isinstance(part, ast.FormattedValue):
        return SENTENCES_INSIDE.get(ast.unparse(part.value), "7")
    return str(part.value) if isinstance(part, ast.Constant) else ""


def printed() -> set[str]:
    """Every text that a command prints by `say`, `words`, or as a heading or field."""
    found: list[str] = []
    for path in files(".py", under="src/yiyuan/cli/"):
        for node in ast.walk(tree_of(path)):
            name = dotted(node.func) if isinstance(node, ast.Call) else ""
            if name in ("say", "words"):
                found += texts_in(node.args[0])
            elif name == "print_table":
                found += [text for part in node.args for text in texts_in(part)]
            elif name == "print_fields":
                pairs = getattr(node.args[0], "elts", [])
                found += [t for p in pairs if isinstance(p, ast.Tuple) for t in texts_in(p.elts[0])]
            elif isinstance(node, ast.Assign) and dotted(node.targets[0]) in ("headings", "hint"):
                found += texts_in(node.value)
    return {text.removesuffix(">") for text in found} - SAME_IN_ANY_LANGUAGE


def test_everything_printed_has_its_chinese():
    texts = printed()
    assert len(texts) > 60, "commands print in another way now: adjust this test"
    assert {text for text in texts if text not in WORDS} == set()


def messages(path: Path) -> list[tuple[str, str | Message]]:
    """Code and message of every ServiceError in a file, as far as they are written there."""
    found = []
    for _, function in functions(path):
        named: dict[str, list[Any]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign):
                named.setdefault(dotted(node.targets[0]), []).extend(texts_in(node.value))
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and dotted(node.func).endswith("ServiceError"):
                code, message = node.args
                texts = texts_in(message) or named.get(dotted(message), [])
                found += [(ast.unparse(code), text) for text in texts]
    return found


@pytest.mark.usefixtures("in_chinese")
def test_every_refusal_of_a_command_has_its_chinese():
    paths = [
        path
        for room in ("cli", "services")
        for path in files(".py", under=f"src/yiyuan/{room}/")
        if not path.as_posix().startswith(ONLY_THE_CONSOLE)
    ]
    found = [message for path in paths for _, message in messages(path)]
    assert len(found) > 40, "commands refuse in another way now: adjust this test"
    unknown = [str(message) for message in found if not HAN.search(told(message))]
    # What the system says of a file is not ours; the others are frames of those below.
    assert set(unknown) == {"7: 7", "7:7: 7: 7"}


def complaints_about(paths: Iterable[Path]) -> list[Message]:
    """What `invalid` says in these files of an argument, its places filled."""
    return [
        Message(
            f"{{argument}} {reason}", argument=name, **dict.fromkeys(NAMES.findall(reason), "7")
        )
        for path in paths
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and dotted(node.func) == "invalid"
        for name in texts_in(node.args[0]) or ["amount"]
        for reason in texts_in(node.args[1])
    ]


@pytest.mark.usefixtures("in_chinese")
def test_every_complaint_about_an_argument_has_its_chinese():
    complaints = complaints_about(
        path
        for path in files(".py", under="src/yiyuan/services/")
        if not path.as_posix().startswith((*ONLY_THE_CONSOLE, *OF_THE_CONSOLE_TOO))
    )
    assert len(complaints) > 15
    assert [str(text) for text in complaints if not HAN.search(told(text))] == []


@pytest.mark.usefixtures("in_chinese")
def test_every_complaint_about_a_catalog_has_its_chinese():
    reasons = [
        text
        for path in (
            *files(".py", under="src/yiyuan/services/catalog/"),
            Path("src/yiyuan/integrations/providers/quirks.py"),
            Path("src/yiyuan/pricing/line_document.py"),
        )
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and dotted(node.func).rpartition(".")[2] in ("problem", "WrongQuirk", "PriceError")
        for text in texts_in(node.args[1])
    ]
    assert len(reasons) > 45
    assert [str(text) for text in reasons if not HAN.search(told(filled(text)))] == []


@pytest.mark.usefixtures("in_chinese")
def test_every_check_has_its_chinese():
    """What `doctor` finds and advises, but for commands, places and versions."""
    found: list[Any] = []
    for path in (
        *files(".py", under="src/yiyuan/services/maintenance/doctor/"),
        Path("src/yiyuan/cli/commands/maintenance/doctor.py"),
    ):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Assign):
                is_text = dotted(node.targets[0]) in ("detail", "advice", "restore", "template")
                found += texts_in(node.value) if is_text else []
            elif isinstance(node, ast.Call) and dotted(node.func) in SAYS_OF_A_CHECK:
                values = [*node.args, *(keyword.value for keyword in node.keywords)]
                texts = [text for value in values for text in texts_in(value)]
                found += [text for text in texts if text not in ("True", "False", "None")]
    assert len(found) > 90
    said = [filled(as_template(text)) for text in found]
    assert {str(text) for text in said if not HAN.search(told(text))} == {
        *("python", "valkey", "--offline", "7", "7: 7", "7 (7)", "Python 7"),
        *("chmod 600 7", "chmod 700 7", "yiyuan channel check 7", "yiyuan migrate"),
    }


def as_template(text: str | Message) -> str:
    """The template of a message; a text is its own."""
    return text.template if isinstance(text, Message) else text


def test_nothing_in_the_dictionary_is_said_no_more():
    sources = [ROOT / path for path in files(".py", under="src/yiyuan/")]
    sources = [path for path in sources if "zh" not in path.parts]
    sources += Path(click.__file__).parent.glob("*.py")
    said = set()
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said |= {node.value, " ".join(node.value.split()), *paragraphs(node.value)}
    everything = "\n".join(sorted(said))
    pieces_of = {
        english: BETWEEN_PIECES.split(english.replace("{{", "{").replace("}}", "}"))
        for english in SENTENCES | MESSAGES | PAGES
    } | {english: [english] for english in WORDS}
    stale = [
        english
        for english, pieces in pieces_of.items()
        if any(piece.strip() not in everything for piece in pieces)
    ]
    assert stale == []


def test_places_are_the_same_in_both_languages():
    for english, chinese in (*WORDS.items(), *(SENTENCES | MESSAGES | PAGES).items()):
        assert not chinese.isascii() or english == "id   {id}", english
        places = [set(PLACE.findall(text.replace("{{", "").replace("}}", "")))
                  for text in (english, chinese)]  # fmt: skip
        assert places[1] <= places[0], english
    assert not HELP.keys() & OUTPUT.keys()


@pytest.mark.usefixtures("in_chinese")
def test_what_is_not_known_stays_as_it_is():
    for text in ("", "something else: entirely", "{braces}"):
        assert told(text) == words(text) == text


def test_the_dictionary_is_read_only_when_it_is_spoken(shell):
    code = (
        "import sys; from yiyuan.cli.main import run; run(['--help']);"
        "print('yiyuan.i18n.zh.cli' in sys.modules)"
    )
    for language, expected in (({}, "False"), (CHINESE, "True")):
        command = [sys.executable, "-c", code]
        said = subprocess.run(
            command, env=shell.variables(language), capture_output=True, encoding="utf-8"
        )
        assert said.stdout.splitlines()[-1] == expected
