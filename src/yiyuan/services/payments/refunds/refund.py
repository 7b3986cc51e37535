"""Refunds that an operator asks for: take first, then send, once.

1. a row `asked`, which counts against what the order still has to give back;
2. the credit is taken from the account, or nothing happens (never below zero);
3. it is sent to the provider under the row's own number; until the provider's word is
   known it stays `sent`, and is asked about, never sent under another number;
4. `done`, or on a final no the money is put back and it has `failed`.

Each step may be repeated; the watch goes on with what a crash has left.
"""

from typing import Final

from yiyuan.i18n.message import Message
from yiyuan.integrations.payments.minor_units import to_text
from yiyuan.integrations.payments.values import RefundFact, UnknownSigner
from yiyuan.kernel.calendar import HOUR_MS
from yiyuan.ledger.errors import InsufficientFunds
from yiyuan.ledger.operations import Credit
from yiyuan.services.payments.methods.instances import Instance, ask_provider, get_instance, moment
from yiyuan.services.payments.orders import told
from yiyuan.services.payments.orders.provider_order import provider_order
from yiyuan.services.payments.provider_call import NoAnswer
from yiyuan.services.payments.refunds.booking import TRIES_MAX, take_back
from yiyuan.services.payments.refunds.failed import fail, follow_failed
from yiyuan.services.payments.refunds.shares import FOLLOW_MS, Cause, asked_refund, left_minor
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.validation import check_text
from yiyuan.store.errors import CONFLICT
from yiyuan.store.tables.payments import orders
from yiyuan.store.tables.payments import refunds as rows
from yiyuan.store.tables.payments.orders import OrderRow
from yiyuan.store.tables.payments.refunds import RefundRow

SEND_AGAIN_MS: Final = 60_000


async def refund(
    context: ServiceContext, row: OrderRow, amount_minor: int | None, reason: str, key: str
) -> RefundRow:
    """Give money back; the same key again is the same refund. Raises ServiceError."""
    check_text("the reason", reason)
    check_text("the key", key)
    if row.state not in ("credited", "review"):
        raise ServiceError(
            "not_paid",
            Message("the order is {state}: there is nothing to give back", state=row.state),
        )
    instance = await get_instance(context, row.method_id)
    if instance.method.refund is None:
        raise ServiceError("cannot_refund", "refund it in the provider's own console")
    made, is_new = await _ask(context, row, amount_minor, reason, f"key:{key}")
    return await step(context, made, instance) if is_new else made


async def _ask(
    context: ServiceContext, row: OrderRow, amount_minor: int | None, reason: str, key: str
) -> tuple[RefundRow, bool]:
    """The row, and whether it is new; two at once are reckoned one after the other."""
    for _ in range(TRIES_MAX):
        known = await rows.refunds_of(context.database, row.id)
        same = next((r for r in known if r.key == key), None)
        if same is not None:
            if amount_minor not in (None, same.amount_minor):
                raise ServiceError("idempotency_mismatch", "this key was used for another amount")
            return same, False
        left = left_minor(row, known)
        amount = left if amount_minor is None else amount_minor
        if not 0 < amount <= left:
            raise _too_much(left, row.currency)
        why = Cause("operator", key, reason, context.actor)
        made = asked_refund(row, known, amount, why, context.clock.wall_ms())
        await _check_available(context, row, made.credit + made.bonus)
        try:
            changed = await context.database.write(rows.add_refund_of(made, row))
        except CONFLICT:
            continue
        if changed[-1]:
            message = "the order has changed meanwhile: look at it again"
            raise ServiceError("changed_meanwhile", message)
        return made, True
    raise ServiceError("unavailable", "too many refunds at once: try again")


def _too_much(left: int, currency: str) -> ServiceError:
    if left <= 0:
        return ServiceError("too_much", "all of the order was given back already")
    message = Message(
        "at most {amount} {currency} of the order can be given back",
        amount=to_text(left, currency),
        currency=currency.upper(),
    )
    return ServiceError("too_much", message)


async def _check_available(context: ServiceContext, row: OrderRow, needed_micros: int) -> None:
    account = await context.ledger.account(row.account_id)
    available = 0 if account is None else account.available_micros
    if available < needed_micros:
        raise _not_enough(available)


def _not_enough(available_micros: int) -> ServiceError:
    message = Message(
        "the account has only {available} 词元 available: refund less, or wait until its requests "
        "have ended",
        available=available_micros,
    )
    return ServiceError("insufficient_balance", message)


async def step(context: ServiceContext, made: RefundRow, instance: Instance) -> RefundRow:
    """Take a refund as far as it goes now. Raises ServiceError `insufficient_balance`."""
    row = await orders.find_order(context.database, made.order_id)
    assert row is not None, "orders are never deleted"
    if made.state == "asked" and made.cause != "operator":
        await take_back(context, row, made)
    elif made.state == "asked":
        await _take(context, instance, row, made)
        made = await _again(context, made)
    if made.state == "taken":
        await _send(context, instance, row, made)
    elif made.state == "sent":
        await _ask_about(context, instance, row, made)
    elif made.state == "failed":
        await follow_failed(context, instance, row, made)
    return await _again(context, made)


async def _take(
    context: ServiceContext, instance: Instance, row: OrderRow, made: RefundRow
) -> None:
    # A crash may have left it half put back: then what was put back must not be sent.
    if await rows.has_entry(context.database, f"topup-refund-failed:{made.id}"):
        await fail(context, instance, row, made, "not enough available")
        return
    try:
        if made.credit:
            await context.ledger.post(_entry(context, row, made, -made.credit, "topup-refund:"))
        if made.bonus:
            await context.ledger.post(
                _entry(context, row, made, -made.bonus, "topup-bonus-refund:")
            )
    except InsufficientFunds as error:
        await fail(context, instance, row, made, "not enough available")
        raise _not_enough(error.available_micros) from None
    taken = rows.move_refund(made.id, ("asked",), state="taken")
    await context.database.write([taken])


def _entry(
    context: ServiceContext, row: OrderRow, made: RefundRow, amount_micros: int, key: str
) -> Credit:
    return Credit(
        account_id=row.account_id,
        kind="reversal",
        amount_micros=amount_micros,
        contra="promo" if "bonus" in key else "cash",
        actor=made.actor,
        memo=row.number,
        at=context.clock.wall_ms(),
        idem_key=key + made.id,
    )


async def _send(
    context: ServiceContext, instance: Instance, row: OrderRow, made: RefundRow
) -> None:
    """Write down that it is sent, then send it: whatever happens now can be found out."""
    now = context.clock.wall_ms()
    sent = rows.move_refund(made.id, ("taken",), state="sent", next_check_at=now + FOLLOW_MS)
    if await context.database.write([sent]) != [1]:
        return  # another process was faster
    await _deliver(context, instance, row, made)


async def _deliver(
    context: ServiceContext, instance: Instance, row: OrderRow, made: RefundRow
) -> None:
    step, order = instance.method.refund, provider_order(context, row)
    assert step is not None
    call = step.ask(instance.config, order, made.id, made.amount_minor, moment(context))
    try:
        answer = await ask_provider(context, instance, call, is_once=True)
        fact = step.read(instance.config, order, answer, moment(context))
    except NoAnswer as failure:
        if not failure.was_sent:
            later = context.clock.wall_ms() + SEND_AGAIN_MS
            back = rows.move_refund(made.id, ("sent",), state="taken", next_check_at=later)
            await context.database.write([back])
        return
    except UnknownSigner:
        return
    await _conclude(context, instance, row, made, fact)


async def _ask_about(
    context: ServiceContext, instance: Instance, row: OrderRow, made: RefundRow
) -> None:
    fact = await _asked(context, instance, row, made)
    await _conclude(context, instance, row, made, fact)
    if fact.state != "absent" or not instance.method.repeats_refunds:
        return
    # They say that they do not know it: the same number again makes it once. Without that
    # answer it is never sent again, since who repeats numbers remembers them for a time only.
    if context.clock.wall_ms() - made.at >= SEND_AGAIN_MS:
        await _deliver(context, instance, row, made)


async def _asked(
    context: ServiceContext, instance: Instance, row: OrderRow, made: RefundRow
) -> RefundFact:
    method, order = instance.method, provider_order(context, row)
    try:
        if method.query_refund is not None:
            call = method.query_refund.ask(
                instance.config, order, made.id, made.amount_minor, moment(context)
            )
            answer = await ask_provider(context, instance, call)
            return method.query_refund.read(instance.config, order, answer, moment(context))
        if method.refunds is not None:
            call = method.refunds.ask(instance.config, order, made.id, moment(context))
            answer = await ask_provider(context, instance, call)
            found = method.refunds.read(instance.config, order, answer, moment(context))
            if found is not None:
                absent = RefundFact(state="absent")
                return next((f for f in found if f.our_ref == made.id), absent)
    except (NoAnswer, UnknownSigner):
        pass  # asked again later
    return RefundFact(state="unknown")


async def _conclude(
    context: ServiceContext, instance: Instance, row: OrderRow, made: RefundRow, fact: RefundFact
) -> None:
    now = context.clock.wall_ms()
    if fact.state == "done":
        done = rows.move_refund(
            made.id,
            ("sent",),
            state="done",
            provider_ref=fact.ref or None,
            done_at=now,
            next_check_at=None,
        )
        await context.database.write([done, *await told.of_refund(context, row, made)])
    elif fact.state == "failed":
        await fail(context, instance, row, made, fact.reason or "refused by the provider")
    else:
        wait_ms = min(max(now - made.at, 10_000), HOUR_MS)
        later = rows.move_refund(made.id, ("sent",), next_check_at=now + wait_ms)
        await context.database.write([later])


async def resolve(context: ServiceContext, refund_id: str, *, is_done: bool) -> RefundRow:
    """A person has looked at the provider what became of a refund. Raises ServiceError."""
    made = await rows.find_refund(context.database, refund_id)
    if made is None or made.state != "sent":
        raise ServiceError("not_found", "there is no refund that waits for an answer")
    row = await orders.find_order(context.database, made.order_id)
    assert row is not None, "orders are never deleted"
    instance = await get_instance(context, row.method_id)
    fact = RefundFact(state="done" if is_done else "failed", reason=f"by {context.actor}")
    await _conclude(context, instance, row, made, fact)
    return await _again(context, made)


async def _again(context: ServiceContext, made: RefundRow) -> RefundRow:
    found = await rows.find_refund(context.database, made.id)
    assert found is not None, "refunds are never deleted"
    return found
