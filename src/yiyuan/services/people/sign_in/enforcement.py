"""How operators must have signed in, as the setting `operators_sign_in` says.

A session that does not fit is good for everything but the role: so the rule holds at once,
for sessions that are open already, and whoever lacks a second factor can add one. A link
that was printed on the machine, or made by an owner, always opens: that is the way in when
a sign-in service is down.
"""

from typing import Literal

from yiyuan.services.people.sign_in.sessions import Method
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import read_site
from yiyuan.store.tables.people.passkeys import passkeys_of
from yiyuan.store.tables.people.users import UserRow

Rule = Literal["any", "second_factor", "provider"]
WaitsFor = Literal["second_factor", "provider"]

_WORDS = {
    "second_factor": (
        "your operator's role needs a second factor: add an authenticator or a passkey to your"
        " account, then sign in with it"
    ),
    "provider": "your operator's role needs a sign-in by the company's service",
}


def waits_for(
    rule: str, role: str | None, method: Method | str, *, has_second_factor: bool
) -> WaitsFor | None:
    """What an operator's session lacks before its role counts; None: nothing."""
    if role is None or method == "link":
        return None
    if rule == "second_factor":
        return None if has_second_factor else "second_factor"
    if rule == "provider":
        return None if method == "provider" else "provider"
    return None


def sign_in_required(lack: WaitsFor) -> ServiceError:
    """403 until the session fits."""
    return ServiceError("operator_sign_in_required", _WORDS[lack])


async def check_factor_stays(context: ServiceContext, user: UserRow, *, leaves: str) -> None:
    """Refuse to take an operator's last second factor away where the rule wants one.

    `leaves` is `totp`, or the id of a passkey. Raises ServiceError `not_allowed`.
    """
    if user.operator_role is None:
        return
    if (await read_site(context)).operators_sign_in != "second_factor":
        return
    kept = [row.id for row in await passkeys_of(context.database, user.id) if row.id != leaves]
    has_totp = bool(user.totp_on) and leaves != "totp"
    if not kept and not has_totp:
        raise ServiceError("not_allowed", "operators need a second factor here: add another first")
