"""What happens at every start: a new epoch, and an end for the holds of older ones.

A hold that is on disk when a ledger starts belongs to a request whose process is
gone. If it had not started, nothing was delivered: it is voided. If it had, the
customer owes the input and the output that the hold's row proves, which is at most
what was delivered; what was delivered beyond it (at most the gate's window) is the
operator's loss. All of it is one transaction, so a crash in between changes nothing
and the next start does the same again.
"""

from dataclasses import dataclass

from yiyuan.kernel.clock import Clock
from yiyuan.ledger.budgets import counted_from_json
from yiyuan.ledger.errors import LedgerError, LedgerInconsistent
from yiyuan.ledger.operations import Hold, Recover
from yiyuan.ledger.rules.apply import apply
from yiyuan.ledger.rules.state import LedgerState
from yiyuan.pricing.price import Price, from_json
from yiyuan.store.queries.ledger import StoredLedger
from yiyuan.store.tables.ledger import EpochRow, HoldRow


@dataclass(slots=True, frozen=True)
class Recovered:
    """What a start has found and done."""

    voided: int = 0
    charged: int = 0
    charge_micros: int = 0


def restore_state(stored: StoredLedger, clock: Clock) -> tuple[LedgerState, Recovered]:
    """The state in memory for a new epoch, its older holds ended.

    What that changed is left in the state, as its first batch.
    """
    now = clock.wall_ms()
    state = LedgerState(stored.last_epoch + 1)
    state.epochs.append(EpochRow(state.epoch, now, None))
    for account in stored.accounts:
        state.load_account(account)
    for budget in stored.budgets:
        state.load_budget(budget)
    prices = {
        price_id: from_json(document, price_id=price_id, model=model)
        for price_id, (model, document) in stored.prices.items()
    }
    for hold in stored.holds:
        state.load_hold(hold, operation_of(hold, prices[hold.price_id]))
    _compare_held(state, stored)
    return state, _recover_all(state, stored.holds, now)


def _compare_held(state: LedgerState, stored: StoredLedger) -> None:
    """What the rows say is held must be what their holds add up to."""
    for account in stored.accounts:
        held = state.accounts[account.id].held
        if held != account.held or not 0 <= held <= account.posted:
            raise LedgerInconsistent(
                f"{account.id} says {account.held} is held, its holds are {held}"
            )
    for budget in stored.budgets:
        held = state.budgets[budget.id].held
        if held != budget.held:
            raise LedgerInconsistent(
                f"budget {budget.id} holds {budget.held}, its holds are {held}"
            )


def _recover_all(state: LedgerState, holds: list[HoldRow], now: int) -> Recovered:
    voided = charged = charge_micros = 0
    for hold in holds:
        answer = apply(state, Recover(hold.request_id, now))
        assert not isinstance(answer, LedgerError), answer
        if hold.started:
            charged += 1
            charge_micros += answer.charge_micros
        else:
            voided += 1
    assert not state.holds
    return Recovered(voided, charged, charge_micros)


def operation_of(row: HoldRow, price: Price) -> Hold:
    """The operation that opened a stored hold."""
    return Hold(
        request_id=row.request_id,
        account_id=row.account_id,
        api_token_id=row.api_token_id,
        budget_ids=tuple(counted_from_json(row.budget_ids)),
        model=row.model,
        price=price,
        price_factor_ppm=row.price_factor_ppm,
        amount_micros=row.amount,
        input_bound=row.input_bound,
        output_bound=row.output_bound,
        opened_at=row.opened_at,
        deadline=row.deadline,
    )
