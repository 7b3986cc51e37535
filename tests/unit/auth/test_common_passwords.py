"""Which passwords are tried first, and which are not."""

import secrets
import time

import pytest

from yiyuan.auth.common_passwords import is_common

EMAIL = "grace.hopper@navy.example"


@pytest.mark.parametrize(
    "password",
    [
        "1234567890", "0123456789", "password12", "password123", "qwertyuiop", "1q2w3e4r5t",
        "iloveyou12", "1111111111", "0000000000", "abcdefghij", "a123456789", "passw0rd12",
        "letmein123", "administrator", "admin12345", "welcome123", "qwerty1234", "5201314520",
        "P@ssw0rd2024!", "Passw0rd!!", "PASSWORD1234", "Password2025", "adminadmin",
        "Admin@123456", "rootroot123", "qwerty123456", "asdfghjkl;", "zxcvbnm,./",
        "1qaz2wsx3edc", "qazwsxedc1", "qweasdzxc123", "!@#$%^&*()", "aaaaaaaaaaaa",
        "abababababab", "abcabcabcabc", "aaaabbbbcccc", "13800138000", "19900101123",
        "woaini1314", "woaini520520", "zhangsan123", "wodemima123", "iloveyoubaby",
        "hello world", "welcome to china", "test1234test", "summer2025!", "Monday2024!!",
        "drowssap123", "grace.hopper1", "hopper2024!!", "navy.example", "gracehopper99",
        "yiyuan1234", "ciyuan2025", "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff4412",
        "tokentoken1", "changeme1!",
    ],
)  # fmt: skip
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert is_common(password, (EMAIL,)), password


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery", "another good one", "kV9#tLq2!x", "tr0ub4dor&3xq", "8XkP2mQv7z",
        "床前明月光疑是地上霜", "le-chat-noir-dort", "mein Hund heißt Oskar", "zebra guitar violin",
        "9f8a7c3e1b", "purple-otter-73", "7349 1820 5561 2097",
    ],
)  # fmt: skip
def test_what_takes_long_to_guess_will_do(password: str) -> None:
    assert not is_common(password, (EMAIL,))


def test_random_ones_are_never_refused() -> None:
    assert not any(is_common(secrets.token_urlsafe(12), (EMAIL,)) for _ in range(500))


def test_the_longest_takes_no_time() -> None:
    began = time.process_time()
    is_common("ab1!" * 64, (EMAIL,))
    is_common(secrets.token_hex(128), (EMAIL,) * 3)
    assert time.process_time() - began < 0.5
