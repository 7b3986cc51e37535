"""The Chinese of a message by its template, or of a sentence by the template that it fits.

What is ours is a message (a test holds refusals and checks to that); what comes ready-made
from elsewhere is a sentence, for which the template with the longest beginning of its own
is tried first. A place that holds a sentence is said in Chinese too, or the template does
not fit. Templates of messages alone are never tried.
"""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from yiyuan.i18n.message import Message
from yiyuan.i18n.plurals import either

_PLACE: Final = re.compile(r"\{(\w+)\}")
_SENTENCES_IN: Final = ("reason", "what")
"""Places of templates that hold a sentence of their own; others are names and numbers."""
_WORDS_IN: Final = ("argument",)
"""Places that hold one word, so that what begins with one is not taken for any sentence."""


_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class Templates:
    """A dictionary of messages, and of sentences in the order in which they are tried."""

    def __init__(self, sentences: Mapping[str, str], messages: Mapping[str, str] = _NONE) -> None:
        """English templates and their Chinese; `messages` are known by their template alone."""
        self._pairs = sorted(sentences.items(), key=_own_words, reverse=True)
        self._chinese = {**messages, **sentences}

    def render(self, said: str | Message) -> str | None:
        """A message in Chinese; a text that was said in English by what it looks like."""
        if not isinstance(said, Message):
            return self.in_chinese(said)
        chinese = self._chinese.get(said.template)
        if chinese is None:
            return self.in_chinese(str(said))
        return chinese.format(**{n: self._place(n, v) for n, v in said.fields.items()})

    def _place(self, name: str, value: object) -> object:
        """What fills a place: a message in Chinese, a sentence where one belongs, too."""
        if isinstance(value, Message) or (name in _SENTENCES_IN and value is not None):
            sentence = value if isinstance(value, Message) else str(value)
            return self.render(sentence) or str(value)
        return value

    def in_chinese(self, sentence: str) -> str | None:
        """The Chinese of the sentence itself, or by the template that begins like it."""
        chinese = self._chinese.get(sentence.replace("{", "{{").replace("}", "}}"))
        if chinese is not None:
            return chinese.format()
        for english, chinese in self._pairs:
            if not sentence.startswith(english.partition("{")[0]):
                continue
            found = _pattern(english).fullmatch(sentence)
            if found is not None:
                parts = found.groupdict()
                inner = {
                    name: self.in_chinese(parts[name]) for name in _SENTENCES_IN if name in parts
                }
                if None not in inner.values():
                    return chinese.format(**parts | inner)
        return None


def _own_words(pair: tuple[str, str]) -> tuple[int, int]:
    return len(pair[0].partition("{")[0]), len(_PLACE.sub("", pair[0]))


@cache
def _pattern(english: str) -> re.Pattern[str]:
    pattern = ""
    for position, piece in enumerate(_PLACE.split(english)):
        if position % 2:  # every other piece is the name of a place
            inner = r"\w+" if piece in _WORDS_IN else ".+?"
            pattern += f"(?P<{piece}>{inner})"
        else:
            plain = piece.replace("{{", "{").replace("}}", "}")
            pattern += either(plain) if position else re.escape(plain)
    return re.compile(pattern, re.DOTALL)
