"""API tokens: keys, hashes, masks, what a token allows, and what a 401 says."""

import re
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.auth.api_token import ApiToken, hash_key, hint, is_importable, looks_like, new_key
from yiyuan.i18n.api_texts import Phrase
from yiyuan.kernel.errors import InvalidApiKey

PEPPER = b"p" * 32
PLACEHOLDER = "您的词元密钥"


def said(key):
    """The key of the phrase that a 401 shows, or the mask."""
    found = looks_like(key)
    return found.key if isinstance(found, Phrase) else found


def test_a_new_key_is_long_random_and_url_safe():
    keys = {new_key() for _ in range(200)}
    assert len(keys) == 200
    assert all(re.fullmatch(r"sk-[A-Za-z0-9_-]{43}", key) for key in keys)
    assert all(is_importable(key) for key in keys)


def test_hashes_depend_on_key_and_pepper():
    assert hash_key(PEPPER, "sk-a") == hash_key(PEPPER, "sk-a")
    assert len(hash_key(PEPPER, "sk-a")) == 32
    assert hash_key(PEPPER, "sk-a") != hash_key(PEPPER, "sk-b")
    assert hash_key(PEPPER, "sk-a") != hash_key(b"q" * 32, "sk-a")


@given(st.text(st.characters()))
def test_any_text_can_be_hashed_masked_and_explained(text):
    assert len(hash_key(PEPPER, text)) == 32
    assert hint(text).isascii()
    found = looks_like(text)
    for language in ("en", "zh"):
        assert InvalidApiKey(hint=found, console_url="u").message(language)


@given(st.text(st.characters(codec="ascii"), min_size=1, max_size=600))
def test_a_mask_shows_at_most_the_last_four_characters(text):
    assert re.fullmatch(r"(sk-)?\*{4}[A-Za-z0-9_*-]{0,4}", hint(text))


def test_masks():
    assert hint("sk-abcdefghijklmnopqrstuvwxyz0123") == "sk-****0123"
    assert hint("fk0123456789abcdefghij<b>!") == "****<b>!".replace("<b>!", "*b**")
    assert hint("sk-short") == "****"
    assert hint("x" * 513) == "****"
    assert hint("sk-" + "x" * 40 + "\n") == "****"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("x" * 20, True),
        ("x" * 256, True),
        ("sk-!\"#$%&'()*+,./:;<=>?@", True),
        ("x" * 19, False),
        ("x" * 257, False),
        ("x" * 20 + " y", False),
        ("x" * 20 + "\t", False),
        ("x" * 20 + "é", False),
    ],
)
def test_which_keys_can_be_taken_over(key, expected):
    assert is_importable(key) is expected


PLACEHOLDERS = [
    PLACEHOLDER,
    PLACEHOLDER.encode().decode("latin-1"),
    PLACEHOLDER.encode().decode("latin-1").encode().decode("latin-1"),
    PLACEHOLDER.encode("gb18030").decode("latin-1"),
    "%E6%82%A8%E7%9A%84%E8%AF%8D%E5%85%83%E5%AF%86%E9%92%A5",
    "??????",
    "你的API密钥",
    "sk-您的密钥",
    "YOUR_API_TOKEN",
    "your-api-token",
    "<YOUR_API_KEY>",
    "your-api-key",
    "your_api_key_here",
    "{your-api-key}",
    "$YIYUAN_API_KEY",
    "${OPENAI_API_KEY}",
    "YOUR_OPENAI_API_KEY",
    "sk-your-key",
    "sk-yourkeyhere",
    "sk-...",
    "sk-…",
    "sk-…".encode().decode("latin-1"),
    "sk-xxxxxxxxxxxxxxxxxxxx",
    "sk-****************",
    "sk-",
    "API_KEY",
    "xxx",
    "...",
    "my-secret-key",
]


@pytest.mark.parametrize("key", PLACEHOLDERS)
def test_a_placeholder_left_in_is_recognised(key):
    assert said(key) == "key_placeholder"


def test_other_faults_are_told_apart():
    assert said(None) == said("") == "key_missing"
    assert said("https://api.example.com/v1") == said("HTTP://x") == "key_is_url"
    assert said("sk-abcdefghijklmnopqrstuvwxyz0123") == "sk-****0123"
    assert said("' OR 1=1; --") == "****"
    assert said("x" * 10_000) == said("您" * 10_000) == "****"
    assert said("clé secrète") == "****"


def test_real_keys_are_never_taken_for_a_placeholder():
    for _ in range(2000):
        key = new_key()
        assert said(key) == f"sk-****{key[-4:]}"


def test_the_sentence_is_in_the_readers_language():
    error = InvalidApiKey(hint=looks_like(PLACEHOLDER), console_url="http://c")
    assert "placeholder" in error.message("en")
    assert "占位文字" in error.message("zh")


def test_expired_and_revoked_tokens_are_refused():
    token = ApiToken("tok_1", "acct_1", "n", expires_at_ms=1000)
    assert token.refusal(999, "sk-****0123") is None
    refusal = token.refusal(1000, "sk-****0123")
    assert refusal.key == "key_expired"
    assert "sk-****0123" in InvalidApiKey(hint=refusal, console_url="u").message("en")
    revoked = ApiToken("tok_1", "acct_1", "n", expires_at_ms=1, revoked_at=500)
    assert revoked.refusal(0, "h").key == "key_revoked"
    assert ApiToken("tok_1", "acct_1", "n").refusal(10**15, "h") is None


def test_models():
    assert ApiToken("t", "a", "n").allows_model("gpt-4")
    limited = ApiToken("t", "a", "n", models=frozenset({"gpt-4"}))
    assert limited.allows_model("gpt-4")
    assert not limited.allows_model("gpt-4o")
    assert not ApiToken("t", "a", "n", models=frozenset()).allows_model("gpt-4")


def test_addresses():
    assert ApiToken("t", "a", "n").allows_address("")
    networks = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))
    token = ApiToken("t", "a", "n", networks=networks)
    for allowed in ("10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1"):
        assert token.allows_address(allowed)
    for refused in ("11.0.0.1", "::ffff:11.0.0.1", "2001:db9::1", "", "unknown", "10.1.2.3:80"):
        assert not token.allows_address(refused)
