"""JSON from others: what is no Unicode in it becomes U+FFFD instead of a refusal.

JavaScript cuts strings between the halves of an emoji, and writes the half that is left
as an escape. Such an escape means nothing; the rest of the body does. Nor does a byte
order mark before it, which Windows writes.
"""

import re
from typing import Any

import orjson

_ESCAPES = re.compile(
    r"\\(?:u[dD][89aAbB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)",
    re.DOTALL,
)
_LONE_LENGTH = 6
_BOM = b"\xef\xbb\xbf"


def read_json(data: bytes | str) -> Any:
    """Read JSON. Raises orjson.JSONDecodeError for what is none, halves of characters aside."""
    if isinstance(data, bytes):
        data = data.removeprefix(_BOM)
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
        if "\\ud" not in text and "\\uD" not in text:
            raise
        if not isinstance(data, str) and "\ufffd" in text and b"\xef\xbf\xbd" not in data:
            raise  # bytes that are no UTF-8 stay an error
        return orjson.loads(_ESCAPES.sub(_whole, text))


def _whole(found: re.Match[str]) -> str:
    escape = found[0]
    is_lone = len(escape) == _LONE_LENGTH and escape[1] == "u" and escape[2] in "dD"
    return "\\ufffd" if is_lone else escape


def at(value: Any, path: str) -> Any:
    """What stands at a path with dots; numbers are places in a list. None where nothing does."""
    for name in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value
