"""Names of sections in addresses: the same in every language.

A heading's own name is its text in lower case with dashes, as other readers of
Markdown make it. What a page uses is the name of the same heading in English, so
that a link survives the switch of the language; own names are translated.
"""

import re
from collections.abc import Iterable

_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_MARKUP = re.compile(r"[`*]|\[([^\]]*)\]\([^)]*\)")
_DROPPED = re.compile(r"[^\w\- ]")


def slug(heading: str) -> str:
    """A heading's own name."""
    plain = _MARKUP.sub(lambda found: found[1] or "", heading)
    return _DROPPED.sub("", plain.strip().lower()).replace(" ", "-")


def slugs(text: str) -> list[str]:
    """The own names of all headings of a page, in order; a second of one name gets `-1`."""
    return unique(slug(found) for found in _HEADING.findall(_FENCE.sub("", text)))


def unique(names: Iterable[str]) -> list[str]:
    """Tell equal names apart."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        count = seen.get(name, 0)
        seen[name] = count + 1
        found.append(f"{name}-{count}" if count else name)
    return found
