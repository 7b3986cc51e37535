"""Orders: made with a price of their own, shown, cancelled, and credited by hand.

An order exists before the provider hears of it, so whatever happens then can be found
out. The provider's answer decides what the customer sees; when there is none, the order
stays `created`, and is asked about.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from yiyuan.i18n.message import Message, WrongValue
from yiyuan.integrations.call import Call
from yiyuan.integrations.payments.values import Created, Fact, NotCreated, UnknownSigner
from yiyuan.kernel.ids import new_id
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.services.payments.methods.instances import (
    Instance,
    ask_provider,
    get_instance,
    learn_keys,
    moment,
)
from yiyuan.services.payments.methods.setup import check_public_url
from yiyuan.services.payments.orders import told
from yiyuan.services.payments.orders.ask import GAP_MS, ask_once, claim, get_again, plan, question
from yiyuan.services.payments.orders.limits import add_order, too_many_questions
from yiyuan.services.payments.orders.numbers import new_number
from yiyuan.services.payments.orders.provider_order import order_title, provider_order
from yiyuan.services.payments.orders.shown import show_json
from yiyuan.services.payments.provider_call import NoAnswer
from yiyuan.services.payments.settle import Said, apply_fact, note
from yiyuan.services.payments.topup_rules import check_bounds, topup_rules
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import SiteSettings, read_site
from yiyuan.services.site.topup_rules import Price
from yiyuan.store.tables.payments import orders as rows
from yiyuan.store.tables.payments.orders import OPEN, OrderRow
from yiyuan.store.tables.site_settings import find_profile

MINUTE_MS: Final = 60 * 1000
FIRST_QUESTION_MS: Final = 5_000
ATTEMPTS_MAX: Final = 3


@dataclass(slots=True, frozen=True, kw_only=True)
class Wish:
    """What a customer wants to pay."""

    account_id: str
    amount_micros: int
    method: str
    type: str = ""
    address: str = ""
    is_phone: bool = False
    language: str = "zh"
    is_operator: bool = False
    """Whether an operator orders: then a test instance may credit any account."""


async def create(context: ServiceContext, wish: Wish) -> OrderRow:
    """An order, made here and at the provider. Raises ServiceError."""
    instance = await get_instance(context, wish.method)
    site = await read_site(context)
    price = await _checked(context, instance, site, wish)
    row = _new_row(context, instance, wish, price, site.topup_minutes)
    daily_micros = site.topup_daily_max
    await add_order(context, row, daily_micros=daily_micros, is_operator=wish.is_operator)
    return await _create_there(context, instance, row, order_title(site, wish.language))


def _new_row(
    context: ServiceContext, instance: Instance, wish: Wish, price: Price, life_minutes: int
) -> OrderRow:
    now = context.clock.wall_ms()
    life_ms = max(life_minutes * MINUTE_MS, instance.method.life_seconds_min * 1000)
    return OrderRow(
        id=new_id("ord"),
        number=new_number(),
        account_id=wish.account_id,
        actor=context.actor,
        method_id=instance.id,
        type=wish.type,
        merchant=instance.method.merchant(instance.config),
        is_test=instance.row.is_test,
        currency=price.currency,
        amount_minor=price.amount_minor,
        fee_minor=0,
        credit=price.credit,
        bonus=price.bonus,
        rule=price.rule,
        state="created",
        reason="",
        session_ref="",
        payment_ref=None,
        shown="{}",
        address=wish.address,
        is_phone=int(wish.is_phone),
        created_at=now,
        expires_at=now + life_ms,
        paid_at=None,
        credited_at=None,
        asked_at=0,
        next_check_at=now + FIRST_QUESTION_MS,
        checks=0,
        refunded_minor=0,
        dispute="",
    )


async def _checked(
    context: ServiceContext, instance: Instance, site: SiteSettings, wish: Wish
) -> Price:
    """What it costs, if it may be ordered at all. Raises ServiceError."""
    if not instance.row.enabled:
        raise ServiceError(
            "not_found", Message('there is no payment method "{name}"', name=wish.method)
        )
    check_public_url(context, allow_private=bool(instance.row.allow_private))
    kinds = instance.method.types(instance.config)
    if wish.type and wish.type not in kinds:
        names = ", ".join(kinds) or "none"
        raise ServiceError("invalid_argument", Message("type must be one of: {names}", names=names))
    rules = topup_rules(site)
    check_bounds(rules, wish.amount_micros)
    currency = (instance.config["currency"] or "cny").lower()
    try:
        price = rules.price(wish.amount_micros, currency)
    except WrongValue as error:
        raise ServiceError("invalid_argument", error.said) from None
    await _check_account(context, instance, wish, price)
    return price


async def _check_account(
    context: ServiceContext, instance: Instance, wish: Wish, price: Price
) -> None:
    account = await context.ledger.account(wish.account_id)
    if account is None:
        raise ServiceError("not_found", "there is no such account")
    if account.balance_micros + price.credit + price.bonus > MICROS_MAX:
        raise ServiceError("too_much", "the balance cannot hold so much")
    if instance.row.is_test and not wish.is_operator:
        profile = await find_profile(context.database, wish.account_id)
        if not profile.is_test:
            message = "this method is for tests, and the account is not a test account"
            raise ServiceError("not_allowed", message)


async def _create_there(
    context: ServiceContext, instance: Instance, row: OrderRow, title: str
) -> OrderRow:
    """Tell the provider, and follow its answer. Raises ServiceError `provider_refused`."""
    made = await _made(context, instance, row, title)
    if isinstance(made, Created):
        changes = {"shown": show_json(made.show), "session_ref": made.session_ref}
        pending = rows.move(row.id, ("created",), state="pending", **changes)
        if await context.database.write([pending]) != [1]:  # its notify was faster
            await context.database.write([rows.move(row.id, (row.state, *_LATER), **changes)])
        return await get_again(context, row)
    if not made.is_known:
        kept = rows.move(row.id, ("created",), reason=made.reason)
        await context.database.write([kept])
        return await get_again(context, row)
    failed = rows.move(row.id, ("created",), state="failed", reason=made.reason)
    await context.database.write([failed, *await told.of_failure(context, row, made.reason)])
    row = await get_again(context, row)
    await plan(context, row)
    await note(context, row, "failed", Said("create", facts={"reason": made.reason}))
    raise ServiceError(
        "provider_refused", Message("the provider refused the order: {reason}", reason=made.reason)
    )


_LATER: Final = ("paid", "credited", "review", "cancelled", "expired", "failed")


async def _made(
    context: ServiceContext, instance: Instance, row: OrderRow, title: str
) -> Created | NotCreated:
    made: Created | NotCreated = NotCreated("no answer", is_known=False)
    attempt = 1
    for _ in range(ATTEMPTS_MAX):
        made = await _try_once(context, instance, row, title, attempt)
        if isinstance(made, Created) or not made.may_retry:
            return made
        attempt += 1
    return made


async def _try_once(
    context: ServiceContext, instance: Instance, row: OrderRow, title: str, attempt: int
) -> Created | NotCreated:
    method, order = instance.method, provider_order(context, row, title, attempt)
    call = method.create.ask(instance.config, order, moment(context))
    if not isinstance(call, Call):
        return call
    try:
        answer = await ask_provider(context, instance, call, is_once=True)
    except NoAnswer as failure:
        return NotCreated(f"no answer ({failure})", is_known=not failure.was_sent)
    try:
        return method.create.read(instance.config, order, answer, moment(context))
    except UnknownSigner:
        if not await learn_keys(context, instance, context.tried_at):
            return NotCreated("the answer's signer is not known", is_known=False)
    try:
        return method.create.read(instance.config, order, answer, moment(context))
    except UnknownSigner:
        return NotCreated("the answer's signer is not known", is_known=False)


async def get_order(context: ServiceContext, order_id: str) -> OrderRow:
    """One order. Raises ServiceError `not_found`."""
    row = await rows.find_order(context.database, order_id)
    if row is None:
        raise ServiceError("not_found", Message('there is no order "{name}"', name=order_id))
    return row


async def check(context: ServiceContext, order_id: str) -> OrderRow:
    """Ask the provider now; the order then."""
    row = await get_order(context, order_id)
    instance = await get_instance(context, row.method_id)
    row, _ = await ask_once(context, instance, row, Said("query"))
    return row


async def cancel(context: ServiceContext, row: OrderRow) -> OrderRow:
    """Close an order that was not paid; if it was after all, it is credited.

    Of many at once the provider hears one. Raises ServiceError `not_open`, `too_many`.
    """
    if row.state in OPEN and not await claim(context, row):
        await asyncio.sleep(GAP_MS / 1000)
        row = await get_again(context, row)
        if row.state in OPEN and not await claim(context, row):
            raise too_many_questions(GAP_MS)
    if row.state not in OPEN:
        raise ServiceError("not_open", Message("the order is {state} already", state=row.state))
    instance = await get_instance(context, row.method_id)
    row, _ = await close(context, instance, row, "cancelled")
    await plan(context, row)
    return row


async def close(
    context: ServiceContext, instance: Instance, row: OrderRow, state: str
) -> tuple[OrderRow, Fact]:
    """Close it at the provider where that can be done, ask once more, then end it here."""
    method = instance.method
    if method.close is not None and (row.session_ref or not method.closes_by_session):
        call = method.close.ask(instance.config, provider_order(context, row), moment(context))
        with suppress(NoAnswer):  # asked below; a payment that still comes is credited
            await ask_provider(context, instance, call, timeout_seconds=5.0)
    fact = await question(context, instance, row)
    row = await apply_fact(context, row, fact, Said("query"))
    if fact.state != "paid":
        reason = row.reason or "no_answer"
        notices = await told.of_failure(context, row, reason) if state == "failed" else []
        await context.database.write([rows.move(row.id, OPEN, state=state), *notices])
    return await get_again(context, row), fact
