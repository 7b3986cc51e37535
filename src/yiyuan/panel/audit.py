"""Writes what operators and management keys did into the audit log.

What was asked goes in as it came, except for secrets: whatever is named like one is
left out, at any depth.
"""

from typing import Any

import msgspec
import orjson

from yiyuan.panel.route import Route
from yiyuan.panel.visit import Visit
from yiyuan.store.audit_log import AuditLogRow, add_audit_row

_SECRET_NAMES = frozenset(
    {"password", "old", "new", "api_key", "api_keys", "key", "link", "code", "headers", "proxy"}
)
_HIDDEN = "…"
_TEXT_CHARACTERS_MAX = 2_000


async def note(visit: Visit, route: Route, asked: Any) -> None:
    """Add one row; durable on return."""
    details = {"asked": without_secrets(msgspec.to_builtins(asked)), **visit.details}
    places = list(visit.places.values())
    row = AuditLogRow(
        seq=0,
        at=visit.desk.clock.wall_ms(),
        actor=visit.visitor.actor,
        actor_name=visit.visitor.name,
        address=visit.address,
        action=route.name,
        subject=visit.subject or (places[-1] if places else ""),
        reason=(visit.reason or str(getattr(asked, "reason", "") or ""))[:_TEXT_CHARACTERS_MAX],
        details=orjson.dumps(details).decode(),
        request_id=visit.request_id,
    )
    await visit.desk.database.write([add_audit_row(row)])


def without_secrets(value: Any) -> Any:
    """The same document with every secret's value left out."""
    if isinstance(value, dict):
        return {
            name: _HIDDEN if name in _SECRET_NAMES and found else without_secrets(found)
            for name, found in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return value
