"""The frame around what is written: header, contents, table of contents, footer.

The files of `frame/` are filled in with text that is escaped here; only `body` and
what this module puts together itself go in as they are.
"""

from functools import cache
from html import escape
from string import Template
from typing import TYPE_CHECKING

from yiyuan.documentation.content.facts import Facts
from yiyuan.documentation.content.sources import ROOM, contents, page_names, page_path
from yiyuan.documentation.content.words import WORDS
from yiyuan.documentation.serving.assets import addresses

if TYPE_CHECKING:
    from yiyuan.documentation.rendering.html import Page

CURRENT = ' aria-current="page"'
OTHER = {"en": "zh", "zh": "en"}
LIMITS_UNDER = {"index": "rate-limits", "limits": "requests-per-minute"}
"""Pages with the table of limits, and the heading that it stands under."""

CARDS = {
    "first": "first-request",
    "models": "models",
    "apps": "ai-apps",
    "billing": "billing",
}


def article(page: "Page", name: str, language: str, titles: dict[str, str], facts: Facts) -> str:
    """A page of the documentation, whole. `titles` are those of all pages in this language."""
    words = _words(language)
    path = page_path(language, name)
    markdown = f"/docs/{language}/{name}.md"
    main = frame("article").substitute(
        words,
        sections=_sections(name, language, titles),
        body=page.body,
        markdown=markdown,
        around=_around(name, language, titles),
        toc=_toc(page, words["on_this_page"]),
        limits=_limits(name, words),
    )
    links = [
        *alternates({each: page_path(each, name) for each in WORDS}, path, facts.public_url),
        f'<link rel="alternate" type="text/markdown" href="{escape(markdown)}">',
    ]
    return whole(
        language,
        main,
        title=f"{page.title} · {WORDS[language]['brand']}",
        description=page.description,
        other=page_path(OTHER[language], name),
        links=links,
        docs_current=CURRENT,
        has_status=facts.has_status,
    )


def front(language: str, facts: Facts, example: str) -> str:
    """The front door; `example` is a request that works."""
    words = WORDS[language]
    cards = "\n".join(_card(language, key, name) for key, name in CARDS.items())
    main = frame("front").substitute(
        _words(language), home=page_path(language, "index"), cards=cards, example=escape(example)
    )
    addresses_by_language = {each: f"/?lang={each}" for each in WORDS}
    return whole(
        language,
        main,
        title=f"{words['brand']} · {words['front_title']}",
        description=words["front_lead"],
        other=f"/?lang={OTHER[language]}",
        links=alternates(addresses_by_language, f"/?lang={language}", facts.public_url),
        has_status=facts.has_status,
    )


def _card(language: str, key: str, name: str) -> str:
    words, path = WORDS[language], page_path(language, name)
    title, text = escape(words[f"card_{key}"]), escape(words[f"card_{key}_text"])
    return f'<div class="card"><h2><a href="{path}">{title}</a></h2><p>{text}</p></div>'


def missing(language: str, path: str, titles: dict[str, str], facts: Facts) -> str:
    """What is shown where there is no page."""
    words = _words(language)
    text = WORDS[language]["not_found_text"].format(path=path[:200])
    main = frame("article").substitute(
        words,
        sections=_sections("", language, titles),
        body=f"<h1>{words['not_found']}</h1><p>{escape(text)}</p>",
        markdown=page_path(language, "index") + "index.md",
        around="",
        toc="",
        limits="",
    )
    title = f"{WORDS[language]['not_found']} · {WORDS[language]['brand']}"
    other = page_path(OTHER[language], "index")
    return whole(
        language,
        main,
        title=title,
        description=text,
        other=other,
        links=[],
        has_status=facts.has_status,
    )


def whole(
    language: str,
    main: str,
    *,
    title: str,
    description: str,
    other: str,
    links: list[str],
    has_status: bool,
    docs_current: str = "",
) -> str:
    """A page around its `main`; `links` stand in its head."""
    files = addresses()
    return frame("page").substitute(
        _words(language),
        title=escape(title),
        description=escape(description),
        icon=files["icon.svg"],
        css=files["docs.css"],
        early=files["early.js"],
        script=files["docs.js"],
        search_script=files["search.js"],
        links="".join(f"{line}\n" for line in links),
        search_index=f"/docs/{language}/search.json",
        search_texts=f"/docs/{language}/texts.json",
        home=page_path(language, "index"),
        other_address=escape(other),
        other_html_language=WORDS[OTHER[language]]["html_language"],
        main=main,
        docs_current=docs_current,
        status=f' · <a href="/status">{_words(language)["status"]}</a>' if has_status else "",
    )


def alternates(paths: dict[str, str], own: str, public_url: str) -> list[str]:
    """The page's own address and those of its translations, in full."""
    lines = [f'<link rel="canonical" href="{escape(public_url + own)}">']
    for language, path in paths.items():
        mark = WORDS[language]["html_language"]
        lines.append(f'<link rel="alternate" hreflang="{mark}" href="{escape(public_url + path)}">')
    default = escape(public_url + paths["en"])
    return [*lines, f'<link rel="alternate" hreflang="x-default" href="{default}">']


def _sections(current: str, language: str, titles: dict[str, str]) -> str:
    """The contents of the whole site."""
    parts = []
    for section in contents():
        items = "".join(
            f'<li><a href="{page_path(language, name)}"{CURRENT if name == current else ""}>'
            f"{escape(titles[name])}</a></li>"
            for name in section.pages
        )
        parts.append(f"<h2>{escape(section.titles[language])}</h2>\n<ul>{items}</ul>\n")
    return "".join(parts)


def _around(name: str, language: str, titles: dict[str, str]) -> str:
    """Links to the page before and the page after."""
    names, words = page_names(), WORDS[language]
    place = names.index(name)
    links = []
    if place > 0:
        links.append((names[place - 1], "prev", words["previous"]))
    if place + 1 < len(names):
        links.append((names[place + 1], "next", words["next"]))
    return "".join(
        f'<a rel="{rel}" href="{page_path(language, each)}"><small>{word}</small>'
        f"{escape(titles[each])}</a>"
        for each, rel, word in links
    )


def _limits(name: str, words: dict[str, str]) -> str:
    """Where the page has the table of limits, to which a script adds the reader's own."""
    if name not in LIMITS_UNDER:
        return ""
    label, unlimited = words["own_limit"], words["unlimited"]
    return (
        f' data-limits-under="{LIMITS_UNDER[name]}" data-own-limit="{label}"'
        f' data-unlimited="{unlimited}"'
    )


def _toc(page: "Page", title: str) -> str:
    """The headings of one page."""
    items = "".join(
        f'<li><a href="#{escape(heading.anchor)}"{" class=deep" if heading.level == 3 else ""}>'
        f"{escape(heading.text)}</a></li>"
        for heading in page.headings
        if heading.level in (2, 3)
    )
    return f"<h2>{title}</h2><ul>{items}</ul>" if items else ""


@cache
def frame(name: str) -> Template:
    """One of the files of `frame/`."""
    return Template((ROOM / "rendering" / "frame" / f"{name}.html").read_text(encoding="utf-8"))


@cache
def _words(language: str) -> dict[str, str]:
    """The words around a page, escaped."""
    return {key: escape(word) for key, word in WORDS[language].items()}
