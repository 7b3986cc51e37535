"""The pages as they were written: which there are, in which order, and their text.

An installed package carries them in its own folder; a checkout reads them from
`docs/`. A page that `contents.toml` names and no file holds is a FileNotFoundError
when it is asked for, which the tests see first.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from yiyuan.i18n.languages import LANGUAGES

ROOM = Path(__file__).parent.parent
START = "index"


@dataclass(slots=True, frozen=True)
class Section:
    """A heading of the table of contents, with its pages in order."""

    titles: dict[str, str]
    """By language."""
    pages: tuple[str, ...]


@cache
def contents() -> tuple[Section, ...]:
    """The table of contents."""
    document = tomllib.loads((ROOM / "content" / "contents.toml").read_text(encoding="utf-8"))
    return tuple(
        Section({language: row[language] for language in LANGUAGES}, tuple(row["pages"]))
        for row in document["section"]
    )


@cache
def page_names() -> tuple[str, ...]:
    """All pages, in order."""
    return tuple(name for section in contents() for name in section.pages)


@cache
def page_text(language: str, name: str) -> str:
    """A page's Markdown, as it was written."""
    return (_folder() / language / f"{name}.md").read_text(encoding="utf-8")


@cache
def changes_text(language: str) -> str:
    """The list of changes, as it was written."""
    name = "CHANGELOG.md" if language == "en" else f"CHANGELOG.{language}.md"
    packaged = _folder() / name
    path = packaged if packaged.is_file() else _folder().parent / name
    return path.read_text(encoding="utf-8")


def page_path(language: str, name: str) -> str:
    """Where a page is served."""
    return f"/docs/{language}/" if name == START else f"/docs/{language}/{name}"


def _folder() -> Path:
    """The folder with a folder of pages for each language."""
    packaged = ROOM / "pages"
    return packaged if packaged.is_dir() else ROOM.parents[2] / "docs"
