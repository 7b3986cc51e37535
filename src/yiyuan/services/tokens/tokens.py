"""API tokens: create, list, revoke, rotate; `change.py` has the rest.

A key is in the answer that makes it and nowhere else afterwards. A token is
revoked, never deleted: usage and entries keep referring to it.
"""

import json
from ipaddress import ip_network
from typing import Any, Final

from yiyuan.auth.api_token import ApiToken, BudgetKey, hash_key, hint, is_importable, new_key
from yiyuan.i18n.message import Message
from yiyuan.kernel.calendar import DAY_MS
from yiyuan.kernel.clock import iso
from yiyuan.kernel.ids import new_id
from yiyuan.ledger.budgets import budget_of
from yiyuan.ledger.rules.views import budget_document, view_budget
from yiyuan.services.accounts.accounts import get_account
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Amount, Request, invalid
from yiyuan.services.shared.validation import check_name
from yiyuan.services.tokens.budgets import BudgetRequest, read_budgets, set_budgets
from yiyuan.services.tokens.groups import check_group
from yiyuan.services.tokens.rules import RuleFields, read_rules
from yiyuan.store.database import Database, Statement
from yiyuan.store.errors import CONFLICT
from yiyuan.store.tables import api_tokens as rows
from yiyuan.store.tables.api_tokens import ApiTokenRow, ApiTokenView, member_budgets
from yiyuan.store.tables.catalog import new_version
from yiyuan.store.tables.ledger import BudgetRow
from yiyuan.store.tables.site_settings import find_profile

Json = dict[str, Any]

OVERLAPS_MS: Final = {"0": 0, "1h": 3_600_000, "24h": DAY_MS, "7d": 7 * DAY_MS}


class Create(RuleFields, kw_only=True):
    """Whose token, and what it may do; `key` takes over one that exists."""

    name: str
    account: str
    budget: Amount | None = None
    budgets: tuple[BudgetRequest, ...] = ()
    key: str | None = None


class OfAccount(Request):
    """An account, by name or id."""

    account: str


class ById(Request, kw_only=True):
    """A token; of this account, if that is given, too."""

    id: str
    account: str | None = None


class Rotate(ById):
    """How long the old key stays good: 0, 1h, 24h or 7d."""

    overlap: str = "0"


@command("token.create")
async def create(context: ServiceContext, request: Create) -> Json:
    """Make a token; the only answer that has its key."""
    name = check_name(request.name)
    account = await get_account(context, request.account)
    budgets = await read_budgets(context, request.budget, request.budgets)
    given = request.key
    rules = await read_rules(context, request)
    await check_group(context, account.id, rules.group)
    if given is not None and not is_importable(given):
        message = "the key must have 20 to 256 printable ASCII characters without spaces"
        raise ServiceError("invalid_argument", message)
    key = given if given is not None else new_key()
    key_hash = hash_key(context.secrets.token_pepper, key)
    if await rows.find_by_hash(context.database, key_hash) is not None:
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
        created_at=context.clock.wall_ms(),
        revoked_at=None,
        replaced_by=None,
        disabled_at=None,
        user_id=context.user_id,
        group_name=rules.group,
    )
    # Before the token: one without its budgets must never work, not even for a moment.
    await set_budgets(context, row.id, budgets)
    await _add(context, row)
    return {"id": row.id, "name": row.name, "key": key}


@command("token.list", reads=True)
async def list_of_account(context: ServiceContext, request: OfAccount) -> Json:
    """An account's tokens, without keys."""
    account = await get_account(context, request.account)
    found = await rows.of_account(context.database, account.id)
    now = context.clock.wall_ms()
    return {"tokens": [api_token_document(view, now) for view in found]}


@command("token.revoke")
async def revoke(context: ServiceContext, request: ById) -> Json:
    """End a token at once, with the keys that it had before; again changes nothing."""
    view = await get_api_token(context, request.id, request.account)
    now = context.clock.wall_ms()
    return await write_and_show(
        context,
        view.row.id,
        [rows.revoke(view.row.id, now), rows.revoke_earlier_keys(view.row.id, now)],
    )


@command("token.rotate")
async def rotate(context: ServiceContext, request: Rotate) -> Json:
    """Give a token a new key; the old one ends at once, or after the `overlap`.

    The token keeps its id, and with it its budgets and history. The old key stays
    known, as a token that names its successor: for the overlap it is good for all that
    the token is good for, counted as the same; afterwards whoever still sends it is told
    why it is not good any more. Without an overlap, keys of earlier ones end as well.
    """
    view, overlap = await get_changeable(context, request.id, request.account), request.overlap
    if overlap not in OVERLAPS_MS:
        raise invalid("overlap", "must be one of {choices}", choices=", ".join(OVERLAPS_MS))
    key, now = new_key(), context.clock.wall_ms()
    until = now + OVERLAPS_MS[overlap]
    if view.row.expires_at is not None:
        until = min(until, view.row.expires_at)
    old = view.row._replace(id=new_id("tok"), replaced_by=view.row.id, expires_at=until)
    statements = [
        rows.change_key(view.row.id, hash_key(context.secrets.token_pepper, key), hint(key))
    ]
    if overlap == "0":
        old = old._replace(revoked_at=now, expires_at=view.row.expires_at)
        statements.append(rows.revoke_earlier_keys(view.row.id, now))
    try:
        await context.database.write([*statements, rows.add(old), new_version()])
    except CONFLICT:  # revoked or rotated by somebody else in between
        raise ServiceError(
            "already_revoked", Message("the token {id} has changed", id=view.row.id)
        ) from None
    await context.reload()
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
    profile = await find_profile(database, row.account_id)
    return ApiToken(
        id=row.id,
        account_id=row.account_id,
        name=row.name,
        models=frozenset(json.loads(row.models)) if row.models else None,
        networks=tuple(map(ip_network, json.loads(row.networks))) if row.networks else None,
        expires_at_ms=row.expires_at,
        rpm=row.rpm,
        budgets=tuple(
            BudgetKey(each.id, each.period, each.model)
            for each in (*view.budgets, *await _members_budgets(database, row))
        ),
        clamp_explicit=bool(row.clamp_explicit),
        revoked_at=row.revoked_at,
        disabled_at=row.disabled_at,
        promised_balance_micros=profile.tier_min_balance or 0,
        group=row.group_name or profile.default_group,
    )


async def _members_budgets(database: Database, row: ApiTokenRow) -> tuple[BudgetRow, ...]:
    """Those of the member whose token it is; all their tokens of the account share them."""
    if row.user_id is None:
        return ()
    return await rows.budgets_of_owner(database, member_budgets(row.account_id, row.user_id))


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
        "user": row.user_id,
        "hint": row.hint,
        "models": json.loads(row.models) if row.models else None,
        "allow_ip": json.loads(row.networks) if row.networks else None,
        "rpm": row.rpm,
        "group": row.group_name,
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


async def get_api_token(
    context: ServiceContext, api_token_id: str, account: str | None
) -> ApiTokenView:
    """The token of this `id`; of this `account` if that is given, too."""
    view = await rows.find_by_id(context.database, api_token_id)
    if view is not None and account is not None:
        owner = await get_account(context, account)
        view = view if view.row.account_id == owner.id else None
    if view is None:
        # It may be a name, or even a key: that must not be printed back.
        message = "there is no token of this id; `yiyuan token list --account A` shows the ids"
        raise ServiceError("not_found", message)
    return view


async def get_changeable(
    context: ServiceContext, api_token_id: str, account: str | None
) -> ApiTokenView:
    """The same, of one that is in force: no revoked one, no earlier key of another."""
    view = await get_api_token(context, api_token_id, account)
    if view.row.revoked_at is not None:
        raise ServiceError("already_revoked", Message("the token {id} is revoked", id=view.row.id))
    if view.row.replaced_by is not None:
        message = Message(
            "this is an earlier key of {id}: change that, or revoke this", id=view.row.replaced_by
        )
        raise ServiceError("replaced", message)
    return view


async def write_and_show(
    context: ServiceContext, api_token_id: str, statements: list[Statement]
) -> Json:
    """Change a token, have it followed everywhere, and return it as it is then."""
    await context.database.write([*statements, new_version()])
    await context.reload()
    after = await rows.find_by_id(context.database, api_token_id)
    assert after is not None, "tokens are never deleted"
    return api_token_document(after, context.clock.wall_ms())


async def _add(context: ServiceContext, row: ApiTokenRow) -> None:
    try:
        await context.database.write([rows.add(row), new_version()])
    except CONFLICT:  # the same key, in the same moment
        raise _key_taken() from None
    await context.reload()


def _key_taken() -> ServiceError:
    return ServiceError("already_exists", "this key is in use by another token")


def _time(at: int | None) -> str | None:
    return None if at is None else iso(at)
