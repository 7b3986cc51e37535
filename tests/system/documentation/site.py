"""Reading the site as a browser without scripts would: pages, links, anchors."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from tests.support import wire


@dataclass(slots=True)
class Read:
    """What a page holds."""

    path: str
    answer: wire.Answer
    language: str = ""
    links: list[str] = field(default_factory=list)
    """Where `<a>` leads."""
    loads: list[str] = field(default_factory=list)
    """What the page makes a browser fetch by itself."""
    anchors: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    """Scripts, styles and handlers that stand in the page."""
    alternates: dict[str, str] = field(default_factory=dict)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self, read: Read) -> None:
        super().__init__()
        self.read = read
        self._open = ""

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self._open = tag
        read = self.read
        if tag == "html":
            read.language = found["lang"]
        if "id" in found:
            read.anchors.append(found["id"])
        if tag in ("h1", "h2", "h3") and "id" in found:
            read.headings.append(found["id"])
        if tag == "a" and "href" in found:
            read.links.append(found["href"])
        if tag == "link" and found["rel"] in ("stylesheet", "icon"):
            read.loads.append(found["href"])
        if tag == "link" and "hreflang" in found:
            read.alternates[found["hreflang"]] = found["href"]
        if "src" in found:
            read.loads.append(found["src"])
        if tag in ("script", "iframe", "object") and "src" not in found:
            read.inline.append(tag)
        read.inline += [n for n in found if n == "style" or n.startswith("on")]

    def handle_data(self, data):
        if self._open == "style":
            self.read.inline.append("style")
        self.read.text += data


def read(origin: str, path: str, **headers: str) -> Read:
    """Fetch and read one page."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = wire.call(origin, "GET", path, headers=named)
    found = Read(path, answer)
    _Reader(found).feed(answer.body.decode())
    return found


def resolve(page: str, link: str) -> tuple[str, str]:
    """Path and anchor of a link on this site; an empty path for one that leads elsewhere."""
    parts = urlsplit(urljoin(f"http://here{page}", link))
    return (parts.path, parts.fragment) if parts.netloc == "here" else ("", "")


def words_of(text: str) -> str:
    """Text with single spaces."""
    return re.sub(r"\s+", " ", text)
