"""API tokens: create, list, revoke, rotate.

A key is in the answer that makes it and nowhere else afterwards. A token is
revoked, never deleted: usage and entries keep referring to it.
"""

import json
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from yiyuan.access.api_token import ApiToken, hash_key, hint, is_importable, new_key
from yiyuan.console.accounts import get_account
from yiyuan.console.arguments import Arguments, invalid
from yiyuan.console.desk import Desk
from yiyuan.console.names import check_name
from yiyuan.console.refusal import CommandError
from yiyuan.kernel.clock import iso
from yiyuan.kernel.ids import new_id
from yiyuan.ledger.operations import SetBudget
from yiyuan.store import api_tokens as rows
from yiyuan.store.api_tokens import ApiTokenRow, ApiTokenView
from yiyuan.store.catalog_rows import new_version, read_catalog
from yiyuan.store.database import Database
from yiyuan.store.failure import CONFLICT

Json = dict[str, Any]

RPM_MAX = 1_000_000_000


@dataclass(slots=True, frozen=True)
class _Rules:
    """What a new token may do, checked."""

    models: list[str]
    networks: list[str]
    rpm: int | None
    expires_at: int | None
    clamp_explicit: bool


async def create(desk: Desk, arguments: Arguments) -> Json:
    """Make a token; the only answer that has its key."""
    name = check_name(arguments.text("name"))
    account = await get_account(desk, arguments.text("account"))
    budget_micros = arguments.optional_integer("budget", least=0)
    given = arguments.optional_text("key")
    rules = await _rules(desk, arguments)
    arguments.finish()
    if given is not None and not is_importable(given):
        raise invalid("the key", "must have 20 to 256 printable ASCII characters without spaces")
    key = given if given is not None else new_key()
    key_hash = hash_key(desk.secrets.token_pepper, key)
    if await rows.find_by_hash(desk.database, key_hash) is not None:
        raise _key_taken()
    row = ApiTokenRow(
        id=new_id("tok"),
        account_id=account.id,
        name=name,
        hash=key_hash,
        hint=hint(key),
        models=json.dumps(rules.models) if rules.models else None,
        networks=json.dumps(rules.networks) if rules.networks else None,
        rpm=rules.rpm,
        expires_at=rules.expires_at,
        clamp_explicit=rules.clamp_explicit,
        created_at=desk.clock.wall_ms(),
        revoked_at=None,
        replaced_by=None,
    )
    if budget_micros is not None:
        # Before the token: one without its budget must never work, not even for a moment.
        await desk.book.post(SetBudget(row.id, row.id, budget_micros))
    await _add(desk, row)
    return {"id": row.id, "name": row.name, "key": key}


async def list_of_account(desk: Desk, arguments: Arguments) -> Json:
    """An account's tokens, without keys."""
    name = arguments.text("account")
    arguments.finish()
    account = await get_account(desk, name)
    found = await rows.of_account(desk.database, account.id)
    return {"tokens": [api_token_document(view) for view in found]}


async def revoke(desk: Desk, arguments: Arguments) -> Json:
    """End a token at once; a second time changes nothing."""
    view = await _get(desk, arguments)
    await desk.database.write([rows.revoke(view.row.id, desk.clock.wall_ms()), new_version()])
    await desk.reload()
    after = await rows.find_by_id(desk.database, view.row.id)
    assert after is not None, "tokens are never deleted"
    return api_token_document(after)


async def rotate(desk: Desk, arguments: Arguments) -> Json:
    """Give a token a new key; the old one ends at once.

    The token keeps its id, and with it its budget and history. The old key
    stays known, as a revoked token that names its successor, so that whoever
    still sends it is told that it was revoked.
    """
    view = await _get(desk, arguments)
    if view.row.revoked_at is not None:
        raise CommandError("already_revoked", f"the token {view.row.id} is revoked")
    key = new_key()
    now = desk.clock.wall_ms()
    old = view.row._replace(id=new_id("tok"), revoked_at=now, replaced_by=view.row.id)
    key_hash = hash_key(desk.secrets.token_pepper, key)
    try:
        await desk.database.write(
            [rows.change_key(view.row.id, key_hash, hint(key)), rows.add(old), new_version()]
        )
    except CONFLICT:  # revoked or rotated by somebody else in between
        raise CommandError("already_revoked", f"the token {view.row.id} has changed") from None
    await desk.reload()
    return {"id": view.row.id, "key": key}


async def find_api_token(database: Database, key_hash: bytes) -> ApiToken | None:
    """The token behind a request's key, as the gateway needs it."""
    view = await rows.find_by_hash(database, key_hash)
    if view is None:
        return None
    row = view.row
    return ApiToken(
        id=row.id,
        account_id=row.account_id,
        name=row.name,
        models=frozenset(json.loads(row.models)) if row.models else None,
        networks=tuple(map(ip_network, json.loads(row.networks))) if row.networks else None,
        expires_at_ms=row.expires_at,
        rpm=row.rpm,
        has_budget=view.limit is not None,
        clamp_explicit=bool(row.clamp_explicit),
        revoked_at=row.revoked_at,
    )


def api_token_document(view: ApiTokenView) -> Json:
    """A token as JSON: everything but its key. Budget in micros; None is no limit."""
    row = view.row
    return {
        "id": row.id,
        "name": row.name,
        "account": row.account_id,
        "hint": row.hint,
        "models": json.loads(row.models) if row.models else None,
        "allow_ip": json.loads(row.networks) if row.networks else None,
        "rpm": row.rpm,
        "budget": view.limit,
        "spent": view.spent if view.limit is not None else None,
        "clamp_explicit": bool(row.clamp_explicit),
        "created": iso(row.created_at),
        "expires": _time(row.expires_at),
        "revoked": _time(row.revoked_at),
        "replaced_by": row.replaced_by,
    }


async def _rules(desk: Desk, arguments: Arguments) -> _Rules:
    models = arguments.texts("models")
    known = {model.name for model in (await read_catalog(desk.database)).models}
    for model in models:
        if model not in known:
            raise CommandError("not_found", f'there is no model "{model}" in the catalog')
    expires_at = arguments.optional_time("expires")
    if expires_at is not None and expires_at <= desk.clock.wall_ms():
        raise invalid("expires", "must be in the future")
    return _Rules(
        models=list(dict.fromkeys(models)),
        networks=[_network(text) for text in arguments.texts("allow_ip")],
        rpm=arguments.optional_integer("rpm", most=RPM_MAX),
        expires_at=expires_at,
        clamp_explicit=arguments.flag("clamp_explicit"),
    )


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise invalid("allow_ip", f"must be an address or network: {error}") from None


async def _get(desk: Desk, arguments: Arguments) -> ApiTokenView:
    api_token_id = arguments.text("id")
    arguments.finish()
    view = await rows.find_by_id(desk.database, api_token_id)
    if view is None:
        # It may be a name, or even a key: that must not be printed back.
        message = "there is no token of this id; `yiyuan token list --account A` shows the ids"
        raise CommandError("not_found", message)
    return view


async def _add(desk: Desk, row: ApiTokenRow) -> None:
    try:
        await desk.database.write([rows.add(row), new_version()])
    except CONFLICT:  # the same key, in the same moment
        raise _key_taken() from None
    await desk.reload()


def _key_taken() -> CommandError:
    return CommandError("already_exists", "this key is in use by another token")


def _time(at: int | None) -> str | None:
    return None if at is None else iso(at)
