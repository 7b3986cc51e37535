"""What a field of a method must be is said whole, in English and in Chinese."""

import ast
import re

import pytest

from tests.project.tidy.tree import dotted, files, tree_of
from yiyuan.i18n.zh import in_chinese
from yiyuan.integrations.payments import rsa

LEFT_IN_ENGLISH = re.compile(r"\b(must|is|and|no|or|with|the|missing)\b")


def problems() -> set[str]:
    """The texts of every MethodError, and those of the keys that are read for one."""
    found = {"must be one of cny, hkd"}  # its choices stand in another file
    for path in files(".py", under="src/yiyuan/integrations/payments/"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and dotted(node.func).endswith("MethodError"):
                text = node.args[1]
                found |= {str(text.value)} if isinstance(text, ast.Constant) else set()
    for read in (rsa.private_key, rsa.public_key):
        with pytest.raises(ValueError, match="is no RSA") as refused:
            read("nonsense")
        found.add(str(refused.value))
    return found


def test_every_complaint_about_a_field_is_chinese_to_its_end():
    found = problems()
    assert len(found) > 12, "methods complain in another way now: adjust this test"
    said = {problem: str(in_chinese(f"the field pid {problem}")) for problem in found}
    assert {problem: text for problem, text in said.items() if LEFT_IN_ENGLISH.search(text)} == {}
    assert all(text.startswith(("字段 pid ", "没有填写字段 pid")) for text in said.values())
