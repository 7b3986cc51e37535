"""What is no value of a setting at all is a refusal, whoever's parser stumbles over it."""

import pytest

from yiyuan.i18n.message import WrongValue
from yiyuan.services.site.settings import SITE_SETTINGS

ODD = (
    *("http://[", "http://[x]", "http://a]b/", "9" * 5000, f"[{'9' * 5000}]", "[" * 100_000),
    *(f'{{"usd": "{"9" * 5000}"}}', "\ud800", "Ann <a@[>", "data:image/png;base64,é", "a..b"),
    *([], {}, [[1]], [{}], {"usd": {}}, 5.5, float("nan"), 10**400, None),
)


@pytest.mark.parametrize("setting", SITE_SETTINGS, ids=lambda setting: setting.name)
def test_a_check_takes_or_refuses_what_is_odd(setting):
    """Anything else than `WrongValue` would be an error of the server."""
    refused = 0
    for value in ODD:
        try:
            setting.check(value)
        except WrongValue:
            refused += 1
    assert refused, "each of them is told apart from anything"
