"""Write the tables of docs/*/reference that the code already says in both languages.

    .venv/bin/python tools/reference.py [--check]

Fills the blocks between `<!-- settings -->` or `<!-- errors -->` and `<!-- end -->`; the
text around them is written by hand. With `--check` nothing is written, and a stale block
is an error.
"""

import re
import sys
from pathlib import Path

import yiyuan.kernel.limit_errors  # noqa: F401 - its kinds are known by being there
from yiyuan.i18n.api_texts import MESSAGES
from yiyuan.i18n.languages import LANGUAGES
from yiyuan.kernel.errors import ApiError
from yiyuan.kernel.settings import describe

DOCS = Path(__file__).resolve().parent.parent / "docs"
PIECES = ("value_", "key_", "http_", "demo_", "limits_", "budget_")
"""Parts of messages, and texts of commands: no codes of an answer."""
HEADINGS = {
    ("settings", "en"): "| setting | default | |\n|---|---|---|",
    ("settings", "zh"): "| 设置 | 默认值 | 说明 |\n|---|---|---|",
    ("errors", "en"): "| status | `code` | `type` | message |\n|--:|---|---|---|",
    ("errors", "zh"): "| 状态码 | `code` | `type` | 消息 |\n|--:|---|---|---|",
}


def main() -> None:
    """Rewrite the pages whose blocks have changed."""
    stale = []
    for path in sorted(DOCS.glob("*/reference/*.md")):
        before = path.read_text()
        after = filled(before, path.relative_to(DOCS).parts[0])
        if after != before:
            stale.append(str(path.relative_to(DOCS.parent)))
            if "--check" not in sys.argv:
                path.write_text(after)
    print("\n".join(stale) or "the reference is up to date")
    sys.exit(bool(stale) and "--check" in sys.argv)


def filled(page: str, language: str) -> str:
    """The page with its blocks as the code has them now."""
    for name, table in (("settings", settings_table), ("errors", errors_table)):
        lines = "\n".join((HEADINGS[name, language], *table(language)))
        page = re.sub(
            rf"(<!-- {name} -->\n).*?(<!-- end -->)",
            lambda match, lines=lines: f"{match[1]}{lines}\n{match[2]}",
            page,
            flags=re.DOTALL,
        )
    return page


def settings_table(language: str) -> list[str]:
    """One row for each setting."""
    return [
        f"| `{doc.variable}` | {code(doc.default_in(language))} | {getattr(doc, language)} |"
        for doc in describe()
    ]


def errors_table(language: str) -> list[str]:
    """One row for each code that a client may meet, by status."""
    rows = []
    for key, text in MESSAGES[language].items():
        if not key.startswith(PIECES):
            kind = kind_of(key)
            code = kind.default_code if hasattr(kind, "text_key") else key
            rows.append((kind.status, f"`{code}` | `{kind.type}` | {escape(text)}"))
    return [f"| {status} | {row} |" for status, row in sorted(rows, key=lambda row: row[0])]


def kind_of(key: str) -> type[ApiError]:
    """The class that answers with a code; codes without one of their own say what is wrong."""
    kinds = [ApiError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    by_text = {getattr(kind, "text_key", kind.default_code): kind for kind in reversed(kinds)}
    fallback = by_text["upstream_error" if key.startswith("stream_") else "invalid_request"]
    return by_text.get(key, fallback)


def code(default: str) -> str:
    """A default as code where it is a value, as words where it is a description."""
    is_words = " " in default or "`" in default or not default.isascii()
    return default if is_words else f"`{default}`"


def escape(text: str) -> str:
    """Text that stands in a table."""
    return text.replace("|", "\\|").replace("{", "*").replace("}", "*")


if __name__ == "__main__":
    assert set(LANGUAGES) == {"en", "zh"}
    main()
