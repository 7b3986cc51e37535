"""What a request consists of, and the measures that its text is taken with.

Pictures and other base64 count a fixed number of tokens whatever their bytes, and
prompts of token ids their ids. A value that nests too deeply to be sent on is
refused here with 400.
"""

import re
from collections.abc import Callable
from typing import Any

import orjson
from msgspec import Struct

from yiyuan.i18n.api_texts import Phrase
from yiyuan.kernel.errors import InvalidRequest

_BLOB = re.compile(rb'"(?:data:[^",]{0,128};base64,)?+[A-Za-z0-9+/=_-]{1025,}+"')

Measure = Callable[[str], int]
"""A text's size: its bytes, or its tokens."""


class Size(Struct):
    """What a request consists of; `text` is in the unit of the measure that made it."""

    text: int = 0
    token_ids: int = 0
    images: int = 0
    messages: int = 0
    conversations: int = 0
    tool_lists: int = 0

    def add_json(self, value: Any, measure: Measure) -> None:
        """Measure a value as JSON; long base64 in it counts like an image."""
        try:
            text = orjson.dumps(value)
        except TypeError as error:  # over orjson's 254 levels, so it cannot go on either
            raise InvalidRequest("invalid_json", reason=Phrase("value_too_deep")) from error
        if len(text) > 1024:
            text, blobs = _BLOB.subn(b'""', text)
            self.images += blobs
        self.text += measure(text.decode())


def utf8_bytes(text: str) -> int:
    """How many bytes a text takes; no byte-level vocabulary makes more tokens of it."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
