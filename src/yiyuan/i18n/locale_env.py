"""The reader's language: English, or Chinese where the environment asks for it.

Every text stands in English where it is used; `zh/` has the Chinese for it and is
imported only when that is spoken. `words` says a text of the command line. `told` says a
sentence that comes ready-made from elsewhere, such as a refusal of the running server or
of click, by the template that it fits; one that fits none stays English. Documents for
programs (`--json`) pass through neither.

The locale's variables are the environment's, not settings of ours, so they are read here.
"""

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

from yiyuan.i18n.plurals import fill

if TYPE_CHECKING:
    from yiyuan.i18n.message import Message
    from yiyuan.i18n.templates import Templates

_LOCALES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


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
        from yiyuan.i18n.zh.cli import WORDS  # noqa: PLC0415 - only when it is spoken

        text = WORDS.get(english, english)
    return fill(text, fields) if fields else text


def told(sentence: "str | Message") -> str:
    """A message, or a sentence that was said in English, in the reader's language."""
    return (_templates().render(sentence) if is_chinese() else None) or str(sentence)


@cache
def _templates() -> "Templates":
    from yiyuan.i18n.templates import Templates  # noqa: PLC0415 - likewise
    from yiyuan.i18n.zh.cli import MESSAGES, SENTENCES  # noqa: PLC0415 - only when it is spoken

    return Templates(SENTENCES, MESSAGES)
