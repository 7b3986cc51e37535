"""The documentation for language models: an index of the pages, and all of them as one.

Both are in English, since models translate by themselves; every page is also there
as Markdown in both languages.
"""

from collections.abc import Callable

from yiyuan.documentation.content.facts import Facts
from yiyuan.documentation.content.sources import contents

_ABOUT = (
    "> A prepaid gateway for language models. It answers OpenAI's and Anthropic's API under "
    "{url}/v1 with an API token as bearer; amounts are whole 词元, of which 1,000,000 are "
    "1 yuan (CNY)."
)

Text = Callable[[str, str], str]


def short_text(facts: Facts, text: Text) -> str:
    """`/llms.txt`: a line for each page, with the address of its Markdown."""
    lines = [
        "# yiyuan",
        "",
        _ABOUT.format(url=facts.api_url),
        "",
        f"- [OpenAPI document]({facts.public_url}/openapi.json)",
        f"- [Everything in one file]({facts.public_url}/llms-full.txt)",
        f"- 中文：{facts.public_url}/docs/zh/index.md",
    ]
    for section in contents():
        lines += ["", f"## {section.titles['en']}", ""]
        for name in section.pages:
            title, about = _summary(text("en", name))
            lines.append(f"- [{title}]({facts.public_url}/docs/en/{name}.md): {about}")
    return "\n".join(lines) + "\n"


def full_text(facts: Facts, text: Text) -> str:
    """`/llms-full.txt`: all pages, each with its address."""
    pages = [
        f"<!-- {facts.public_url}/docs/en/{name}.md -->\n\n{text('en', name)}"
        for section in contents()
        for name in section.pages
    ]
    return "\n".join(pages)


def _summary(text: str) -> tuple[str, str]:
    """A page's title and the first sentence of its first paragraph."""
    paragraphs = [p for p in text.split("\n\n") if p.strip() and not p.startswith("<!--")]
    title = paragraphs[0].removeprefix("# ").strip()
    about = paragraphs[1].replace("\n", " ") if len(paragraphs) > 1 else ""
    return title, about.partition(". ")[0].strip().removesuffix(".") + "."
