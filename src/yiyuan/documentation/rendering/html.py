"""From a page's Markdown to HTML: headings with names, links, tables, snippets.

HTML in Markdown is not let through, so a page, and whatever a catalog's names put
into it, cannot bring scripts. Blocks of code that follow one another and carry a
name after their language (```` ```python requests ````) become one snippet with a
tab for each. Comments of one line are for the tests and other tools and vanish.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from posixpath import dirname
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from yiyuan.documentation.rendering.gloss import gloss
from yiyuan.documentation.rendering.headings import slug, slugs, unique
from yiyuan.documentation.rendering.rules import RULES, tab_of

_COMMENT = re.compile(r"^ *<!--.*?-->\n", re.MULTILINE)
_PLAYABLE = re.compile(r"/v1/(?:chat/completions|completions|messages|responses)\b")
_PLAYABLE_TABS = 3
"""A request that is shown in so many ways is one to play with."""
_MODEL = re.compile(r'"?model"?[:=] ?"([^"]+)"')


@dataclass(slots=True, frozen=True)
class Heading:
    """A heading of a page: its level, name in addresses, and text."""

    level: int
    anchor: str
    text: str


@dataclass(slots=True)
class Page:
    """A page as HTML, and what is known of it."""

    title: str = ""
    description: str = ""
    body: str = ""
    headings: list[Heading] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """The words under each heading, blocks of code left out, for the search."""


class PageWriter:
    """Writes the pages of one language."""

    def __init__(self, language: str, filled: Callable[[str, str], str]) -> None:
        """`filled` gives a page's Markdown by language and name."""
        self._language, self._filled = language, filled
        self._parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
        for name, rule in RULES.items():
            self._parser.add_render_rule(name, rule)

    def write(self, name: str) -> Page:
        """Make one page."""
        text = _COMMENT.sub("", self._filled(self._language, name))
        env: dict[str, Any] = {
            "language": self._language,
            "folder": dirname(name),
            "page": name,
            "anchors": self._anchors,
            "count": 0,
        }
        tokens = _grouped(self._parser.parse(text, env))
        _align_by_class(tokens)
        _settle_heads(tokens)
        page = Page()
        _name_headings(tokens, self._anchors(name), page)
        page.description = _first_paragraph(tokens)
        gloss(tokens, self._language)
        page.body = str(self._parser.renderer.render(tokens, self._parser.options, env))
        return page

    def _anchors(self, name: str) -> dict[str, str]:
        """A page's anchors: the headings' own names → the names that are used."""
        own = slugs(self._filled(self._language, name))
        shared = slugs(self._filled("en", name))
        return dict(zip(own, shared if len(shared) == len(own) else own, strict=True))


def _grouped(tokens: list[Token]) -> list[Token]:
    """Put a frame around blocks of code that belong together."""
    found: list[Token] = []
    open_group: list[Token] = []
    for block in [*tokens, None]:
        if block is not None and block.type == "fence" and tab_of(block):
            open_group.append(block)
            continue
        if open_group:
            begin, end = Token("snippet_open", "", 1), Token("snippet_close", "", -1)
            begin.meta = {"tabs": [tab_of(each) for each in open_group]}
            end.meta = {"model": _asked_model(open_group)}
            found += [begin, *open_group, end]
            open_group = []
        if block is not None:
            found.append(block)
    return found


def _align_by_class(tokens: list[Token]) -> None:
    """Say by class which cells are numbers: the policy allows no inline styles."""
    for block in tokens:
        if block.attrs.pop("style", None) == "text-align:right":
            block.attrs["class"] = "right"


def _settle_heads(tokens: list[Token]) -> None:
    """A head of a table without a word is no head: it becomes a cell, or no row at all."""
    for begin in (i for i, block in enumerate(tokens) if block.type == "thead_open"):
        end = next(i for i in range(begin, len(tokens)) if tokens[i].type == "thead_close")
        heads = [i for i in range(begin, end) if tokens[i].type == "th_open"]
        silent = [i for i in heads if not tokens[i + 1].content]
        for i in silent:
            tokens[i].tag = tokens[i + 2].tag = "td"
        if len(silent) == len(heads):
            for block in tokens[begin : end + 1]:
                block.hidden = True
                block.children, block.content = [], ""


def _asked_model(group: list[Token]) -> str:
    """The model that a snippet asks to write text; empty when it is about something else."""
    code = "\n".join(block.content for block in group)
    if len(group) < _PLAYABLE_TABS or not _PLAYABLE.search(code):
        return ""
    found = _MODEL.search(code)
    return found[1] if found else ""


def _name_headings(tokens: list[Token], anchors: dict[str, str], page: Page) -> None:
    """Give every heading its name, and note the words under each."""
    names = iter(unique(slug(t.content) for t in _inlines_after(tokens, "heading_open")))
    following: Sequence[Token | None] = [*tokens[1:], None]
    for block, after in zip(tokens, following, strict=True):
        if block.type == "heading_open" and after is not None:
            own = next(names)
            anchor, text = anchors.get(own, own), _plain(after)
            block.meta = {"anchor": anchor}
            page.headings.append(Heading(int(block.tag[1]), anchor, text))
            page.texts.append("")
            page.title = page.title or text
        elif page.texts and block.type == "inline":
            page.texts[-1] += " " + _plain(block)


def _inlines_after(tokens: list[Token], kind: str) -> list[Token]:
    """The text of every block of a kind."""
    return [tokens[i + 1] for i, block in enumerate(tokens) if block.type == kind]


def _plain(inline: Token) -> str:
    """Text without its markup."""
    return "".join(
        " " if child.type == "softbreak" else child.content for child in inline.children or []
    )


def _first_paragraph(tokens: list[Token]) -> str:
    inlines = _inlines_after(tokens, "paragraph_open")
    return _plain(inlines[0])[:300] if inlines else ""
