"""Writes what was done by the command line into the audit log, beside what the console did.

Who has the machine is the operator; there is no name to tell. Secrets among the
parameters (a password, a key, a catalog with keys in it) are left out.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from yiyuan.console.desk import Desk
from yiyuan.store.audit_log import AuditLogRow, add_audit_row

_SECRETS: Final = frozenset({"password", "key", "text", "environment"})
_HIDDEN = "…"
_TEXT_CHARACTERS_MAX = 2_000


async def note_command(desk: Desk, name: str, parameters: Mapping[str, Any]) -> None:
    """Add one row; durable on return."""
    asked = {
        field: _HIDDEN if field in _SECRETS else value
        for field, value in parameters.items()
        if value is not None
    }
    subject = parameters.get("name") or parameters.get("id") or parameters.get("request_id") or ""
    row = AuditLogRow(
        seq=0,
        at=desk.clock.wall_ms(),
        actor=desk.actor,
        actor_name="yiyuan",
        address="",
        action=name,
        subject=str(subject)[:200],
        reason=str(parameters.get("reason") or "")[:_TEXT_CHARACTERS_MAX],
        details=orjson.dumps({"asked": asked}, default=str).decode(),
        request_id="",
    )
    await desk.database.write([add_audit_row(row)])
