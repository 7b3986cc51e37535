"""API tokens: create, list, revoke, rotate; `api_token_changes.py` has the rest.

A key is in the answer that makes it and nowhere else afterwards. A token is
revoked, never deleted: usage and entries keep referring to it.
"""

import json
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any, Final

from yiyuan.access.api_token import ApiToken, BudgetKey, hash_key, hint, is_importable, new_key
from yiyuan.console.accounts import get_account
from yiyuan.console.arguments import Arguments, invalid
from yiyuan.console.budgets import check_models, read_budgets, set_budgets
from yiyuan.console.desk import Desk
from yiyuan.console.names import check_name
from yiyuan.console.refusal import CommandError
from yiyuan.kernel.calendar import DAY_MS
from yiyuan.kernel.clock import iso
from yiyuan.kernel.ids import new_id
from yiyuan.ledger.budgets import budget_of
from yiyuan.ledger.views import budget_document, view_budget
from yiyuan.store import api_tokens as rows
from yiyuan.store.api_tokens import ApiTokenRow, ApiTokenView
from yiyuan.store.catalog_rows import new_version
from yiyuan.store.database import Database, Statement
from yiyuan.store.failure import CONFLICT
from yiyuan.store.site_settings import promised_balance

Json = dict[str, Any]

RPM_MAX = 1_000_000_000


OVERLAPS_MS: Final = {"0": 0, "1h": 3_600_000, "24h": DAY_MS, "7d": 7 * DAY_MS}


@dataclass(slots=True, frozen=True)
class Rules:
    """What a token may do, checked; columns as they are stored."""

    models: str | None
    networks: str | None
    rpm: int | None
    expires_at: int | None
    clamp_explicit: bool


async def create(desk: Desk, arguments: Arguments) -> Json:
    """Make a token; the only answer that has its key."""
    name = check_name(arguments.text("name"))
    account = await get_account(desk, arguments.text("account"))
    budgets = await read_budgets(desk, arguments)
    given = arguments.optional_text("key")
    rules = await read_rules(desk, arguments)
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
        models=rules.models,
        networks=rules.networks,
        rpm=rules.rpm,
        expires_at=rules.expires_at,
        clamp_explicit=rules.clamp_explicit,
        created_at=desk.clock.wall_ms(),
        revoked_at=None,
        replaced_by=None,
        disabled_at=None,
    )
    # Before the token: one without its budgets must never work, not even for a moment.
    await set_budgets(desk, row.id, budgets)
    await _add(desk, row)
    return {"id": row.id, "name": row.name, "key": key}


async def list_of_account(desk: Desk, arguments: Arguments) -> Json:
    """An account's tokens, without keys."""
    name = arguments.text("account")
    arguments.finish()
    account = await get_account(desk, name)
    found = await rows.of_account(desk.database, account.id)
    now = desk.clock.wall_ms()
    return {"tokens": [api_token_document(view, now) for view in found]}


async def revoke(desk: Desk, arguments: Arguments) -> Json:
    """End a token at once, with the keys that it had before; again changes nothing."""
    view = await get_api_token(desk, arguments)
    arguments.finish()
    now = desk.clock.wall_ms()
    return await write_and_show(
        desk,
        view.row.id,
        [rows.revoke(view.row.id, now), rows.revoke_earlier_keys(view.row.id, now)],
    )


async def rotate(desk: Desk, arguments: Arguments) -> Json:
    """Give a token a new key; the old one ends at once, or after the `overlap`.

    The token keeps its id, and with it its budgets and history. The old key stays
    known, as a token that names its successor: for the overlap it is good for all that
    the token is good for, counted as the same; afterwards whoever still sends it is told
    why it is not good any more. Without an overlap, keys of earlier ones end as well.
    """
    view = await get_changeable(desk, arguments)
    overlap = arguments.optional_text("overlap") or "0"
    arguments.finish()
    if overlap not in OVERLAPS_MS:
        raise invalid("overlap", f"must be one of {', '.join(OVERLAPS_MS)}")
    key, now = new_key(), desk.clock.wall_ms()
    until = now + OVERLAPS_MS[overlap]
    if view.row.expires_at is not None:
        until = min(until, view.row.expires_at)
    old = view.row._replace(id=new_id("tok"), replaced_by=view.row.id, expires_at=until)
    statements = [rows.change_key(view.row.id, hash_key(desk.secrets.token_pepper, key), hint(key))]
    if overlap == "0":
        old = old._replace(revoked_at=now, expires_at=view.row.expires_at)
        statements.append(rows.revoke_earlier_keys(view.row.id, now))
    try:
        await desk.database.write([*statements, rows.add(old), new_version()])
    except CONFLICT:  # revoked or rotated by somebody else in between
        raise CommandError("already_revoked", f"the token {view.row.id} has changed") from None
    await desk.reload()
    document = {"id": view.row.id, "key": key}
    return document if overlap == "0" else {**document, "old_key_until": iso(until)}


async def find_api_token(database: Database, key_hash: bytes) -> ApiToken | None:
    """The token behind a request's key, as the gateway needs it."""
    view = await rows.find_by_hash(database, key_hash)
    if view is None:
        return None
    if view.row.replaced_by is not None and view.row.revoked_at is None:
        successor = await rows.find_by_id(database, view.row.replaced_by)
        if successor is not None:
            # The old key of a rotated token: the same token, but for its own end.
            ends = [at for at in (view.row.expires_at, successor.row.expires_at) if at is not None]
            found = successor.row._replace(expires_at=min(ends, default=None))
            view = ApiTokenView(found, successor.budgets)
    row = view.row
    return ApiToken(
        id=row.id,
        account_id=row.account_id,
        name=row.name,
        models=frozenset(json.loads(row.models)) if row.models else None,
        networks=tuple(map(ip_network, json.loads(row.networks))) if row.networks else None,
        expires_at_ms=row.expires_at,
        rpm=row.rpm,
        budgets=tuple(BudgetKey(each.id, each.period, each.model) for each in view.budgets),
        clamp_explicit=bool(row.clamp_explicit),
        revoked_at=row.revoked_at,
        disabled_at=row.disabled_at,
        promised_balance_micros=await promised_balance(database, row.account_id),
    )


def api_token_document(view: ApiTokenView, now_ms: int) -> Json:
    """A token as JSON: everything but its key. Budgets in micros, as of now.

    `budget` and `spent` are those in total over all models; None is no limit.
    """
    row = view.row
    budgets = [budget_document(view_budget(budget_of(each), now_ms)) for each in view.budgets]
    total = next((each for each in budgets if each["id"] == row.id), {})
    return {
        "id": row.id,
        "name": row.name,
        "account": row.account_id,
        "hint": row.hint,
        "models": json.loads(row.models) if row.models else None,
        "allow_ip": json.loads(row.networks) if row.networks else None,
        "rpm": row.rpm,
        "budget": total.get("limit"),
        "spent": total.get("spent"),
        "budgets": budgets,
        "clamp_explicit": bool(row.clamp_explicit),
        "created": iso(row.created_at),
        "expires": _time(row.expires_at),
        "disabled": _time(row.disabled_at),
        "revoked": _time(row.revoked_at),
        "replaced_by": row.replaced_by,
    }


async def read_rules(desk: Desk, arguments: Arguments) -> Rules:
    """What the arguments say that a token may do. Raises CommandError."""
    models = arguments.texts("models")
    if models:
        await check_models(desk, models)
    expires_at = arguments.optional_time("expires")
    if expires_at is not None and expires_at <= desk.clock.wall_ms():
        raise invalid("expires", "must be in the future")
    networks = [_network(text) for text in arguments.texts("allow_ip")]
    return Rules(
        models=json.dumps(list(dict.fromkeys(models))) if models else None,
        networks=json.dumps(networks) if networks else None,
        rpm=arguments.optional_integer("rpm", most=RPM_MAX),
        expires_at=expires_at,
        clamp_explicit=arguments.flag("clamp_explicit"),
    )


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise invalid("allow_ip", f"must be an address or network: {error}") from None


async def get_api_token(desk: Desk, arguments: Arguments) -> ApiTokenView:
    """The token of the argument `id`; of this `account` if that is given, too."""
    api_token_id = arguments.text("id")
    account = arguments.optional_text("account")
    view = await rows.find_by_id(desk.database, api_token_id)
    if view is not None and account is not None:
        owner = await get_account(desk, account)
        view = view if view.row.account_id == owner.id else None
    if view is None:
        # It may be a name, or even a key: that must not be printed back.
        message = "there is no token of this id; `yiyuan token list --account A` shows the ids"
        raise CommandError("not_found", message)
    return view


async def get_changeable(desk: Desk, arguments: Arguments) -> ApiTokenView:
    """The same, of one that is in force: no revoked one, no earlier key of another."""
    view = await get_api_token(desk, arguments)
    if view.row.revoked_at is not None:
        raise CommandError("already_revoked", f"the token {view.row.id} is revoked")
    if view.row.replaced_by is not None:
        message = f"this is an earlier key of {view.row.replaced_by}: change that, or revoke this"
        raise CommandError("replaced", message)
    return view


async def write_and_show(desk: Desk, api_token_id: str, statements: list[Statement]) -> Json:
    """Change a token, have it followed everywhere, and return it as it is then."""
    await desk.database.write([*statements, new_version()])
    await desk.reload()
    after = await rows.find_by_id(desk.database, api_token_id)
    assert after is not None, "tokens are never deleted"
    return api_token_document(after, desk.clock.wall_ms())


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
