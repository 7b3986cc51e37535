"""The whole site as of one state of the catalog, each piece made when it is asked for.

Making a page takes some milliseconds of computing, so it happens in a thread, one
piece at a time; what was made is kept as long as the facts stay the same. What reads
Markdown and colours code is loaded there, too: a server whose pages nobody opens starts
without it.
"""

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import orjson

from yiyuan.documentation.content.facts import Facts
from yiyuan.documentation.content.sources import page_names, page_path
from yiyuan.documentation.reference.openapi import openapi
from yiyuan.documentation.rendering import frames
from yiyuan.documentation.rendering.filling import PLACEHOLDER, filled
from yiyuan.documentation.rendering.llms import full_text, short_text
from yiyuan.documentation.rendering.search_index import search_index, section_texts
from yiyuan.documentation.serving.files import (
    HTML_TYPE,
    JSON_TYPE,
    MARKDOWN_TYPE,
    TEXT_TYPE,
    File,
    make_file,
)
from yiyuan.i18n.languages import LANGUAGES

if TYPE_CHECKING:
    from yiyuan.documentation.rendering.html import Page, PageWriter

FRONT = "/?lang="
"""The front door has one file for each language, kept under these names."""

_EXAMPLE = """\
curl %s/v1/chat/completions \\
  -H "Authorization: Bearer %s" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "%s", "messages": [{"role": "user", "content": "Hello!"}]}'"""


class Edition:
    """The site for one set of facts."""

    def __init__(self, facts: Facts) -> None:
        """Nothing is made before it is asked for."""
        self.facts = facts
        self._lock = threading.Lock()
        self._texts: dict[tuple[str, str], str] = {}
        self._pages: dict[tuple[str, str], Page] = {}
        self._writers: dict[str, PageWriter] = {}
        self._files: dict[str, File] = {}
        self._makers = self._all_makers()

    def kept(self, path: str) -> File | None:
        """What was made before."""
        return self._files.get(path)

    def has(self, path: str) -> bool:
        """Whether there is something at `path`."""
        return path in self._makers

    def make(self, path: str) -> File:
        """Make and keep what is at `path`; to be called in a thread."""
        with self._lock:
            if path not in self._files:
                self._files[path] = self._makers[path]()
            return self._files[path]

    def missing(self, language: str, path: str) -> File:
        """The answer where there is no page; to be called in a thread."""
        with self._lock:
            text = frames.missing(language, path, self._titles(language), self.facts)
        return make_file(text.encode(), HTML_TYPE, language=language, status=404)

    def text(self, language: str, name: str) -> str:
        """The Markdown of one page."""
        key = (language, name)
        if key not in self._texts:
            self._texts[key] = filled(language, name, self.facts)
        return self._texts[key]

    def _all_makers(self) -> dict[str, Callable[[], File]]:
        makers: dict[str, Callable[[], File]] = {
            "/openapi.json": self._openapi,
            "/llms.txt": partial(self._llms, short_text),
            "/llms-full.txt": partial(self._llms, full_text),
        }
        for language in LANGUAGES:
            makers[f"{FRONT}{language}"] = partial(self._front, language)
            makers[f"/docs/{language}/search.json"] = partial(self._search, language)
            makers[f"/docs/{language}/texts.json"] = partial(self._section_texts, language)
            for name in page_names():
                makers[page_path(language, name)] = partial(self._article, language, name)
                makers[f"/docs/{language}/{name}.md"] = partial(self._markdown, language, name)
        return makers

    def _page(self, language: str, name: str) -> "Page":
        key = (language, name)
        if key not in self._pages:
            self._pages[key] = self._writer(language).write(name)
        return self._pages[key]

    def _writer(self, language: str) -> "PageWriter":
        from yiyuan.documentation.rendering.html import PageWriter  # noqa: PLC0415 - see the module

        if language not in self._writers:
            self._writers[language] = PageWriter(language, self.text)
        return self._writers[language]

    def _titles(self, language: str) -> dict[str, str]:
        return {name: title_of(self.text(language, name)) for name in page_names()}

    def _article(self, language: str, name: str) -> File:
        page = self._page(language, name)
        text = frames.article(page, name, language, self._titles(language), self.facts)
        return make_file(text.encode(), HTML_TYPE, language=language)

    def _markdown(self, language: str, name: str) -> File:
        return make_file(self.text(language, name).encode(), MARKDOWN_TYPE, language=language)

    def _front(self, language: str) -> File:
        model = (self.facts.chat_models or ["gpt-4"])[0]
        model = "gpt-4" if "gpt-4" in self.facts.chat_models else model
        example = _EXAMPLE % (self.facts.api_url, PLACEHOLDER, model)
        text = frames.front(language, self.facts, example)
        return make_file(text.encode(), HTML_TYPE, language=language)

    def _search(self, language: str) -> File:
        models = [model.name for model in self.facts.models]
        index = search_index(language, self._pages_of(language), models)
        return make_file(orjson.dumps(index), JSON_TYPE)

    def _section_texts(self, language: str) -> File:
        return make_file(orjson.dumps(section_texts(self._pages_of(language))), JSON_TYPE)

    def _pages_of(self, language: str) -> "dict[str, Page]":
        return {name: self._page(language, name) for name in page_names()}

    def _openapi(self) -> File:
        return make_file(orjson.dumps(openapi(self.facts)), JSON_TYPE)

    def _llms(self, write: Callable[[Facts, Callable[[str, str], str]], str]) -> File:
        return make_file(write(self.facts, self.text).encode(), TEXT_TYPE)


def title_of(text: str) -> str:
    """The title of a page: its first line, which is a heading."""
    return text.partition("\n")[0].removeprefix("# ")
