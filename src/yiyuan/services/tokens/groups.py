"""Groups of tokens and accounts: which there are, and who may have which.

A token has at most one group; without one it has its account's default. An account
may have a list of groups that its tokens may take; an account without a list takes
what the operator gives it.
"""

import json
from typing import Any

from yiyuan.services.accounts.accounts import get_account
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Request, invalid
from yiyuan.store.tables.catalog import new_version, read_catalog
from yiyuan.store.tables.site_settings import ProfileRow, find_profile, put_profile

Json = dict[str, Any]
NOTHING = "none"


class SetGroups(Request):
    """An account by name or id; what is absent stays, and `none` lifts."""

    name: str
    default: str | None = None
    allowed: list[str] | None = None


async def check_group(context: ServiceContext, account_id: str, group: str | None) -> None:
    """Refuse a group that is not there, or that the account's tokens may not have."""
    if group is None:
        return
    await _check_known(context, [group])
    allowed = allowed_groups(await find_profile(context.database, account_id))
    if allowed is not None and group not in allowed:
        raise invalid("group", "must be one of {choices}", choices=", ".join(allowed) or "-")


def allowed_groups(profile: ProfileRow) -> list[str] | None:
    """The groups that an account's tokens may have; None where there is no list."""
    return None if profile.allowed_groups is None else json.loads(profile.allowed_groups)


@command("account.groups")
async def set_groups(context: ServiceContext, request: SetGroups) -> Json:
    """Set an account's default group and the list of those its tokens may have; `none` lifts."""
    account = await get_account(context, request.name)
    default, names = request.default, request.allowed
    row = await find_profile(context.database, account.id)
    if default is not None:
        if default != NOTHING:
            await _check_known(context, [default])
        row = row._replace(default_group=None if default == NOTHING else default)
    if names is not None:
        is_lifted = names == [NOTHING]
        if not is_lifted:
            await _check_known(context, names)
        row = row._replace(allowed_groups=None if is_lifted else json.dumps(names))
    await context.database.write([put_profile(row), new_version()])
    await context.reload()
    return {
        "account": account.name,
        "default_group": row.default_group,
        "allowed_groups": allowed_groups(row),
    }


async def _check_known(context: ServiceContext, names: list[str]) -> None:
    known = [group.name for group in (await read_catalog(context.database)).groups]
    for name in names:
        if name not in known:
            raise invalid("group", "must be one of {choices}", choices=", ".join(known) or "-")
