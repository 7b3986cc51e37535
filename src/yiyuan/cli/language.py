"""The reader's language: English, or Chinese where the environment asks for it.

Every text stands in English where it is used; `chinese/` has the Chinese for it and is
imported only when that is spoken. `words` says a text of the command line. `told` says a
sentence that comes ready-made from elsewhere, such as a refusal of the running server or
of click, by the template that it fits; one that fits none stays English. Documents for
programs (`--json`) pass through neither.

The locale's variables are the environment's, not settings of ours, so they are read here.
"""

import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Final

_LOCALES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_PLACE: Final = re.compile(r"\{(\w+)\}")
_SENTENCES_IN: Final = ("reason", "what")
"""Places of templates that hold a sentence of their own; others are names and numbers."""
_WORDS_IN: Final = ("argument",)
"""Places that hold one word, so that what begins with one is not taken for any sentence."""
_BETWEEN_SENTENCES: Final = re.compile(r"; (?!did you mean)")


def is_chinese(environment: Mapping[str, str] | None = None) -> bool:
    """Whether the messages' locale is Chinese, as gettext decides it.

    LC_ALL, LC_MESSAGES and LANG say which locale it is. LANGUAGE, a list, goes before
    them unless that is the plain C locale.
    """
    variables = os.environ if environment is None else environment  # noqa: TID251 - see above
    locale = next((variables[name] for name in _LOCALES if variables.get(name)), "C")
    if locale.partition(".")[0] in ("C", "POSIX"):
        return False
    for language in variables.get("LANGUAGE", "").split(":"):
        if language.lower().startswith(("zh", "en")):
            return language.lower().startswith("zh")
    return not variables.get("LANGUAGE") and locale.lower().startswith("zh")


def words(english: str, /, **fields: object) -> str:
    """A text in the reader's language, its places filled with `fields`, if there are any."""
    text = english
    if is_chinese():
        from yiyuan.cli.chinese import WORDS  # noqa: PLC0415 - only when it is spoken

        text = WORDS.get(english, english)
    return text.format(**fields) if fields else text


def told(sentence: str) -> str:
    """A sentence that was said in English, in the reader's language."""
    return _in_chinese(sentence) or sentence if is_chinese() else sentence


def _in_chinese(sentence: str) -> str | None:
    """The Chinese by the template that begins like the sentence, as far as any does."""
    for english, chinese in _templates():
        if not sentence.startswith(english.partition("{")[0]):
            continue
        found = _pattern(english).fullmatch(sentence)
        if found is not None:
            parts = found.groupdict()
            inner = {name: _in_chinese(parts[name]) for name in _SENTENCES_IN if name in parts}
            if None not in inner.values():
                return chinese.format(**parts | inner)
    several = _BETWEEN_SENTENCES.split(sentence)
    found_of = [_in_chinese(each) for each in several] if several[1:] else [None]
    if None in found_of:
        return None
    return "；".join(str(each) for each in found_of)


@cache
def _templates() -> tuple[tuple[str, str], ...]:
    from yiyuan.cli.chinese import SENTENCES  # noqa: PLC0415 - only when it is spoken

    def own_words(pair: tuple[str, str]) -> tuple[int, int]:
        return len(pair[0].partition("{")[0]), len(_PLACE.sub("", pair[0]))

    return tuple(sorted(SENTENCES.items(), key=own_words, reverse=True))


@cache
def _pattern(english: str) -> re.Pattern[str]:
    pattern = ""
    for position, piece in enumerate(_PLACE.split(english)):
        if position % 2:  # every other piece is the name of a place
            inner = r"\w+" if piece in _WORDS_IN else ".+?"
            pattern += f"(?P<{piece}>{inner})"
        else:
            pattern += re.escape(piece.replace("{{", "{").replace("}}", "}"))
    return re.compile(pattern, re.DOTALL)
