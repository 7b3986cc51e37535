"""Files that never change under their address: styles, scripts, the icon.

An address holds a hash of the content, so browsers keep a file for ever and a new
release brings new addresses. They are read once, at the first request.
"""

import hashlib
from functools import cache

from yiyuan.documentation.content.sources import ROOM
from yiyuan.documentation.serving.files import File, make_file

FOLDER = "/docs/assets/"
NAMES = ("early.js", "docs.js", "search.js", "docs.css", "icon.svg")
TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@cache
def addresses() -> dict[str, str]:
    """The address of each asset by its name."""
    found = {}
    for name in NAMES:
        stem, _, kind = name.partition(".")
        digest = hashlib.sha256(_content(name)).hexdigest()[:12]
        found[name] = f"{FOLDER}{stem}.{digest}.{kind}"
    return found


@cache
def asset_files() -> dict[str, File]:
    """The files by their address."""
    return {
        address: make_file(_content(name), TYPES[name.partition(".")[2]], is_forever=True)
        for name, address in addresses().items()
    }


def _content(name: str) -> bytes:
    return (ROOM / "serving" / "assets" / name).read_bytes()
