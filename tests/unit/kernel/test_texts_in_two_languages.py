"""Every sentence exists in both languages with the same places; the reader's is chosen."""

import inspect
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.i18n.api_texts import MESSAGES, Phrase, message
from yiyuan.i18n.languages import LANGUAGES, choose_language
from yiyuan.kernel import errors
from yiyuan.kernel.errors import ApiError, InvalidRequest, retry_headers


def places(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_there_is_a_table_for_each_language():
    assert set(MESSAGES) == set(LANGUAGES)


def test_both_languages_have_the_same_keys():
    assert MESSAGES["en"].keys() == MESSAGES["zh"].keys()


@pytest.mark.parametrize("key", MESSAGES["en"])
def test_both_languages_have_the_same_places(key):
    assert places(MESSAGES["en"][key]) == places(MESSAGES["zh"][key])
    assert "" not in places(MESSAGES["en"][key])


@pytest.mark.parametrize("key", MESSAGES["zh"])
def test_chinese_texts_are_chinese_and_full(key):
    text = MESSAGES["zh"][key]
    assert any("\u4e00" <= character <= "\u9fff" for character in text)
    assert text.strip() == text
    assert not any("\u4e00" <= character <= "\u9fff" for character in MESSAGES["en"][key])


ERRORS = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, ApiError) and found is not ApiError
]


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_has_its_text_and_stands_in_the_tree(error):
    assert error.default_code in MESSAGES["en"]
    assert 400 <= error.status <= 599
    assert error.status != 409  # SDKs retry it
    assert error.__doc__
    if error is not errors.UpstreamRejected:
        assert f"{error.__name__} " in errors.__doc__
        assert f"{error.status}  " in errors.__doc__


def test_a_balance_error_begins_as_promised():
    assert MESSAGES["en"]["insufficient_balance"].startswith("Insufficient balance:")
    assert MESSAGES["zh"]["insufficient_balance"].startswith("余额不足：")


def test_an_error_speaks_the_readers_language():
    error = InvalidRequest("invalid_value", param="n", reason="too many")
    assert error.message("en") == "Invalid value for 'n': too many."
    assert error.message("zh") == "参数“n”的值无效：too many。"
    assert (error.code, error.param, error.status) == ("invalid_value", "n", 400)
    assert InvalidRequest().code == "invalid_request"


def test_a_phrase_is_translated_where_it_stands():
    phrase = Phrase("key_expired", hint="sk-****0123")
    shown = message("invalid_api_key", "zh", hint=phrase, console_url="u")
    assert "sk-****0123 已过期" in shown


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "en"),
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("ZH-Hans-CN", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("fr,zh;q=0.3", "zh"),
        ("fr, de", "en"),
        ("en;q=0.2, zh;q=0.7", "zh"),
        ("en;q=x, zh;q=0.1", "zh"),
        ("zh;q=0", "en"),
        ("*", "en"),
        (";;;,,,", "en"),
    ],
)
def test_the_language_is_chosen(header, expected):
    assert choose_language(header, "en") == expected


def test_the_default_is_used_where_nothing_fits():
    assert choose_language("fr", "zh") == "zh"
    assert choose_language(None, "zh") == "zh"


@given(st.text())
def test_any_header_gives_a_language(header):
    assert choose_language(header, "en") in LANGUAGES


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, (1, 1)), (0.0001, (1, 1)), (1.0, (1, 1000)), (1.2001, (2, 1201)), (3600, (60, 60_000))],
)
def test_retry_headers_are_whole_and_true(seconds, expected):
    whole, milliseconds = expected
    assert retry_headers(seconds) == (
        ("retry-after", str(whole)),
        ("retry-after-ms", str(milliseconds)),
    )
