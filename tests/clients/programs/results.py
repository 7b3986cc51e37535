"""The results file: what was verified, with which version, on which day.

It lies beside the room that renders the documentation, which reads it, one `[[client]]`
a page: `name`, `version`, `verified_on`, `checks = [{id, result}]`. A result is `passed`
or `failed`. A client that could not be installed, and an id that was not run, keep what
an earlier run wrote down.
"""

import pathlib
import tomllib
from typing import Any

import tomli_w

from tests.clients.programs.clients import CLIENTS, Client, version_of

FILE = (
    pathlib.Path(__file__).resolve().parents[3]
    / "src/yiyuan/documentation/content/client_results.toml"
)
Results = dict[str, dict[str, str]]
"""Client → id → passed, failed or not installed."""
NOT_INSTALLED = "not installed"
_WORST_FIRST = ("failed", NOT_INSTALLED, "passed")


def add(results: Results, client: str, checks: tuple[str, ...], result: str) -> None:
    """Note one test's outcome; an id that several tests answer for is as bad as the worst."""
    known = results.setdefault(client, {})
    for check in checks:
        known[check] = min(known.get(check, "passed"), result, key=_WORST_FIRST.index)


def merged(earlier: list[dict[str, Any]], results: Results, day: str) -> list[dict[str, Any]]:
    """The file's new content."""
    found: Results = {}
    for client, checks in results.items():
        for check, result in checks.items():
            add(found, CLIENTS[client].page, (check,), result)
    versions = _versions()
    entries = {e["name"]: e for e in earlier if e["name"] in versions}
    for page, checks in found.items():
        answered = {check: r for check, r in checks.items() if r != NOT_INSTALLED}
        if not answered:
            continue
        before = entries.get(page, {})
        kept = before.get("checks", []) if before.get("version") == versions[page] else []
        answered = {c["id"]: c["result"] for c in kept} | answered
        entries[page] = {
            "name": page,
            "version": versions[page],
            "verified_on": day,
            "checks": [{"id": i, "result": answered[i]} for i in sorted(answered)],
        }
    return [entries[page] for page in versions if page in entries]


def _versions() -> dict[str, str]:
    """Page → the version of its client; of several clients each with its name."""
    pages: dict[str, list[Client]] = {}
    for client in CLIENTS.values():
        pages.setdefault(client.page, []).append(client)
    return {
        page: version_of(clients[0])
        if len(clients) == 1
        else ", ".join(f"{client.name} {version_of(client)}" for client in clients)
        for page, clients in pages.items()
    }


def write(results: Results, day: str, file: pathlib.Path = FILE) -> None:
    """Bring the file up to date."""
    earlier = tomllib.loads(file.read_text())["client"] if file.exists() else []
    file.parent.mkdir(exist_ok=True)
    file.write_text(tomli_w.dumps({"client": merged(earlier, results, day)}))
