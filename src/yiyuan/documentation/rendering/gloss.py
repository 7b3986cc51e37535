"""词元 is said in words where it first stands on a page, since readers take it for a model's token.

The credential (词元密钥) is another word, and code is left as it is. Where the sentence
itself says what a 词元 is worth, nothing is added.
"""

import re
from collections.abc import Sequence
from html import escape

from markdown_it.token import Token

from yiyuan.documentation.content.words import WORDS

UNIT = re.compile("词元(?!密钥)")
SAYS_IT = "1,000,000"


def gloss(tokens: Sequence[Token], language: str) -> None:
    """Add the words to the first text of a page that has the unit."""
    for block in tokens:
        if block.type != "inline" or not block.children:
            continue
        for place, child in enumerate(block.children):
            found = UNIT.search(child.content) if child.type == "text" else None
            if found:
                if SAYS_IT not in block.content:
                    block.children[place : place + 1] = _glossed(child, found.end(), language)
                return


def _glossed(child: Token, end: int, language: str) -> list[Token]:
    """A text cut after the unit, with the words between."""
    before, words, after = Token("text", "", 0), Token("html_inline", "", 0), Token("text", "", 0)
    before.content, after.content = child.content[:end], child.content[end:]
    words.content = f'<small class="gloss">{escape(WORDS[language]["gloss"])}</small>'
    return [before, words, after]
