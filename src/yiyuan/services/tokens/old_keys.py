"""Keys that came from another gateway, in the forms in which clients send them.

Only a key that is not known is looked at twice, in one query; what comes of it is cached
as for any key, so a wrong one costs one look-up more and no more. A key of which only the
old gateway's hash is known gets ours the first time that it is used.
"""

from yiyuan.auth.api_token import ApiToken, hash_key, hint
from yiyuan.auth.old_key_forms import legacy_hash, other_forms
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.tokens.tokens import find_api_token
from yiyuan.store.errors import CONFLICT
from yiyuan.store.queries.imports import find_old_key
from yiyuan.store.tables import api_tokens
from yiyuan.store.tables.catalog import new_version
from yiyuan.store.tables.imports import drop_legacy_key


async def find_by_key(context: ServiceContext, key_hash: bytes, key: str) -> ApiToken | None:
    """The token behind a request's key, in whichever form it came."""
    found = await find_api_token(context.database, key_hash)
    if found is not None:
        return found
    pepper = context.secrets.token_pepper
    forms = [hash_key(pepper, form) for form in other_forms(key)]
    old = await find_old_key(context.database, forms, legacy_hash(key))
    if old is None:
        return None
    if old.key_hash is not None:
        return await find_api_token(context.database, old.key_hash)
    await _take_hash(context, old.api_token_id, key_hash, key)
    return await find_api_token(context.database, key_hash)


async def _take_hash(context: ServiceContext, api_token_id: str, key_hash: bytes, key: str) -> None:
    """Know the key by our own hash from now on."""
    statements = [
        api_tokens.change_key(api_token_id, key_hash, hint(key)),
        drop_legacy_key(legacy_hash(key)),
        new_version(),
    ]
    try:
        await context.database.write(statements)
    except CONFLICT:  # the same key, used for the first time by another node just now
        return
