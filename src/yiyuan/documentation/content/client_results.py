"""With which version of each client the gateway was seen to work.

`client_results.toml` beside this file is written by whoever runs the clients for
real; its format:

    [[client]]
    name = "cline"              # the page's file name under ai-apps/
    version = "3.0.65"
    verified_on = "2026-11-25"
    checks = [{ id = "CLI-CLINE 1", result = "passed" }]   # passed | failed | skipped

A client that is not in the file, or no file at all, is shown as not yet verified.
"""

import tomllib
from functools import cache
from typing import Any

from yiyuan.documentation.content.sources import ROOM
from yiyuan.documentation.content.words import WORDS

CLIENTS = {
    "cline": "Cline CLI",
    "nextchat": "NextChat",
    "open-webui": "Open WebUI",
    "claude-code": "Claude Code",
    "codex": "Codex CLI",
    "gemini-cli": "Gemini CLI",
    "aider": "aider",
    "cherry-studio": "Cherry Studio",
    "lobechat": "LobeChat",
    "llm": "llm",
    "langchain": "LangChain",
    "openai-sdk": "OpenAI SDK",
    "anthropic-sdk": "Anthropic SDK",
}


def results(language: str, client: str) -> str:
    """A sentence about one client, or a table of all."""
    words = WORDS[language]
    found = {row["name"]: row for row in _rows()}
    if client:
        row = found.get(client)
        return _sentence(row, language) if row else words["not_verified"]
    lines = [words["clients_head"], "|---|---|---|---|"]
    for name, title in CLIENTS.items():
        row = found.get(name)
        cells = _cells(row, language) if row else ["–", words["not_yet"], "–"]
        lines.append(f"| [{title}](ai-apps/{name}.md) | {' | '.join(cells)} |")
    return "\n".join(lines)


def _sentence(row: dict[str, Any], language: str) -> str:
    version, date, checks = _cells(row, language)
    return WORDS[language]["verified"].format(version=version, date=date, checks=checks)


def _cells(row: dict[str, Any], language: str) -> list[str]:
    """Version, date, and how many of the checks passed."""
    checks = row.get("checks", [])
    passed = sum(check["result"] == "passed" for check in checks)
    failed = [check["id"] for check in checks if check["result"] == "failed"]
    shown = f"{passed}/{len(checks)}"
    if failed:
        shown += WORDS[language]["failed"].format(ids=", ".join(failed))
    return [row["version"], str(row["verified_on"]), shown]


@cache
def _rows() -> list[dict[str, Any]]:
    path = ROOM / "content" / "client_results.toml"
    if not path.is_file():
        return []
    rows: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["client"]
    return rows
