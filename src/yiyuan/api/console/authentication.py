"""Who calls the console's API: a cookie's person, or a bearer's management key.

A bearer that is not a good key is refused at once, even where nobody needs to be known.
"""

from yiyuan.api.console.cookie import read_cookie
from yiyuan.services.people.sign_in import caller
from yiyuan.services.people.sign_in.caller import Caller
from yiyuan.services.shared.context import ServiceContext


async def identify(
    context: ServiceContext,
    headers: dict[str, str],
    address: str,
    *,
    is_secure: bool,
    operators_sign_in: str,
) -> Caller:
    """Whoever calls; operators as they must have signed in.

    Raises ServiceError `not_signed_in` for a bearer that is none of ours.
    """
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer":
            raise caller.no_such_key()
        return await caller.by_key(context, bearer, address)
    secret = read_cookie(headers, is_secure=is_secure)
    return (
        Caller() if secret is None else await caller.by_session(context, secret, operators_sign_in)
    )
