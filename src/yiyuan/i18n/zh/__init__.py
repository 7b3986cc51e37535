"""What use-cases refuse, in Chinese: English template → Chinese, by concept.

A refusal is a `Message` that names its template, or an English sentence without places.
`services.py`, `catalog.py` and others are what commands and the console
meet alike, `api/console.py` what only the console's API can. `{places}` stand for what
differs.

The terms are those of docs/zh and of docs/glossary.md. Tests hold this to the English:
what is said has its Chinese here, and what is here is said somewhere.
"""

from functools import cache
from typing import Final

from yiyuan.i18n.message import Message
from yiyuan.i18n.templates import Templates
from yiyuan.i18n.zh.api.console import PAGES
from yiyuan.i18n.zh.catalog import CATALOG
from yiyuan.i18n.zh.imports import REFUSALS as IMPORT_REFUSALS
from yiyuan.i18n.zh.imports_report import CHECK, NOTES
from yiyuan.i18n.zh.operations import OPERATIONS
from yiyuan.i18n.zh.payments import PAYMENTS
from yiyuan.i18n.zh.people import PEOPLE
from yiyuan.i18n.zh.services import REFUSALS

MESSAGES: Final[dict[str, str]] = (
    REFUSALS | CATALOG | PEOPLE | PAYMENTS | OPERATIONS | IMPORT_REFUSALS | CHECK | NOTES
)
"""Known by their template alone."""


@cache
def _templates() -> Templates:
    return Templates({}, MESSAGES | PAGES)


def in_chinese(sentence: str | Message) -> str | None:
    """A message or a refusal as the console says it; None where nothing fits."""
    return _templates().render(sentence)
