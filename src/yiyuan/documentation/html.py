"""From a page's Markdown to HTML: headings with names, links, tables, snippets.

HTML in Markdown is not let through, so a page, and whatever a catalog's names put
into it, cannot bring scripts. Blocks of code that follow one another and carry a
name after their language (```` ```python requests ````) become one snippet with a
tab for each. Comments of one line are for the tests and other tools and vanish.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import quote, unquote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from yiyuan.documentation.headings import slug, slugs, unique
from yiyuan.documentation.sources import page_names, page_path
from yiyuan.documentation.words import WORDS

TABS = {
    "requests": "Python · requests",
    "openai": "Python · OpenAI SDK",
    "anthropic": "Python · Anthropic SDK",
    "fetch": "JavaScript · fetch",
    "curl": "cURL",
    "caddy": "Caddy",
    "nginx": "nginx",
}
"""Names of snippets' tabs, in no order."""

_COMMENT = re.compile(r"^ *<!--.*?-->\n", re.MULTILINE)
_PLAYABLE = re.compile(r"/v1/(?:chat/completions|completions|messages|responses)\b")
_PLAYABLE_TABS = 3
"""A request that is shown in so many ways is one to play with."""
_MODEL = re.compile(r'"?model"?[:=] ?"([^"]+)"')
_FORMATTER = HtmlFormatter(nowrap=True)


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
        self._parser.add_render_rule("fence", _fence)
        for rule in ("heading_open", "heading_close", "table_open", "table_close", "link_open"):
            self._parser.add_render_rule(rule, globals()[f"_{rule}"])
        self._parser.add_render_rule("snippet_open", _snippet_open)
        self._parser.add_render_rule("snippet_close", _snippet_close)

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
        if block is not None and block.type == "fence" and _tab_of(block):
            open_group.append(block)
            continue
        if open_group:
            begin, end = Token("snippet_open", "", 1), Token("snippet_close", "", -1)
            begin.meta = {"tabs": [_tab_of(each) for each in open_group]}
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


def _tab_of(block: Token) -> str:
    """The name of a block's tab; empty when it stands alone."""
    return block.info.strip().partition(" ")[2]


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


# --- how blocks are written -----------------------------------------------------------


def _heading_open(
    _: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, ___: EnvType
) -> str:
    block = tokens[index]
    return f'<{block.tag} id="{escape(block.meta["anchor"])}">'


def _heading_close(
    _: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, env: EnvType
) -> str:
    block, anchor = tokens[index], escape(tokens[index - 2].meta["anchor"])
    if block.tag == "h1":
        return "</h1>\n"
    label = escape(WORDS[env["language"]]["link_here"])
    return f'<a class="anchor" href="#{anchor}" aria-label="{label}">#</a></{block.tag}>\n'


def _table_open(
    _: RendererHTML, __: Sequence[Token], ___: int, ____: OptionsDict, env: EnvType
) -> str:
    label = WORDS[env["language"]]["table"]
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{label}"><table>\n'


def _table_close(
    _: RendererHTML, __: Sequence[Token], ___: int, ____: OptionsDict, _____: EnvType
) -> str:
    return "</table></div>\n"


def _link_open(
    _: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, env: EnvType
) -> str:
    href = str(tokens[index].attrs.get("href", ""))
    rel = ' rel="noopener noreferrer"' if "://" in href else ""
    return f'<a href="{escape(_address(href, env))}"{rel}>'


def _address(href: str, env: EnvType) -> str:
    """Where a link of a page leads on the site."""
    path, mark, anchor = href.partition("#")
    anchor = unquote(anchor)
    if not path and mark:
        return f"#{env['anchors'](env['page']).get(anchor, anchor)}"
    if "://" in path or not path.endswith(".md"):
        return href
    name = normpath(join(env["folder"], path.removesuffix(".md")))
    if name not in page_names():
        return href
    if mark:
        anchor = env["anchors"](name).get(anchor, anchor)
    return page_path(env["language"], name) + (f"#{anchor}" if mark else "")


def _snippet_open(
    _: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, env: EnvType
) -> str:
    env["count"] += 1
    number, tabs = env["count"], tokens[index].meta["tabs"]
    buttons = "".join(
        f'<button type="button" role="tab" id="t{number}-{tab}" aria-controls="p{number}-{tab}" '
        f'aria-selected="{"false" if i else "true"}" data-tab="{tab}">{escape(TABS[tab])}</button>'
        for i, tab in enumerate(tabs)
    )
    return f'<div class="snippet"><div class="tabs" role="tablist">{buttons}</div>\n'


def _snippet_close(
    _: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, env: EnvType
) -> str:
    model = tokens[index].meta["model"]
    if not model:
        return "</div>\n"
    address = f"/console/playground?model={quote(model, safe='')}"
    label = escape(WORDS[env["language"]]["playground"])
    return f'</div>\n<p class="try"><a href="{address}">{label}</a></p>\n'


def _fence(
    _: RendererHTML, tokens: Sequence[Token], index: int, __: OptionsDict, env: EnvType
) -> str:
    block = tokens[index]
    code, words = block.content, WORDS[env["language"]]
    language = block.info.strip().partition(" ")[0]
    tab = _tab_of(block)
    attributes = ' class="code"'
    caption = ""
    if tab:
        number = env["count"]
        attributes = (
            f' class="code panel" id="p{number}-{tab}" data-tab="{tab}" role="tabpanel" '
            f'aria-labelledby="t{number}-{tab}"'
        )
        caption = f'<p class="caption">{escape(TABS[tab])}</p>'
    copy = (
        f'<button type="button" class="copy" data-done="{words["copied"]}" '
        f'data-failed="{words["copy_failed"]}">{words["copy"]}</button>'
    )
    shown = _coloured(code, language)
    return f'<div{attributes}>{caption}{copy}<pre tabindex="0"><code>{shown}</code></pre></div>\n'


def _coloured(code: str, language: str) -> str:
    """Code with its words in classes of colour."""
    if language in ("", "text"):
        return escape(code)
    lexer = get_lexer_by_name(_LEXERS.get(language, language), stripnl=False)
    return str(highlight(code, lexer, _FORMATTER))


_LEXERS = {"sh": "bash", "caddy": "nginx", "containerfile": "docker"}
