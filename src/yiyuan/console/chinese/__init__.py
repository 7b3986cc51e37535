"""What use-cases refuse, in Chinese: English template → Chinese, by concept.

A refusal comes ready-made, as an English sentence; `templates.py` finds the template that
it fits. `refusals.py` and `catalog.py` are what commands and the console meet alike,
`pages.py` what only the console's API can. `{places}` stand for what differs.

The terms are those of docs/zh and of docs/glossary.md. Tests hold this to the English:
what is said has its Chinese here, and what is here is said somewhere.
"""

from functools import cache
from typing import Final

from yiyuan.console.chinese.catalog import CATALOG
from yiyuan.console.chinese.pages import PAGES
from yiyuan.console.chinese.refusals import REFUSALS
from yiyuan.console.chinese.templates import Templates

SENTENCES: Final[dict[str, str]] = REFUSALS | CATALOG


@cache
def _templates() -> Templates:
    return Templates(SENTENCES | PAGES)


def in_chinese(sentence: str) -> str | None:
    """A refusal as the console says it; None where nothing fits."""
    return _templates().in_chinese(sentence)
