"""Balances of the other shop: booked as entries, each under a key of its own.

What an import has booked for somebody is read from the ledger, so an interrupted take
never books twice and never forgets what it booked. A later take books the difference of
the source alone: what the customer spends and pays here is not touched. A difference that
is more than what is left takes what is left; the rest is listed, and asked for again by
the next take, or by the next credit if it is to be a debt.

What somebody was to have besides (rewards, subscriptions) is a line of its own.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Final, NamedTuple

from yiyuan.integrations.importers.amounts import target_micros
from yiyuan.integrations.importers.contract import Person, Promise, Shop
from yiyuan.ledger.errors import InsufficientFunds
from yiyuan.ledger.operations import Contra, Credit, CreditKind
from yiyuan.services.imports.names import account_id
from yiyuan.services.imports.settings import ImportSettings
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.imports import (
    ENTRY_KEY_PREFIX,
    GRANT_KEY_PREFIX,
    Booked,
    ImportedRow,
    entry_key,
    put_imported,
)

OWED = "{micros} micros could not be taken back: they are spent here"
OWED_AS_DEBT = "{micros} micros are spent here as well: the next credit pays them"


class Line(NamedTuple):
    """What entries of one sort look like; what is taken back is always an `adjust`."""

    prefix: str
    """Of their keys."""
    kind: CreditKind
    contra: Contra


BALANCE: Final = Line(ENTRY_KEY_PREFIX, "adjust", "adjust")
GRANT: Final = Line(GRANT_KEY_PREFIX, "grant", "promo")


def target_of(person: Person, micros_per_unit: Fraction, *, root_balance: bool) -> int:
    """What a person is to have here of what they had there, in micros."""
    if person.role == "root" and not root_balance:
        return 0
    return target_micros(person.units, micros_per_unit)


def promises_of(shop: Shop) -> dict[str, list[Promise]]:
    """What everybody was promised, by source id."""
    found: dict[str, list[Promise]] = defaultdict(list)
    for promise in shop.promises:
        found[promise.owner].append(promise)
    return found


def promised_micros(promises: Sequence[Promise], micros_per_unit: Fraction) -> int:
    """What somebody's rewards and subscriptions come to, in micros."""
    units = sum((promise.units for promise in promises), Fraction(0))
    return target_micros(units, micros_per_unit)


async def take_money(
    context: ServiceContext,
    settings: ImportSettings,
    shop: Shop,
    person: Person,
    target: int,
    rate: str,
    booked: Booked | None,
    row: ImportedRow,
) -> None:
    """Book what is missing between the ledger and the source."""
    memo = f"carried over from {shop.program} user {person.source_id}: "
    memo += f"{_number(person.units)} at {rate}"
    owed = await _even_out(context, settings, person.source_id, BALANCE, target, memo, booked)
    if owed:
        subject = f"user {person.source_id} {person.login_name}"
        template = OWED_AS_DEBT if settings.debts else OWED
        shop.note("overdrawn_there", subject, template, micros=owed)
    pending = owed if owed and settings.debts else None
    if (row.target, row.owed, row.pending) != (target, owed, pending):
        row = row._replace(target=target, owed=owed, pending=pending)
        await context.database.write([put_imported(row)])


async def take_promises(
    context: ServiceContext,
    settings: ImportSettings,
    shop: Shop,
    person: Person,
    promises: Sequence[Promise],
    micros_per_unit: Fraction,
    booked: Booked | None,
) -> None:
    """Book rewards and subscriptions as a grant, by the difference, as balances are."""
    memo = f"promised by {shop.program} to user {person.source_id}: "
    memo += ", ".join(_promise(promise) for promise in promises) or "nothing any more"
    target = promised_micros(promises, micros_per_unit)
    owed = await _even_out(context, settings, person.source_id, GRANT, target, memo, booked)
    if owed:
        subject = f"user {person.source_id} {person.login_name}"
        shop.note("overdrawn_there", subject, OWED, micros=owed)


async def give_back(
    context: ServiceContext, settings: ImportSettings, source_id: str, line: Line, booked: Booked
) -> None:
    """Take out again what was booked for somebody; a hold that is open stops it for now."""
    memo = f"the move from user {source_id} was taken back"
    await _even_out(context, settings, source_id, line, 0, memo, booked)


async def _even_out(
    context: ServiceContext,
    settings: ImportSettings,
    source_id: str,
    line: Line,
    target: int,
    memo: str,
    booked: Booked | None,
) -> int:
    """Book the difference, or as much of it as is there; what is still owed."""
    has = booked.sum_micros if booked is not None else 0
    if target == has:
        return 0
    key = entry_key(line.prefix, settings.id, source_id, booked)
    moved = await _book(context, settings, source_id, line, target - has, key, memo)
    return has + moved - target


async def _book(
    context: ServiceContext,
    settings: ImportSettings,
    source_id: str,
    line: Line,
    amount: int,
    key: str,
    memo: str,
) -> int:
    """Post `amount`, or as much of it as is there; what was posted."""
    for _ in range(3):
        try:
            await context.ledger.post(
                Credit(
                    account_id=account_id(settings.id, source_id),
                    kind=line.kind if amount > 0 else "adjust",
                    amount_micros=amount,
                    contra=line.contra,
                    actor=f"import:{settings.name}",
                    memo=memo,
                    at=context.clock.wall_ms(),
                    idem_key=key,
                )
            )
        except InsufficientFunds as error:
            amount = -error.available_micros
            if amount >= 0:
                return 0
        else:
            return amount
    return 0


def _promise(promise: Promise) -> str:
    text = f"{promise.kind} of {_number(promise.units)}"
    if promise.until is None:
        return text
    return f"{text} until {datetime.fromtimestamp(promise.until, UTC):%Y-%m-%d}"


def _number(units: Fraction) -> str:
    return f"{int(units):,}" if units.denominator == 1 else f"{float(units):,.6f}"
