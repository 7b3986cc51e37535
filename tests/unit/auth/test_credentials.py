"""One way to take the credential, whichever header it comes in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.auth.credential import credential
from yiyuan.kernel.errors import InvalidRequest


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"authorization": "Bearer sk-a"}, "sk-a"),
        ({"authorization": "bearer sk-a"}, "sk-a"),
        ({"authorization": "BEARER   sk-a  "}, "sk-a"),
        ({"authorization": "Bearer  sk-a "}, "sk-a"),
        ({"x-api-key": "sk-a"}, "sk-a"),
        ({"x-api-key": " sk-a "}, "sk-a"),
        ({"authorization": "Bearer sk-a", "x-api-key": "sk-a"}, "sk-a"),
        ({"authorization": "Bearer sk-a, Bearer sk-a"}, "sk-a"),
        ({"authorization": "Bearer ", "x-api-key": "sk-a"}, "sk-a"),
        ({"authorization": "Bearer sk-a", "x-api-key": ""}, "sk-a"),
        ({"authorization": "Basic dXNlcjpwYXNz", "x-api-key": "sk-a"}, "sk-a"),
        ({"authorization": "Basic dXNlcjpwYXNz"}, None),
        ({"authorization": "sk-a"}, "sk-a"),
        ({"authorization": "Bearer"}, None),
        ({"authorization": "Bearer "}, None),
        ({"authorization": ""}, None),
        ({"x-api-key": ""}, None),
        ({"authorization": "Bearer a,b,c"}, "a,b,c"),
    ],
)
def test_takes_the_key(headers, expected):
    assert credential(headers) == expected


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer sk-a", "x-api-key": "sk-b"},
        {"authorization": "Bearer sk-a, Bearer sk-b"},
        {"x-api-key": "sk-a, sk-b"},
    ],
)
def test_two_different_ones_are_refused(headers):
    with pytest.raises(InvalidRequest) as caught:
        credential(headers)
    assert caught.value.code == "conflicting_credentials"
    assert "sk-" not in caught.value.message("en")


@given(st.one_of(st.none(), st.text()), st.one_of(st.none(), st.text()))
def test_any_header_is_survived(authorization, api_key):
    headers = {"authorization": authorization, "x-api-key": api_key}
    try:
        found = credential({name: value for name, value in headers.items() if value is not None})
    except InvalidRequest:
        return
    assert found is None or found
