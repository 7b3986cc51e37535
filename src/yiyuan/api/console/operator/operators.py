"""Who operates the shop: people with roles, and keys for scripts."""

from typing import Final

from yiyuan.api.console.request import ConsoleRequest, not_found
from yiyuan.api.console.route import OPERATOR_READS, OWNER, Access, Empty, Route
from yiyuan.api.console.schemas import Page, RequestBody, Url
from yiyuan.services.people import directory, members, one_time_links, operators, roles
from yiyuan.services.people.members import Invitation
from yiyuan.services.people.operators import (
    ManagementKey,
    ManagementSecret,
    NewManagementKey,
    Operator,
    Role,
)

GROUP: Final = "operators"
"""What its routes are called in the audit log and in the OpenAPI document."""


class RoleAsk(RequestBody):
    """The role that whoever opens the link gets."""

    role: Role = "readonly"


class RoleChange(RequestBody):
    """Null makes a customer of an operator; the last owner stays one."""

    role: Role | None


async def list_operators(visit: ConsoleRequest, _: Empty) -> Page[Operator]:
    """Everybody with a role."""
    return Page(items=await operators.list_operators(visit.context))


async def invite(visit: ConsoleRequest, asked: RoleAsk) -> Url:
    """A one-time link that gives whoever opens it a role; 30 minutes."""
    return Url(url=await one_time_links.make_operator_link(visit.context, asked.role))


async def change_role(visit: ConsoleRequest, asked: RoleChange) -> Empty:
    """Give a person another role, or none; what they made by the old one ends with it."""
    user = await directory.get_by_id(visit.context, visit.places["user"])
    visit.details["before"] = user.operator_role
    await roles.change_role(visit.context, user, asked.role)
    return Empty()


async def reset(visit: ConsoleRequest, _: Empty) -> Url:
    """A one-time link for a new password; it takes the authenticator away as well."""
    user = await directory.get_by_id(visit.context, visit.places["user"])
    visit.details["email"] = user.email
    return Url(url=await one_time_links.make_reset(visit.context, user.id))


async def list_links(visit: ConsoleRequest, _: Empty) -> Page[Invitation]:
    """Links that would make somebody an operator."""
    return Page(items=await members.open_links(visit.context, None))


async def revoke_link(visit: ConsoleRequest, _: Empty) -> Empty:
    """Let one of them stop working."""
    if not await members.end_link(visit.context, visit.places["link"], None):
        raise not_found("link")
    return Empty()


async def list_keys(visit: ConsoleRequest, _: Empty) -> Page[ManagementKey]:
    """All management keys."""
    return Page(items=await operators.management_keys(visit.context))


async def create_key(visit: ConsoleRequest, asked: NewManagementKey) -> ManagementSecret:
    """Make a key for scripts; it is in this answer and nowhere else."""
    made = await operators.make_key(visit.context, asked)
    visit.subject = made.id
    return made


async def revoke_key(visit: ConsoleRequest, _: Empty) -> Empty:
    """End a key at once."""
    await operators.revoke_key(visit.context, visit.places["key"])
    return Empty()


_PEOPLE = "/api/operator/operators"
_KEYS = "/api/operator/management-keys"
# Who may act is decided by people: no key makes another, or an operator.
_OWNER = Access("operator", OWNER, takes_keys=False)
_FRESH = Access("operator", OWNER, takes_keys=False, needs_fresh=True)

ROUTES = (
    Route("GET", _PEOPLE, OPERATOR_READS, list_operators, Page[Operator]),
    Route("POST", f"{_PEOPLE}/invite", _FRESH, invite, Url, RoleAsk),
    Route("PATCH", f"{_PEOPLE}/{{user}}", _FRESH, change_role, Empty, RoleChange),
    Route("POST", f"{_PEOPLE}/{{user}}/reset", _FRESH, reset, Url),
    Route("GET", f"{_PEOPLE}/links", _OWNER, list_links, Page[Invitation]),
    Route("DELETE", f"{_PEOPLE}/links/{{link}}", _OWNER, revoke_link, Empty),
    Route("GET", _KEYS, _OWNER, list_keys, Page[ManagementKey]),
    Route("POST", _KEYS, _FRESH, create_key, ManagementSecret, NewManagementKey),
    Route("DELETE", f"{_KEYS}/{{key}}", _OWNER, revoke_key, Empty),
)
