"""A `*` in the name of a token's model is any text; without one only the very name is meant."""

import pytest

from yiyuan.auth.api_token import ApiToken, matches


@pytest.mark.parametrize(
    ("pattern", "model", "is_meant"),
    [
        ("gpt-4", "gpt-4", True),
        ("gpt-4", "gpt-4o", False),
        ("gpt-4*", "gpt-4", True),
        ("gpt-4*", "gpt-4o-mini", True),
        ("gpt-4*", "agpt-4", False),
        ("*-mini", "gpt-4o-mini", True),
        ("*-mini", "gpt-4o-mini-2", False),
        ("*", "", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("a*b*c", "a-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("a*bb*b", "abb", False),
        ("*4*", "gpt-4o", True),
        ("gpt.4*", "gpt-4", False),
        ("[a-z]*", "abc", False),
    ],
)
def test_patterns(pattern: str, model: str, *, is_meant: bool) -> None:
    assert matches(pattern, model) is is_meant
    assert ApiToken("t", "a", "n", frozenset({pattern})).allows_model(model) is is_meant
    assert ApiToken("t", "a", "n").allows_model(model)
