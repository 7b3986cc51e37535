"""What a report lists is said in Chinese, too, and the dictionary holds nothing else."""

import ast

from tests.project.tidy.tree import files, tree_of
from yiyuan.i18n.zh.imports_report import NOTES


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
