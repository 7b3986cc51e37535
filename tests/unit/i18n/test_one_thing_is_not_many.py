"""`1 requests` is said nowhere: the noun fits the number."""

import ast
import re

import pytest

from tests.project.tidy.tree import ROOT
from yiyuan.i18n.api_texts import message
from yiyuan.i18n.message import Message
from yiyuan.i18n.plurals import _ONE, fill
from yiyuan.i18n.templates import Templates
from yiyuan.services.notifications.events import words_of


@pytest.mark.parametrize(
    ("template", "fields", "said"),
    [
        ("{n} requests a minute", {"n": 1}, "1 request a minute"),
        ("{n:,} requests a minute", {"n": 1_000}, "1,000 requests a minute"),
        ("{n:,} accounts, {m:,} entries", {"n": 1, "m": 11}, "1 account, 11 entries"),
        ("{n:,} accounts are open", {"n": 1}, "1 account is open"),
        ("{n} people are forgotten", {"n": "1"}, "1 person is forgotten"),
        ("{name} requests a pause", {"name": "alice"}, "alice requests a pause"),
        ("{n} entries", {"n": 0}, "0 entries"),
        ("{n} 个请求", {"n": 1}, "1 个请求"),
        ("{kinds} of requests", {"kinds": 1}, "1 of requests"),
    ],
)
def test_the_noun_fits_the_number(template, fields, said):
    assert fill(template, fields) == said


def test_a_limit_of_one_is_told_in_the_singular():
    text = message("limits_requests", "en", limit="1", base="1", rate="1")
    assert text.startswith("1 request per minute"), text


def test_a_ready_made_sentence_of_one_is_told_in_chinese_too():
    templates = Templates({"{n} keys, {m} accounts are open": "{n} 个密钥，{m} 个账户可用"})
    for keys, accounts in ((1, 1), (1, 2), (12, 1), (0, 30)):
        said = Message("{n} keys, {m} accounts are open", n=keys, m=accounts)
        chinese = f"{keys} 个密钥，{accounts} 个账户可用"
        assert templates.in_chinese(str(said)) == chinese
        assert templates.render(said) == chinese
    assert str(Message("{n} keys, {m} accounts are open", n=1, m=1)) == "1 key, 1 account is open"


def test_a_notice_of_one_call():
    data = {"channel": "openai", "count": 1}
    assert words_of("channel.key_refused", data, "en")[1].startswith("1 call was refused")


def _literals(tree):
    """The ready-made sentences of a file: those that are filled at once, and templates."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "{n}"
                    for part in node.values
                ),
            )


def test_no_sentence_counts_by_itself():
    """An f-string cannot fit its noun to the number: what counts goes through `fill`.

    A part of all ("3 of 8 rows"), a sum and a bound that the code sets are no such counts.
    """
    counting = re.compile(rf"(?<!of )(?<!most )(?<!\+ )\{{n\}} ({'|'.join(_ONE)})\b")
    rooms = (ROOT / "src/yiyuan" / room for room in ("services", "cli", "api", "gateway"))
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for room in rooms
        for path in sorted(room.rglob("*.py"))
        for line, text in _literals(ast.parse(path.read_text(encoding="utf-8")))
        if counting.search(text)
    ]
    assert found == []
