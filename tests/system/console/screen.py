"""Pages as a person sees them: in a language, a colour scheme and a width, and what went wrong.

Every page that a `Screen` opens is watched: requests to another origin, breaches of the
content security policy, exceptions of scripts. `check` fails on any of them.
"""

import contextlib
from functools import cache
from typing import Any, Self

from playwright.sync_api import Browser, BrowserContext, Page

from tests.project.tidy.tree import ROOT

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
TABLET = {"width": 768, "height": 1024}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TIMEOUT_MS = 60_000


@cache
def axe_source() -> str:
    """axe-core, to be run by the page's own engine: the policy allows no foreign script."""
    return (ROOT / "console/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


class Screen:
    """A browser's window on one server."""

    def __init__(self, browser: Browser, origin: str) -> None:
        """Opens nothing yet."""
        self._browser, self.origin = browser, origin
        self._contexts: list[BrowserContext] = []
        self.foreign: list[str] = []
        self.breaches: list[str] = []
        self.exceptions: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        for context in self._contexts:
            with contextlib.suppress(Exception):
                context.close()

    def context(
        self, *, scheme: str = "light", viewport: dict[str, int] | None = None, **more: Any
    ) -> BrowserContext:
        """A browser profile of its own: no cookies, nothing kept."""
        context = self._browser.new_context(
            color_scheme=scheme,  # type: ignore[arg-type]
            viewport=viewport or WIDE,  # type: ignore[arg-type]
            reduced_motion="reduce",
            **more,
        )
        context.set_default_timeout(TIMEOUT_MS)
        context.on("page", self._watch)
        self._contexts.append(context)
        return context

    def open(self, path: str, *, language: str = "en", **how: Any) -> Page:
        """A page of the console in a fresh profile, when its heading is there."""
        page = self.context(**how).new_page()
        go(page, self.origin, path, language)
        return page

    def _watch(self, page: Page) -> None:
        page.on("request", self._note_request)
        page.on("pageerror", lambda error: self.exceptions.append(str(error)))
        page.on("console", lambda said: self._note_words(said.text))

    def _note_request(self, request: Any) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.foreign.append(request.url)

    def _note_words(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.breaches.append(text)

    def check(self) -> None:
        """Fail on whatever was noted."""
        assert not self.foreign, "a page asked another origin"
        assert not self.breaches, "a page broke its own policy"
        assert not self.exceptions, "a script failed"


def go(page: Page, origin: str, path: str, language: str) -> None:
    """Navigate, and wait for the heading."""
    place, _, fragment = path.partition("#")
    joint = "&" if "?" in place else "?"
    hash_part = f"#{fragment}" if fragment else ""
    page.goto(f"{origin}/console{place}{joint}lang={language}{hash_part}")
    page.wait_for_selector("h1, [data-state=error]")


def settle(page: Page) -> None:
    """Wait until nothing is loading any more."""
    page.locator("[data-state=loading]").first.wait_for(state="detached")


OPENED = "[role=menu], [role=listbox], [role=dialog]"


def violations(page: Page, *, is_covered: bool = False) -> list[str]:
    """What axe finds, one line each with the element.

    A part of what lies beneath something open is covered and cannot be pressed until that is
    closed: with `is_covered` only the sizes of targets in what is open count.
    """
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    page.evaluate(axe_source())
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
        if not (is_covered and rule["id"] == "target-size" and not _is_in_opened(page, node))
    ]


def _is_in_opened(page: Page, node: dict[str, Any]) -> bool:
    return page.locator(node["target"][0]).evaluate(f"element => !!element.closest('{OPENED}')")


def overflows(page: Page) -> bool:
    """Whether the page is wider than the window."""
    return bool(
        page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    )
