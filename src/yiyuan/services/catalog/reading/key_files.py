"""Upstream keys in files: what Kubernetes, Vault's agent and systemd put there and change.

Each process reads its own files, when it reads the catalog and again every half minute.
While a file cannot be read, its last known content goes on.
"""

import json
import re
from pathlib import Path
from typing import Final

BYTES_MAX: Final = 65_536
KEY_CHARACTERS_MAX: Final = 8192
_KEY = re.compile(r"[\x21-\x7e]+", re.ASCII)


def key_text(text: str) -> str | None:
    """The key as it is kept; None if it cannot be one. A service account's JSON is made short."""
    if text.startswith("{"):
        try:
            text = json.dumps(json.loads(text), separators=(",", ":"))
        except ValueError:
            return None
        is_plain = text.isascii() and text.isprintable()
    else:
        is_plain = _KEY.fullmatch(text) is not None
    return text if is_plain and 0 < len(text) <= KEY_CHARACTERS_MAX else None


def read_key_file(path: str) -> str | None:
    """The key in a file, white space around it aside; None if there is none to be had."""
    place = Path(path)
    try:
        if not place.is_absolute() or not place.is_file():
            return None
        with place.open("rb") as file:
            text = file.read(BYTES_MAX + 1)
    except OSError:
        return None
    if len(text) > BYTES_MAX:
        return None
    return key_text(text.decode("utf-8", "replace").strip())
