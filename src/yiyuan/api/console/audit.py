"""What of the console's calls goes into the audit log.

Whatever an operator or a key changes, and whatever a customer does to another: rows about
people are noted whoever makes them. Of a customer's the row has no address of anybody,
since rows are never changed and people may go.
"""

from typing import Any, Final

import msgspec

from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import Route
from yiyuan.services.shared.audit_log import note_action, without_secrets

_OF_PEOPLE: Final = frozenset({"email"})


def is_noted(visit: ConsoleRequest, route: Route) -> bool:
    """Whether this call is written down, as it has been answered."""
    is_meant = visit.visitor.role is not None or route.is_about_people or visit.is_noted
    return route.is_audited and is_meant


async def note(visit: ConsoleRequest, route: Route, asked: Any) -> None:
    """Write the call down."""
    is_customer = visit.visitor.role is None
    told = msgspec.to_builtins(asked)
    hidden = visit.secrets | _OF_PEOPLE if is_customer else visit.secrets
    told |= dict.fromkeys(hidden & told.keys(), "…")
    details = {"asked": without_secrets(told), **visit.details}
    last_place = next(reversed(visit.places.values()), "")
    await note_action(
        visit.context,
        route.name,
        details,
        subject=visit.subject or last_place,
        reason=visit.reason or str(getattr(asked, "reason", "") or ""),
        actor_name="" if is_customer else visit.visitor.name,
        address=visit.address,
        request_id=visit.request_id,
    )
