"""`1 requests` is said nowhere: the noun fits the number."""

import pytest

from yiyuan.i18n.api_texts import message
from yiyuan.i18n.plurals import fill


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
