"""What the search looks in: which words stand in which section of which page.

Words are those of Latin letters and digits; Chinese, which has no spaces, goes in by
pairs of characters. Words that stand in a large part of all sections tell nothing and
are left out, and so are pairs with a particle in them, so the index stays small
compressed: within 40 kB in English and 56 kB in Chinese. Names of models on offer go in
whole. Of the list of changes, and of single vendors, only headings are found: everything
in the list stands on the page of its subject, where a reader wants to arrive, and a vendor
is looked for by its name. Phrases are found in the sections' texts, a file of its own that
a browser fetches after the index.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING, Any

from yiyuan.documentation.content.sources import ROOM, page_path

if TYPE_CHECKING:
    from yiyuan.documentation.rendering.html import Page

_LATIN = re.compile(r"c#|[a-z_][a-z0-9_]{1,23}")
_NAME = re.compile(r"[a-z0-9_][a-z0-9_.:/@-]*[a-z0-9_]")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
PARTICLES = (
    "的了是在和与或之也都就而把被让从到对以由于这那您它们个其不会时"
    "请每没里并再还只等所有需须该此即若如未已仍很更最些后前"
)
"""Characters of Chinese that join words; a search leaves out pairs with them, too."""

_COMMON_SHARE = 0.25
_HEADINGS_ALONE = ("changelog", "self-hosting/vendors/")
"""Beginnings of the names of pages."""
_LARGE_LEVEL = 2
"""What stands under a smaller heading counts for the larger one above it."""
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def search_index(
    language: str, pages: "dict[str, Page]", models: Collection[str] = ()
) -> dict[str, Any]:
    """The index of one language, as the pages' script reads it; `models` are those on offer."""
    sections: list[list[Any]] = []
    places: dict[str, list[int]] = defaultdict(list)
    names = frozenset(model.lower() for model in models)
    for number, (name, page) in enumerate(pages.items()):
        large = len(sections)
        for heading, text in zip(page.headings, page.texts, strict=True):
            anchor = "" if heading.level == 1 else heading.anchor
            if heading.level <= _LARGE_LEVEL:
                large = len(sections)
            looked = heading.text if name.startswith(_HEADINGS_ALONE) else text
            for term in terms(looked) | (names & set(_NAME.findall(looked.lower()))):
                if places[term][-1:] != [large]:
                    places[term].append(large)
            sections.append([number, anchor, heading.text])
    most = len(sections) * _COMMON_SHARE
    common = {term for term, found in places.items() if len(found) > most} - names
    return {
        "pages": [[page_path(language, name), page.title] for name, page in pages.items()],
        "sections": sections,
        "particles": PARTICLES,
        "common": sorted(common),
        "synonyms": synonyms(),
        **_by_places({t: steps(p) for t, p in sorted(places.items()) if t not in common}),
    }


def section_texts(pages: "dict[str, Page]") -> list[str]:
    """The text of every section in lower case, in the index's order, to find phrases in."""
    return [
        " ".join((heading.text if name.startswith(_HEADINGS_ALONE) else text).lower().split())
        for name, page in pages.items()
        for heading, text in zip(page.headings, page.texts, strict=True)
    ]


@cache
def synonyms() -> list[list[str]]:
    """Groups of words that readers use for one thing, in lower case."""
    path = ROOM / "content" / "synonyms.toml"
    groups: list[list[str]] = tomllib.loads(path.read_text(encoding="utf-8"))["groups"]
    return groups


def _by_places(found: dict[str, str]) -> dict[str, dict[str, str]]:
    """Words that stand in the same places, together: most stand in one or two.

    `words` are joined by spaces, `pairs` of Chinese characters by nothing.
    """
    words: dict[str, list[str]] = defaultdict(list)
    pairs: dict[str, list[str]] = defaultdict(list)
    for term, where in found.items():
        (pairs if _CHINESE.match(term) else words)[where].append(term)
    return {
        "words": {where: " ".join(each) for where, each in words.items()},
        "pairs": {where: "".join(each) for where, each in pairs.items()},
    }


def terms(text: str) -> set[str]:
    """The words of a text, as they are looked for."""
    text = text.lower()
    found = set(_LATIN.findall(text))
    for run in _CHINESE.findall(text):
        pairs = (run[i : i + 2] for i in range(len(run) - 1))
        found.update(pair for pair in pairs if not set(pair) & set(PARTICLES))
    return found


def steps(places: list[int]) -> str:
    """Ascending numbers as distances from one to the next, in base 36."""
    before = [-1, *places[:-1]]
    return " ".join(base_36(place - last) for place, last in zip(places, before, strict=True))


def base_36(number: int) -> str:
    """A number from 0 on in base 36."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
