"""Which passwords are tried first: a rule instead of a list of millions.

Guessing programs take common words, dress them up (`P@ssw0rd2024!`), string them
together, walk over the keyboard, repeat, count, or take numbers: telephone, birthday,
QQ. This undoes the dressing and counts the steps by which a password can be put together,
a word or a walk being one step as a letter is. No network, no file, microseconds.
"""

import unicodedata
from collections.abc import Iterable
from typing import Final

DIGITS_ONLY_MIN: Final = 16
"""Numbers alone are telephone numbers and birthdays; from here on they may be random."""
_DISTINCT_MIN: Final = 5
_STEPS_MIN: Final = 6
"""So many steps must be left to a guesser who knows the words and walks."""
_RUN_MIN: Final = 3
_NAME_MIN: Final = 4

_UNDRESSED: Final = str.maketrans("013457@$!€|", "oieastasiei")

_WALKS: Final = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "147258369", "159753", "741852963",
    "!@#$%^&*()", "zaqxswcdevfr", "asdzxcqwe", "qweasdzxc",
)  # fmt: skip

_WORDS: Final = frozenset(
    """
    password passwort passwd passcode pass word secret private login logon signin user
    username admin administrator root toor system server manager master guest test tester
    testing demo default change changeme letmein open opensesame welcome hello world hallo
    access enter computer internet network office windows linux ubuntu debian apple google
    microsoft oracle cisco samsung huawei xiaomi github openai chatgpt claude gateway token
    iloveyou love lovely loveme lover sweet sweety honey baby babe babygirl angel princess
    prince queen king boss monkey dragon tiger lion eagle wolf shadow killer hunter ninja
    samurai pokemon pikachu naruto batman superman spiderman starwars matrix trustno
    sunshine summer winter spring autumn fall flower rose freedom whatever nothing forever
    football soccer baseball basketball hockey liverpool arsenal chelsea barcelona realmadrid
    michael jordan jennifer jessica ashley michelle daniel thomas robert george charlie
    andrew matthew joshua william david james john maria anna nicole amanda
    january february march april june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday
    china beijing shanghai shenzhen guangzhou hangzhou taobao alipay wechat weixin
    woaini woai aini mima wode wodemima zhongguo nihao laopo laogong baobei
    zhang wang li zhao chen liu yang huang zhou xiaoming zhangsan lisi wangwu
    yiyuan ciyuan yuan
    """.split()  # noqa: SIM905 - a list of words is read by people
)
_LONGEST_WORD: Final = max(map(len, _WORDS))


def is_common(password: str, names: Iterable[str] = ()) -> bool:
    """Whether it is one of those that are tried first; `names` are the person's own.

    An e-mail address among them counts with its parts.
    """
    plain = unicodedata.normalize("NFKC", password).lower()
    if len(set(plain)) < _DISTINCT_MIN:
        return True
    if plain.isdecimal():
        return len(plain) < DIGITS_ONLY_MIN or _steps(plain, ()) < _STEPS_MIN
    words = tuple(_parts(names))
    unit = _unit(plain)
    return any(_steps(text, words) < _STEPS_MIN for text in (unit, unit[::-1]))


def _parts(names: Iterable[str]) -> Iterable[str]:
    """A name, and what stands between its signs."""
    for name in names:
        lowered = name.lower()
        yield from (
            part
            for part in (lowered, *"".join(c if c.isalnum() else " " for c in lowered).split())
            if len(part) >= _NAME_MIN
        )


def _unit(text: str) -> str:
    """What a text repeats over and over, or the text."""
    for length in range(1, len(text) // 2 + 1):
        if text == (text[:length] * (len(text) // length + 1))[: len(text)]:
            return text[:length]
    return text


def _steps(text: str, names: tuple[str, ...]) -> int:
    """The fewest pieces (words, names, walks, years, letters) that make the text.

    Found from left to right; a run of one character is one piece, signs between are none.
    """
    best = [0] * (len(text) + 1)
    for end in range(1, len(text) + 1):
        repeats = end > 1 and text[end - 1] == text[end - 2]
        best[end] = best[end - 1] + (0 if repeats or not text[end - 1].isalnum() else 1)
        for start in range(max(0, end - _LONGEST_WORD), end):
            piece = text[start:end]
            if piece.translate(_UNDRESSED) in _WORDS or _is_walk(piece) or _is_year(piece):
                best[end] = min(best[end], best[start] + 1)
        for name in names:
            if text.endswith(name, 0, end):
                best[end] = min(best[end], best[end - len(name)] + 1)
    return best[-1]


def _is_walk(piece: str) -> bool:
    return len(piece) >= _RUN_MIN and any(piece in walk or piece[::-1] in walk for walk in _WALKS)


def _is_year(piece: str) -> bool:
    return len(piece) == 4 and piece.isdecimal() and piece[:2] in ("19", "20")
