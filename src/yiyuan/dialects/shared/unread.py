"""The text of an upstream's answer that no lane of the canon has.

Calls of a kind that only one format knows, details of reasoning, transcripts of sound, blocks
of server tools: a client of the same format gets them as they are, so they were delivered,
and count as output where the upstream told no usage.
"""

import re
from typing import Any, Final

LABELS: Final = frozenset(
    {"type", "id", "object", "role", "status", "index", "format", "model", "obfuscation"}
    | {"signature", "encrypted_content", "thoughtSignature", "expires_at", "finish_reason"}
    | {"data", "b64_json", "media_type", "mime_type", "mimeType", "annotations", "citations"}
    | {"tool_use_id", "call_id", "item_id"}
)
"""Names of what is no text of the model's: labels, proofs, and media in base64."""


_WORDS_MAX = 1024
_BASE64 = re.compile(r"[A-Za-z0-9+/=_-]++")
"""What is longer than any word and has no other character: media, under whatever name."""


def unread_text(value: Any, known: frozenset[str] = frozenset(), *told: str) -> str:
    """Every string in `value`, but for what stands under labels or, at the top, known names.

    `told` is what lanes have already: vendors say the same thing twice.
    """
    found: list[str] = []
    if type(value) is dict:
        for name, inner in value.items():
            if name not in known and name not in LABELS:
                _collect(inner, found)
    else:
        _collect(value, found)
    return "".join(text for text in found if text not in told)


def _collect(value: Any, found: list[str]) -> None:
    if type(value) is str:
        if len(value) <= _WORDS_MAX or not _BASE64.fullmatch(value):
            found.append(value)
    elif type(value) is list:
        for inner in value:
            _collect(inner, found)
    elif type(value) is dict:
        for name, inner in value.items():
            if name not in LABELS:
                _collect(inner, found)
