"""Writes into the audit log what was done: by the console, by a script, by a command.

What was asked goes in as it came, except for secrets: whatever is named like one is left
out, at any depth. Rows are never changed, so a customer stands in them by an id alone; the
log shows the e-mail address of whoever is here still.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.audit_log import AuditLogRow, add_audit_row
from yiyuan.store.tables.people.users import UserRow

COMMAND_LINE = "yiyuan"
"""The name by which the log knows whoever has the machine."""

_SECRET_NAMES: Final = frozenset(
    {
        *("password", "old", "new", "link", "code", "key", "api_key", "api_keys"),
        *("headers", "proxy", "secret", "secrets", "fields"),
        # A catalog's text may have keys in it, as may the variables that it names.
        *("text", "environment"),
        # Another gateway's database may be named with its password.
        *("place", "answers", "live_token", "salt_key"),
    }
)
_HIDDEN = "…"
_SUBJECT_CHARACTERS_MAX = 200
_TEXT_CHARACTERS_MAX = 2_000


async def note_action(
    context: ServiceContext,
    action: str,
    details: Mapping[str, Any],
    *,
    subject: str,
    reason: str,
    actor_name: str,
    address: str = "",
    request_id: str = "",
) -> None:
    """Add one row, whose actor is who is at the desk; durable on return."""
    row = AuditLogRow(
        seq=0,
        at=context.clock.wall_ms(),
        actor=context.actor,
        actor_name=actor_name,
        address=address,
        action=action,
        subject=subject[:_SUBJECT_CHARACTERS_MAX],
        reason=reason[:_TEXT_CHARACTERS_MAX],
        details=orjson.dumps(details, default=str).decode(),
        request_id=request_id,
    )
    await context.database.write([add_audit_row(row)])


async def note_person(
    context: ServiceContext,
    user: UserRow,
    action: str,
    details: Mapping[str, Any],
    *,
    subject: str = "",
    address: str = "",
    request_id: str = "",
) -> None:
    """The same for what a person did as themselves; about themselves, if no `subject` is named."""
    await note_action(
        replace(context, actor=user.id),
        action,
        details,
        subject=subject or user.id,
        reason="",
        actor_name=user.email if user.operator_role is not None else "",
        address=address,
        request_id=request_id,
    )


async def note_command(context: ServiceContext, name: str, parameters: Mapping[str, Any]) -> None:
    """The same for a command with its parameters."""
    asked = {field: value for field, value in parameters.items() if value is not None}
    names = ("name", "id", "request_id", "account")
    named = next((asked[field] for field in names if field in asked), "")
    await note_action(
        context,
        name,
        {"asked": without_secrets(asked)},
        subject=str(named),
        reason=str(asked.get("reason", "")),
        actor_name=COMMAND_LINE,
    )


def without_secrets(value: Any) -> Any:
    """The same document with every secret's value left out."""
    if isinstance(value, Mapping):
        return {
            name: _HIDDEN if name in _SECRET_NAMES and found else without_secrets(found)
            for name, found in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    return value
