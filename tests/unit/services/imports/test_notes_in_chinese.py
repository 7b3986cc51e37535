"""What a report lists is said in Chinese, too, and the dictionary holds nothing else."""

import ast

import pytest

from tests.project.tidy.tree import dotted, files, tree_of
from yiyuan.i18n.message import Message
from yiyuan.i18n.zh import MESSAGES, in_chinese
from yiyuan.i18n.zh.imports_report import NOTES
from yiyuan.integrations.importers.contract import BadAnswer, Note
from yiyuan.integrations.importers.shared.numbers import read_ratios
from yiyuan.services.imports.checks.equality import Equality

ROOMS = ("integrations/importers/", "services/imports/", "store/foreign/")


def sentences():
    """Every text of the importers and of the services that stands as a template of a note."""
    found = set()
    for room in ("src/yiyuan/integrations/importers/", "src/yiyuan/services/imports/"):
        for path in files(".py", under=room):
            for node in ast.walk(tree_of(path)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return found


def test_every_sentence_of_the_dictionary_is_said_somewhere():
    assert [text for text in NOTES if text not in sentences()] == []


def test_every_template_of_a_note_has_its_chinese():
    missing = []
    for room in ("src/yiyuan/integrations/importers/", "src/yiyuan/services/imports/"):
        for path in files(".py", under=room):
            for node in ast.walk(tree_of(path)):
                is_note = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "note"
                if not is_note or len(node.args) < 3:
                    continue
                template = node.args[2]
                if isinstance(template, ast.Constant) and template.value not in NOTES:
                    missing.append(template.value)
    assert missing == []


def test_every_message_of_the_rooms_has_its_chinese():
    """What is refused, found unequal or told on the way; it is found by its template alone."""
    said = set()
    for room in ROOMS:
        for path in files(".py", under=f"src/yiyuan/{room}"):
            for node in ast.walk(tree_of(path)):
                name = dotted(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
                if name in ("Message", "BadAnswer", "ForeignError", "fault", "_said"):
                    texts = node.args[:1]
                elif isinstance(node, ast.Assign) and dotted(node.targets[0]) == "message":
                    texts = [node.value]
                else:
                    continue
                said |= {text.value for text in texts if isinstance(text, ast.Constant)}
    assert len(said) > 40, "these rooms say it in another way now: adjust this test"
    # The ledger's problems are for whoever mends it; a detail is put in the place of nothing.
    assert {text for text in said if text not in MESSAGES} == {"{problem}", ""}


def test_what_blocks_and_what_is_no_json_is_told_in_chinese_wholly():
    note = Note("x", "user 7", "{units} units of rewards were not drawn yet", {"units": 3})
    found = Equality("blocking")
    found.fault("{subject}: {note}", subject=note.subject, note=note.said)
    assert in_chinese(found.faults[0]) == "user 7：有 3 额度的奖励尚未划转"
    assert found.document()["faults"] == ["user 7: 3 units of rewards were not drawn yet"]
    with pytest.raises(BadAnswer, match="the option ModelRatio is not a JSON object") as failure:
        read_ratios("[]", Message("the option {name}", name="ModelRatio"))
    assert in_chinese(failure.value.said) == "选项 ModelRatio 不是 JSON 对象"
