"""The results file: what was verified, with which version, on which day.

A list of `{client, version, verified_on, checks: [{id, result}]}`, sorted, as the
documentation renders it. A result is `passed` or `failed`. A client that could not be
installed, and an id that was not run, keep what an earlier run wrote down.
"""

import json
import pathlib
from typing import Any

from tests.real_clients.clients import CLIENTS, version_of

FILE = pathlib.Path(__file__).with_name("results.json")
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
    by_client = {entry["client"]: entry for entry in earlier if entry["client"] in CLIENTS}
    for client, found in results.items():
        answered = {check: r for check, r in found.items() if r != NOT_INSTALLED}
        if not answered:
            continue
        version = version_of(CLIENTS[client])
        before = by_client.get(client, {})
        kept = before.get("checks", []) if before.get("version") == version else []
        checks = {c["id"]: c["result"] for c in kept} | answered
        by_client[client] = {
            "client": client,
            "version": version,
            "verified_on": day,
            "checks": [{"id": i, "result": checks[i]} for i in sorted(checks)],
        }
    return [by_client[name] for name in CLIENTS if name in by_client]


def write(results: Results, day: str, file: pathlib.Path = FILE) -> None:
    """Bring the file up to date."""
    earlier = json.loads(file.read_text()) if file.exists() else []
    text = json.dumps(merged(earlier, results, day), indent=2, ensure_ascii=False)
    file.write_text(text + "\n")
