"""What a role may do beyond the route's own row."""

from yiyuan.api.console.request import ConsoleRequest
from yiyuan.services.shared.errors import ServiceError


def may_spend(visit: ConsoleRequest) -> bool:
    """Whether the caller's role may let somebody spend customers' money.

    Support looks after customers; it makes no tokens for them, invites nobody to their
    accounts and promises no tiers, unless the owner allows it.
    """
    return visit.visitor.role != "support" or visit.house.site().support_may_spend


def check_may_spend(visit: ConsoleRequest) -> None:
    """Raises ServiceError `not_allowed`."""
    if not may_spend(visit):
        raise ServiceError("not_allowed", "the owner has not allowed support to do this")
