"""From a page as it was written to the page of this gateway, still as Markdown.

Pages are written with the address `https://gateway.example` and with the names of
the starter's models. Here the address becomes the real one; a model that is not
offered becomes one that is, in what readers copy; and live parts are put in. The
result is what `/docs/…/NAME.md` and `/llms-full.txt` serve.
"""

import re
from urllib.parse import quote

from yiyuan.documentation.content.facts import Facts
from yiyuan.documentation.content.sources import page_text
from yiyuan.documentation.rendering.live import fill

WRITTEN_URL = "https://gateway.example"
WRITTEN_HOST = "gateway.example"
WRITTEN_NEXTCHAT = "https://app.nextchat.example"
PLACEHOLDER = "sk-your-api-key"
"""What stands where the reader's key belongs; the gateway's 401 recognises it."""

_CHAT = re.compile(r"(?<![\w./-])(gpt-4|claude-2|gpt-3\.5-turbo)(?![\w.-])")
_EMBEDDING = re.compile(r"(?<![\w./-])text-embedding-3-small(?![\w.-])")
_FENCE = re.compile(r"^ *```\w.*?^ *```$", re.MULTILINE | re.DOTALL)
_OWN_MODELS = (
    "self-hosting",
    "reference/",
    "runbook",
    "guarantees",
    "many-nodes",
    "changelog",
)
"""Pages whose examples are of a catalog that the reader writes."""


def filled(language: str, name: str, facts: Facts) -> str:
    """The Markdown of one page."""
    text = page_text(language, name)
    if not name.startswith(_OWN_MODELS):
        text = _with_models(text, facts)
        text = text.replace(WRITTEN_URL, facts.api_url)
        text = text.replace(quote(WRITTEN_URL, safe=""), quote(facts.api_url, safe=""))
        if facts.nextchat_url:
            text = text.replace(WRITTEN_NEXTCHAT, facts.nextchat_url.rstrip("/"))
        text = text.replace(WRITTEN_HOST, facts.api_url.partition("://")[2])
    return fill(text, facts, language)


def _with_models(text: str, facts: Facts) -> str:
    """Let no example ask for a model that is not offered."""

    def replace(fence: re.Match[str]) -> str:
        code = fence[0]
        for pattern, names in (
            (_CHAT, facts.chat_models),
            (_EMBEDDING, facts.embedding_models),
        ):
            if names:
                code = pattern.sub(
                    lambda found, names=names: found[0] if found[0] in names else names[0],  # type: ignore[misc]
                    code,
                )
        return code

    return _FENCE.sub(replace, text)
