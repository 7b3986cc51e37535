"""Check: the other shop is read anew, and seven equalities between it and here must hold.

1 each balance · 2 the sum of all · 3 the counts · 4 each key leads to its account · 5 each
model costs in each group what it cost there · 6 the ledger proves itself · 7 nothing that
blocks is left. Tolerances: none for money; for a charge one unit of quota there or one
micro here, because the old gateways round in different ways.
"""

import asyncio
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Final, TypeVar

from yiyuan.i18n.message import Message
from yiyuan.integrations.importers.amounts import old_charge
from yiyuan.integrations.importers.contract import Token
from yiyuan.kernel.usage import Usage
from yiyuan.services.accounts.ledger import verify_database
from yiyuan.services.catalog.catalog import load_catalog
from yiyuan.services.imports.checks.equality import Equality
from yiyuan.services.imports.customers.money import GRANT, promised_micros, promises_of, target_of
from yiyuan.services.imports.customers.tokens import key_hash_of
from yiyuan.services.imports.names import account_id, group_name, token_id
from yiyuan.services.imports.settings import ImportSettings
from yiyuan.services.imports.source import ReadShop
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.queries.imports import token_accounts
from yiyuan.store.tables.imports import Booked, booked, imported, token_owners

Json = dict[str, Any]
Progress = Callable[[Json], None]
T = TypeVar("T")

MIXES: Final = (
    (1, 0), (1, 1), (3, 1), (37, 5), (50, 100), (100, 500), (211, 999), (900, 100),
    (4_096, 1_024), (20_000, 4_000), (200_000, 8_000), (1_000_000, 1),
)  # fmt: skip
"""(input tokens, output tokens) that every model is charged for, there and here."""
_HASHES_AT_ONCE: Final = 300
_NO_WAY: Final = "the key of {token} does not lead to its account"
_UNEQUAL: Final = "{model} in {group}, {input} + {output} tokens: {here} here, {there} there"


async def check_shop(
    context: ServiceContext, settings: ImportSettings, read: ReadShop, progress: Progress
) -> Json:
    """All seven; `ok` if every one holds."""
    entries = await booked(context.database, settings.id)
    equalities = [
        await _balances(context, settings, read, entries),
        await _sums(context, settings, read, entries),
        await _counts(context, settings, read),
        await _keys(context, settings, read),
        await _prices(context, read),
        await _ledger(context, progress),
        _blocking(read),
    ]
    return {
        "ok": all(each.faults_total == 0 for each in equalities),
        "name": settings.name,
        "rate": read.rate,
        "equalities": [each.document() for each in equalities],
        "users": await _users(context, settings, read, entries),
    }


async def _balances(
    context: ServiceContext, settings: ImportSettings, read: ReadShop, entries: dict[str, Booked]
) -> Equality:
    found = Equality("balances")
    rows = await imported(context.database, settings.id, "user")
    for person in read.shop.people:
        target = target_of(person, read.micros_per_unit, root_balance=settings.root_balance)
        account = account_id(settings.id, person.source_id)
        has = entries[account].sum_micros if account in entries else 0
        owed = rows[person.source_id].owed if person.source_id in rows else 0
        if has - owed != target:
            template = "user {user}: {has} is booked, {target} is right"
            found.fault(template, user=person.source_id, has=has, target=target)
    grants = await booked(context.database, settings.id, GRANT.prefix)
    for source_id, promises in promises_of(read.shop).items():
        account = account_id(settings.id, source_id)
        has = grants[account].sum_micros if account in grants else 0
        if has < (target := promised_micros(promises, read.micros_per_unit)):
            template = "user {user}: {has} of what was promised is booked, not {target}"
            found.fault(template, user=source_id, has=has, target=target)
    found.detail = Message("{count} balances", count=len(read.shop.people))
    return found


async def _sums(
    context: ServiceContext, settings: ImportSettings, read: ReadShop, entries: dict[str, Booked]
) -> Equality:
    found = Equality("sums")
    counted = [each for each in read.shop.people if settings.root_balance or each.role != "root"]
    exact = sum((each.units for each in counted if each.units > 0), Fraction(0))
    exact *= read.micros_per_unit
    rows = await imported(context.database, settings.id, "user")
    ours = {account_id(settings.id, each.source_id): each.source_id for each in read.shop.people}
    listed = set(ours.values())
    total = sum(each.sum_micros for account, each in entries.items() if account in ours)
    owed = sum(row.owed for source_id, row in rows.items() if source_id in listed)
    sums = {"exact": exact, "total": total, "people": len(counted)}
    found.detail = (
        Message(
            "{exact} there, {total} here, {people} people, {owed} of it owed", owed=owed, **sums
        )
        if owed
        else Message("{exact} there, {total} here, {people} people", **sums)
    )
    if not exact <= total - owed < exact + max(len(counted), 1):
        found.fault("{total} is booked, {exact} is right", total=total, exact=exact)
    return found


async def _counts(context: ServiceContext, settings: ImportSettings, read: ReadShop) -> Equality:
    found = Equality("counts")
    rows = await imported(context.database, settings.id, "user")
    for person in read.shop.people:
        if person.source_id not in rows:
            found.fault("user {user} is not here", user=person.source_id)
    tokens = await imported(context.database, settings.id, "token")
    for api_token in read.shop.tokens:
        if api_token.source_id not in tokens:
            found.fault("token {token} is not here", token=api_token.source_id)
    counted = read.shop.counted
    people = len(read.shop.people) + counted.get("users_deleted", 0)
    if counted.get("users", people) != people and read.shop.program != "LiteLLM":
        template = "{all} users there, {people} are accounted for"
        found.fault(template, all=counted["users"], people=people)
    people, tokens_there = len(read.shop.people), len(read.shop.tokens)
    found.detail = Message("{people} people, {tokens} keys", people=people, tokens=tokens_there)
    return found


async def _keys(context: ServiceContext, settings: ImportSettings, read: ReadShop) -> Equality:
    found = Equality("keys")
    await _keys_by_hash(
        context, settings, [t for t in read.shop.tokens if t.key is not None], found
    )
    hashed = {
        token_id(settings.id, api_token.source_id): account_id(settings.id, api_token.owner)
        for api_token in read.shop.tokens
        if api_token.key is None
    }
    for ids in _pieces(list(hashed)):
        owners = await token_accounts(context.database, ids)
        for each in ids:
            if owners.get(each) != hashed[each]:
                found.fault(_NO_WAY, token=each)
    found.detail = Message("{count} keys", count=len(read.shop.tokens))
    return found


async def _keys_by_hash(
    context: ServiceContext, settings: ImportSettings, tokens: list[Token], found: Equality
) -> None:
    """The hash is made anew from the source's key, as a request's would be."""
    wanted = {
        key_hash_of(context, settings, api_token): (
            token_id(settings.id, api_token.source_id),
            account_id(settings.id, api_token.owner),
        )
        for api_token in tokens
    }
    for hashes in _pieces(list(wanted)):
        owners = await token_owners(context.database, hashes)
        for key_hash in hashes:
            if owners.get(key_hash) != wanted[key_hash]:
                found.fault(_NO_WAY, token=wanted[key_hash][0])


def _pieces(items: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(items), _HASHES_AT_ONCE):
        yield items[start : start + _HASHES_AT_ONCE]


async def _prices(context: ServiceContext, read: ReadShop) -> Equality:
    """What each request of the table cost there, and what it costs here."""
    found = Equality("prices")
    catalog = await load_catalog(context)
    k, compared = read.micros_per_unit, 0
    for model in read.shop.models:
        await asyncio.sleep(0)  # requests go on: this is arithmetic without end
        ours = catalog.models.get(model.name)
        if model.price is None or not any(model.name in c.models for c in read.shop.channels):
            continue
        if ours is None or not ours.enabled:
            found.fault("the model {model} is not sold here", model=model.name)
            continue
        for group in read.shop.groups:
            here_group = catalog.groups.get(group_name(group.name))
            if here_group is None:
                found.fault("the group {group} is not here", group=group.name)
                continue
            factor_ppm = here_group.price_factor_ppm
            for input_tokens, output_tokens in MIXES:
                there = old_charge(
                    model.price, group.factor, input_tokens, output_tokens, read.shop.rounding
                )
                usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
                here = ours.price.charge_micros(
                    usage, factor_ppm=factor_ppm, admitted_ms=context.clock.wall_ms()
                )
                compared += 1
                if abs(here - there * k) > max(k, Fraction(1)) + _rounding(
                    input_tokens, output_tokens
                ):
                    mix = {"input": input_tokens, "output": output_tokens}
                    sums = {"here": here, "there": f"{float(there * k):.2f}"}
                    found.fault(_UNEQUAL, model=model.name, group=group.name, **mix, **sums)
    found.detail = Message(
        "{charges} charges of {models} models", charges=compared, models=len(read.shop.models)
    )
    return found


def _rounding(input_tokens: int, output_tokens: int) -> Fraction:
    """Half a millionth of a micro for each token: prices have six places here."""
    return Fraction(input_tokens + output_tokens, 2_000_000) + 1


async def _ledger(context: ServiceContext, progress: Progress) -> Equality:
    found = Equality("ledger")
    document = await verify_database(
        context.database, context.clock, full=False, progress=progress, is_polite=context.is_serving
    )
    for problem in document["problems"]:
        found.fault("{problem}", problem=problem)
    template = "{accounts} accounts, {entries} entries"
    found.detail = Message(template, accounts=document["accounts"], entries=document["entries"])
    return found


def _blocking(read: ReadShop) -> Equality:
    found = Equality("blocking")
    for note in read.shop.notes:
        if note.is_blocking:
            found.fault("{subject}: {note}", subject=note.subject, note=note.said)
    found.detail = Message("{count} notes", count=len(read.shop.notes))
    return found


async def _users(
    context: ServiceContext, settings: ImportSettings, read: ReadShop, entries: dict[str, Booked]
) -> list[Json]:
    """One line a person: what they had, what is right, what is booked."""
    rows = await imported(context.database, settings.id, "user")
    lines = []
    for person in read.shop.people:
        account = account_id(settings.id, person.source_id)
        target = target_of(person, read.micros_per_unit, root_balance=settings.root_balance)
        lines.append(
            {
                "id": person.source_id,
                "name": person.login_name,
                "units": str(person.units),
                "target": target,
                "booked": entries[account].sum_micros if account in entries else 0,
                "owed": rows[person.source_id].owed if person.source_id in rows else 0,
                "account": account,
            }
        )
    return lines
