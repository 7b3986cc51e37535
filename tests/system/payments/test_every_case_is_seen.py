"""The cases that payments must pass, by number, and the tests that show them.

A test belongs to a case by its name: `test_12_…`. Each case is seen on both engines, unless
it has nothing to do with a database; with every method that it can be about; and in the end
`PaidShop.check_books` finds the ledger sound, and money in = credited + review.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.project.tidy.tree import ROOT

CASES = {
    1: "the good path credits once; order, entry and receipt agree",
    2: "without its secret there is no notify address, and an empty key signs nothing",
    3: "a notify completes no order of another method or instance",
    4: "a signed success credits nothing while the provider's own answer says unpaid",
    5: "what does not say paid is not paid: waiting, nested, a page of HTML",
    6: "another amount or currency, and the same amount written otherwise",
    7: "another merchant, or test instead of live",
    8: "one payment pays one order",
    9: "fifty notifies at once, over two processes: one entry",
    10: "kill -9 between paid and the entry, and between any two steps",
    11: "while the database refuses, nothing is acknowledged",
    12: "paid after expiry, after cancel, after failed: credited once",
    13: "without any notify it is credited in less than 70 s",
    14: "a notify before the create's own answer",
    15: "a create that arrived although our call broke",
    16: "GET, form, query; never a repeated field or a mixture",
    17: "whatever stands in the free fields, under both signatures",
    18: "the other way to append the key is found by the test button",
    19: "stale answers and notifies, and those of another key, prove nothing",
    20: "without a public address nothing is enabled",
    21: "events that are old, tampered, unordered, delayed",
    22: "a failure that is kept under its key; two sessions, both paid",
    23: "an event of an older version",
    24: "yen have no decimals; dinars are refused",
    25: "a partial refund that notifies as success",
    26: "a code that nobody has scanned yet, and one that is scanned late",
    27: "an answer is verified as it stands",
    28: "probes, certificates, both kinds of key, coupons, paid on close",
    29: "what no balance can hold is refused before anybody pays",
    30: "settings that change meanwhile",
    31: "bonus steps at their edges; never more than was paid for",
    32: "parts of a refund add up; fifty clicks are one",
    33: "a refund whose answer is lost",
    34: "a dispute over spent money",
    35: "refunds in the provider's own pages",
    36: "the daily comparison",
    37: "large bodies, and a flood",
    38: "secrets and bodies are nowhere",
    39: "orders of others, and who may not",
    40: "the pages",
    41: "a node that is killed",
    42: "an order that is opened again",
    43: "a secret that was replaced",
    44: "random lives",
}
ONE_ENGINE = {
    31: "arithmetic",
    40: "pages, whatever is behind them",
    41: "two nodes need PostgreSQL",
}
BOTH_ENGINES = {"shop", "alone", "engine", "parts", "life", "stripe"}
"""Fixtures that come once for each."""
FILES = [
    *sorted((ROOT / "tests/system/payments").rglob("test_*.py")),
    *sorted((ROOT / "tests/conformance/payments").rglob("test_*.py")),
    ROOT / "tests/unit/services/test_a_top_up_is_reckoned.py",
]


def numbered_in(file: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Its functions that are tests of a numbered case."""
    found = ast.parse(file.read_text("utf-8")).body
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in found if isinstance(node, kinds) and numbers_of(node.name)]


def numbers_of(name: str) -> list[int]:
    """The cases in a test's name, such as `test_25_and_35_…`."""
    match = re.match(r"test_(\d\d)(?:_and_(\d\d))?_", name)
    return [] if match is None else [int(number) for number in match.groups() if number]


def seen() -> dict[int, list[tuple[str, set[str]]]]:
    """By number: the tests, and the fixtures that each asks for."""
    found = defaultdict(list)
    for file in FILES:
        for node in numbered_in(file):
            fixtures = {argument.arg for argument in node.args.args}
            for number in numbers_of(node.name):
                found[number].append((f"{file.name}::{node.name}", fixtures))
    return found


def test_every_number_is_one_of_the_table():
    assert set(seen()) <= set(CASES)


@pytest.mark.parametrize("number", CASES)
def test_the_case_has_a_test(number):
    found = seen()[number]
    assert found, f"nothing shows case {number}: {CASES[number]}"
    if number not in ONE_ENGINE:
        there = [name for name, fixtures in found if fixtures & BOTH_ENGINES]
        assert there, f"case {number} is seen on one engine only: {found}"
