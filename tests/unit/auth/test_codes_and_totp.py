"""Codes notice slips of the keyboard; TOTP is RFC 6238's."""

import base64
import random

import pytest

from yiyuan.auth.opaque_secret import code_hash, new_code, read_code
from yiyuan.auth.totp import code_at, matching_step


def test_a_code_is_read_however_it_was_typed():
    code = new_code()
    plain = read_code(code)
    for typed in (code.lower(), code.replace("-", ""), f"  {code.replace('-', ' ')}\n"):
        assert read_code(typed) == plain
    assert code_hash(code) == code_hash(plain)
    assert read_code(plain.replace("0", "o").replace("1", "l")) == plain


def test_a_wrong_letter_is_noticed():
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    plain = read_code(new_code())
    for place in range(len(plain)):
        for letter in letters:
            if letter != plain[place]:
                assert read_code(plain[:place] + letter + plain[place + 1 :]) is None
    assert read_code("") is None
    assert read_code(plain + "0") is None
    assert read_code("U" * 26) is None


def test_two_letters_that_changed_places_are_nearly_always_noticed():
    chance, missed, tried = random.Random(1), 0, 0
    for _ in range(300):
        plain = read_code(new_code())
        place = chance.randrange(24)
        if plain[place] == plain[place + 1]:
            continue
        swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
        tried, missed = tried + 1, missed + (read_code(swapped) is not None)
    assert missed / tried < 0.1


def test_the_authenticator_is_the_standards():
    # RFC 6238, appendix B, SHA-1; its eight digits end in our six.
    secret = base64.b32encode(b"12345678901234567890").decode()
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert code_at(secret, seconds // 30) == code
        assert matching_step(secret, code, seconds * 1000) == seconds // 30
        assert matching_step(secret, code, (seconds + 30) * 1000) == seconds // 30
        assert matching_step(secret, code, (seconds + 90) * 1000) is None


@pytest.mark.parametrize("letters", [25])
def test_a_code_has_at_least_a_hundred_bits(letters):
    assert len({new_code() for _ in range(200)}) == 200
    assert letters * 5 >= 100
