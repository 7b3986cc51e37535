"""Who calls the console's API: a cookie's person, or a bearer's management key.

An API token is no key of this API, and a key of this API is none of `/v1`: they have
different prefixes and lie in different tables. A bearer that is not a good key is
refused at once, even where nobody needs to be known.
"""

import json
from ipaddress import ip_address, ip_network

from yiyuan.access.secret_text import MANAGEMENT_KEY_PREFIX, secret_hash
from yiyuan.console.desk import Desk
from yiyuan.console.refusal import CommandError
from yiyuan.console.sign_in import TOUCH_MS, find_session
from yiyuan.panel.cookie import read_cookie
from yiyuan.panel.visit import Visitor
from yiyuan.store import people
from yiyuan.store.management_keys import (
    ManagementKeyRow,
    find_management_key,
    saw_management_key,
)

_SECRET_CHARACTERS_MAX = 200


async def identify(
    desk: Desk, headers: dict[str, str], address: str, *, is_secure: bool
) -> Visitor:
    """Whoever calls. Raises CommandError `not_signed_in` for a bearer that is none of ours."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer" or not bearer.startswith(MANAGEMENT_KEY_PREFIX):
            raise _no_key()
        return Visitor(key=await _key(desk, bearer.strip(), address))
    secret = read_cookie(headers, is_secure=is_secure)
    if secret is None or len(secret) > _SECRET_CHARACTERS_MAX:
        return Visitor()
    found = await find_session(desk, secret)
    if found is None:
        return Visitor()
    user, session = found
    accounts = await people.accounts_of(desk.database, user.id)
    return Visitor(user=user, session=session, accounts=tuple(accounts))


async def _key(desk: Desk, bearer: str, address: str) -> ManagementKeyRow:
    row = await find_management_key(desk.database, secret_hash(bearer[:_SECRET_CHARACTERS_MAX]))
    now = desk.clock.wall_ms()
    if row is None or row.revoked_at is not None:
        raise _no_key()
    if row.expires_at is not None and row.expires_at <= now:
        raise _no_key()
    if row.networks is not None and not _is_inside(address, json.loads(row.networks)):
        raise CommandError("not_allowed", "this key may not be used from this address")
    if row.last_used_at is None or now - row.last_used_at > TOUCH_MS:
        await desk.database.write([saw_management_key(row.id, now)])
    return row


def _is_inside(address: str, networks: list[str]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in ip_network(network) for network in networks)


def _no_key() -> CommandError:
    message = "the bearer is no management key of ours, or is revoked or expired"
    return CommandError("not_signed_in", message)
