"""A key for the console's playground: an API token that no list shows and that ends soon.

Requests of the playground are requests like any other: they are held, limited, charged
and logged. Only the key is special: it is made for one page, and nobody keeps it.
"""

from yiyuan.auth.api_token import hash_key, hint, new_key
from yiyuan.kernel.ids import new_id
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables import api_tokens as rows
from yiyuan.store.tables.api_tokens import ApiTokenRow

NAME = "playground"


async def make_key(context: ServiceContext, account_id: str, expires_at_ms: int) -> str:
    """A new key; earlier ones go on until they expire by themselves.

    No server needs to be told: none has ever been asked about it.
    """
    key = new_key()
    row = ApiTokenRow(
        id=new_id("tok"),
        account_id=account_id,
        name=NAME,
        hash=hash_key(context.secrets.token_pepper, key),
        hint=hint(key),
        models=None,
        networks=None,
        rpm=None,
        expires_at=expires_at_ms,
        clamp_explicit=0,
        created_at=context.clock.wall_ms(),
        revoked_at=None,
        replaced_by=None,
        is_internal=1,
        user_id=context.user_id,
    )
    await context.database.write([rows.add(row)])
    return key
