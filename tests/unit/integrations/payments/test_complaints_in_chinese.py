"""What a field of a method must be is said whole, in English and in Chinese."""

import ast
import re

import pytest

from tests.project.tidy.tree import dotted, files, tree_of
from tests.system.cli.test_chinese_dictionary import texts_in
from yiyuan.i18n.message import Message
from yiyuan.i18n.zh import in_chinese
from yiyuan.integrations.payments import rsa
from yiyuan.integrations.payments.values import MethodError

LEFT_IN_ENGLISH = re.compile(r"\b(must|is|and|no|or|with|the|missing)\b")


def problems() -> list[str | Message]:
    """The texts of every MethodError, and those of the keys that are read for one."""
    found: list[str | Message] = []
    for path in files(".py", under="src/yiyuan/integrations/payments/"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and dotted(node.func).endswith("MethodError"):
                found += texts_in(node.args[1])
    for read in (rsa.private_key, rsa.public_key):
        with pytest.raises(ValueError, match="is no RSA") as refused:
            read("nonsense")
        found.append(str(refused.value))
    return found


def test_every_complaint_about_a_field_is_chinese_to_its_end():
    found = problems()
    assert len(found) > 12, "methods complain in another way now: adjust this test"
    said = {str(each): str(in_chinese(MethodError("pid", each).said)) for each in found}
    assert {problem: text for problem, text in said.items() if LEFT_IN_ENGLISH.search(text)} == {}
    assert all(text.startswith(("字段 pid ", "没有填写字段 pid")) for text in said.values())
