"""How the blocks of a page are written as HTML, where it is not as Markdown's own renderer would.

Each rule is called with the tokens of the page and the place of its own, and with what
`html.py` says of the page: its language, folder, name, and the anchors of all pages.
"""

from collections.abc import Sequence
from html import escape
from posixpath import join, normpath
from urllib.parse import quote, unquote

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from yiyuan.documentation.content.sources import page_names, page_path
from yiyuan.documentation.content.words import WORDS

TABS = {
    "requests": "Python · requests",
    "openai": "Python · OpenAI SDK",
    "anthropic": "Python · Anthropic SDK",
    "fetch": "JavaScript · fetch",
    "curl": "cURL",
    "go": "Go",
    "java": "Java",
    "php": "PHP",
    "csharp": "C#",
    "caddy": "Caddy",
    "nginx": "nginx",
}
"""Names of snippets' tabs, in no order."""

_FORMATTER = HtmlFormatter(nowrap=True)


def tab_of(block: Token) -> str:
    """The name of a block's tab; empty when it stands alone."""
    return block.info.strip().partition(" ")[2]


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
    tab = tab_of(block)
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

RULES = {
    "fence": _fence,
    "heading_open": _heading_open,
    "heading_close": _heading_close,
    "table_open": _table_open,
    "table_close": _table_close,
    "link_open": _link_open,
    "snippet_open": _snippet_open,
    "snippet_close": _snippet_close,
}
"""The rules by the kind of token that they write."""
