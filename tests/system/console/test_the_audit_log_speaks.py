"""Each action that is written down has a sentence, one on every surface, and what it changed."""

import json
import re

from tests.project.tidy.tree import ROOT
from tests.system.console.full_shop import a_full_shop, screen_of_shop
from tests.system.console.screen import go, settle, violations
from tests.system.console.shop import ask
from yiyuan.api.console.registry import ROUTES
from yiyuan.services.commands import COMMANDS

PINNED = json.loads((ROOT / "tests/project/tooling/public_names.json").read_text("utf-8"))
"""What others rely on: a name is pinned when it is there to stay."""
SENTENCES = ROOT / "console/src/pages/operator/audit/sentences.ts"
NO_ACTIONS = ("session.", "profile.", "people.", "sign_in.", "sign_up.", "search.")


shop = a_full_shop(days=1)
screen = screen_of_shop


def test_every_action_has_a_sentence() -> None:
    told = set(re.findall(r"\b[a-z_]+(?:\.[a-z_]+)+\b", SENTENCES.read_text("utf-8")))
    operations = {pinned.rpartition(" ")[2] for pinned in PINNED["operations"]}
    routes = {route.name for route in ROUTES if route.is_audited} & operations
    commands = {name for name in PINNED["commands"] if not COMMANDS[name].reads}
    missing = {name for name in routes | commands if not name.startswith(NO_ACTIONS)} - told
    assert not missing, "the page would show their names instead"


def test_before_and_after_are_told(screen, shop) -> None:
    page = screen.context(storage_state=shop.state).new_page()
    origin = shop.gateway.origin

    def call(method: str, path: str, body: dict) -> dict:
        return ask(page.context, origin, method, path, body)

    channel = ask(page.context, origin, "GET", "/api/operator/channels")["items"][0]
    call("PATCH", f"/api/operator/channels/{channel['id']}", {"priority": 7})
    call("PUT", "/api/operator/models/gpt-4", {"price": {"input": "31", "output": "60"}})
    call("PUT", "/api/operator/settings/contact", {"value": "new@example.com"})
    path = f"/api/operator/accounts/{shop.account}"
    call("PATCH", path, {"tier_min_balance": 100_000_000})
    go(page, origin, "/operator/audit", "en")
    settle(page)
    rows = page.get_by_role("row")
    for sentence, field, change in (
        ("changed channel demo", "priority", "0 → 7"),
        ("changed model gpt-4", "price.input", "30 → 31"),
        ("changed setting contact", "value", "help@example.com → new@example.com"),
        ("changed the profile of", "tier_min_balance", "empty → ¥100.00"),
    ):
        row = rows.filter(has_text=sentence).first
        assert row.locator(f"[data-change='{field}']").inner_text() == f"{field}: {change}"
    assert violations(page) == []
    page.get_by_label("Action", exact=True).select_option("changed setting")
    page.get_by_text("changed channel demo").wait_for(state="detached")
    assert shop.gateway.cli("settings", "set", "contact", "x@example.com")
    page.reload()
    rows.filter(has_text="x@example.com").first.wait_for()  # the command is the same action
