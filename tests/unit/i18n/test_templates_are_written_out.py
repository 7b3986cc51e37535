"""A sentence with places has its template in the code as it stands in the dictionary.

What is put together otherwise could only be found again by what it looks like.
"""

import ast
from collections import defaultdict
from collections.abc import Mapping
from importlib import import_module
from pkgutil import walk_packages

import pytest

from tests.project.tidy.tree import files, tree_of
from yiyuan.i18n import zh
from yiyuan.i18n.zh.api.console import PAGES
from yiyuan.i18n.zh.catalog import CATALOG
from yiyuan.i18n.zh.payments import PAYMENTS
from yiyuan.i18n.zh.people import PEOPLE
from yiyuan.i18n.zh.services import REFUSALS

BEGINNINGS = ("{argument} ", "the field {name} ")
"""What `invalid` and `MethodError` put before the sentence that they are given."""


@pytest.fixture(scope="module")
def literals() -> frozenset[str]:
    """Every text in the code, but for the dictionaries themselves."""
    return frozenset(
        node.value
        for path in files(".py", under="src/yiyuan/")
        if "i18n" not in path.parts
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@pytest.mark.parametrize("room", [REFUSALS, PAYMENTS, PEOPLE, CATALOG, PAGES])
def test_every_template_is_written_out(room: Mapping[str, str], literals: frozenset[str]) -> None:
    templates = [template for template in room if "{" in template]
    assert len(templates) > 5
    assert [template for template in templates if not is_written_out(template, literals)] == []


def is_written_out(template: str, literals: frozenset[str]) -> bool:
    """Whether the code has the template, or what follows such a beginning."""
    forms = {template, *(template.removeprefix(beginning) for beginning in BEGINNINGS)}
    forms |= {form.replace("{{", "{").replace("}}", "}") for form in forms}
    return not literals.isdisjoint(forms)


def test_one_sentence_has_one_chinese_in_every_dictionary() -> None:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for module in walk_packages(zh.__path__, f"{zh.__name__}."):
        for name, room in vars(import_module(module.name)).items():
            if name.isupper() and isinstance(room, dict):
                for english, chinese in room.items():
                    if isinstance(english, str) and " " in english:  # a word may be two things
                        found[english].add(chinese)
    assert len(found) > 1_000
    assert {english: said for english, said in found.items() if len(said) > 1} == {}
