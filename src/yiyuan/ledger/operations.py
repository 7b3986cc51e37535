"""What can be asked of the ledger, and how it answers.

Each operation names the type of its answer; anything can also be answered by a
`LedgerError` (see `errors.py`). Amounts are micros, times are wall-clock
milliseconds and come with the operation, because the core knows no clock.
"""

from typing import Generic, Literal, TypeVar

from msgspec import Struct, field

from yiyuan.kernel.usage import Usage
from yiyuan.ledger.budgets import Period
from yiyuan.pricing.price import Price
from yiyuan.store.tables.ledger import AccountRow, BudgetRow, EntryRow

Answer = TypeVar("Answer", covariant=True)  # noqa: PLC0105 - a name, not a position

CreditKind = Literal["topup", "redeem", "grant", "adjust", "reversal"]
Contra = Literal["cash", "promo", "adjust", "revenue"]
Source = Literal["upstream", "counted", "none"]
RefusedFor = Literal["suspended", "concurrency", "budget", "balance"]


class Operation(Struct, Generic[Answer], frozen=True):
    """Something to ask of the ledger that is answered by an `Answer`."""


# ---------------------------------------------------------------- answers


class Held(Struct, frozen=True):
    """The amount is reserved until the request is settled or voided."""

    amount_micros: int
    available_micros: int
    """What is left for further holds."""


class Refused(Struct, frozen=True):
    """Nothing is reserved. Tried in this order: suspended, concurrency, budget, balance."""

    which: RefusedFor
    required_micros: int
    available_micros: int
    """posted − held, of the account."""
    held_micros: int
    posted_micros: int
    budget_available_micros: int | None = None
    """What the tightest of the request's budgets has left, when that refused."""
    budget_id: str | None = None
    """Which one that is."""
    may_fit_later: bool = False
    """Whether it would fit if the open holds ended without charge: worth a short wait."""


class Settled(Struct, frozen=True):
    """The request is paid: charge + shortfall is what it cost."""

    charge_micros: int
    shortfall_micros: int
    balance_micros: int
    """Posted money after the charge, what other requests hold included."""


class Done(Struct, frozen=True):
    """It is done, and there is nothing more to tell."""


DONE = Done()


# ---------------------------------------------------------------- one request


class Hold(Operation[Held | Refused], frozen=True):
    """Reserve the upper bound of what a request can cost."""

    request_id: str
    account_id: str
    api_token_id: str
    budget_ids: tuple[str, ...]
    model: str
    price: Price
    price_factor_ppm: int
    amount_micros: int
    input_bound: int
    output_bound: int
    opened_at: int
    """The time of admission; decides which hours of the price apply."""
    deadline: int
    """When the request is over in any case; the hold is recovered soon after."""
    account_concurrency: int | None = None
    """The most open requests of this account and model, or None."""


class Keep(Operation[Done], frozen=True):
    """Give an open hold a row. Until then (or its start) it is in memory only."""

    request_id: str


class Start(Operation[Done], frozen=True):
    """Output may reach the client from now on, and `input_count` tokens are owed.

    The count is cut to the hold's bound. A second start corrects the count.
    """

    request_id: str
    input_count: int


class Switch(Operation[Done | Refused], frozen=True):
    """Another model is to answer an open request that has not started, at its own price.

    The amount, which bounds all models that may answer, stays. Refused (`concurrency` or
    `budget`), the hold stays as it was.
    """

    request_id: str
    model: str
    price: Price
    price_factor_ppm: int
    input_bound: int
    output_bound: int
    budget_ids: tuple[str, ...] = ()
    account_concurrency: int | None = None
    """The most open requests of the account and this model, or None."""


class Progress(Operation[Done], frozen=True):
    """Up to `output_tokens` in all may have been delivered; never goes back."""

    request_id: str
    output_tokens: int


class Attempt(Struct):
    """One call to an upstream."""

    channel_id: str
    key_id: str | None
    outcome: str
    status: int | None = None
    upstream_request_id: str | None = None
    upstream_cost_micros: int | None = None
    ms: int | None = None


class Details(Struct):
    """What is kept of a request besides its tokens and its money."""

    endpoint: str
    channel_id: str | None = None
    upstream_model: str | None = None
    status: int | None = None
    streamed: bool = False
    first_byte_ms: int | None = None
    total_ms: int | None = None
    client_request_id: str | None = None
    upstream_request_id: str | None = None
    upstream_cost_micros: int | None = None
    attempts: list[Attempt] = field(default_factory=list)
    ended_at: int = 0


class Settle(Operation[Settled], frozen=True):
    """Charge what the request used, at most the hold, and release the rest."""

    request_id: str
    usage: Usage
    source: Source
    outcome: str
    details: Details


class Void(Operation[Settled], frozen=True):
    """Release the whole hold: nothing was delivered."""

    request_id: str
    outcome: str
    details: Details


class Recover(Operation[Settled], frozen=True):
    """End a hold whose request is gone: charge what had started, void what had not."""

    request_id: str
    at: int


# ---------------------------------------------------------------- accounts and budgets


class OpenAccount(Operation[AccountRow], frozen=True):
    """A new account; `grant_micros` above 0 is its first entry, key `create:<id>`."""

    account_id: str
    name: str
    at: int
    grant_micros: int = 0
    actor: str = "operator"


class Suspend(Operation[AccountRow], frozen=True):
    """Refuse new holds; open ones go on."""

    account_id: str
    at: int


class Resume(Operation[AccountRow], frozen=True):
    """The opposite of Suspend."""

    account_id: str


class Rename(Operation[AccountRow], frozen=True):
    """Another name for an account, or its own again; its id, entries and requests stay."""

    account_id: str
    name: str


class SetBudget(Operation[BudgetRow], frozen=True):
    """Make a budget or change its limit. None is no limit.

    What it has spent stays, but for one that had no limit: that counts anew from `at`
    on. Period and model of a budget never change.
    """

    budget_id: str
    api_token_id: str
    limit_micros: int | None
    at: int = 0
    period: Period = "total"
    model: str | None = None


class Credit(Operation[EntryRow], frozen=True):
    """Money into an account, or out of it when negative (at most what is available).

    With an `idem_key`, the same credit again is answered by the first entry.
    """

    account_id: str
    kind: CreditKind
    amount_micros: int
    contra: Contra
    actor: str
    memo: str
    at: int
    idem_key: str | None = None


class Refund(Operation[EntryRow], frozen=True):
    """Give back a request's charge, once. The book looks the charge up (`Reverse`)."""

    request_id: str
    actor: str
    memo: str
    at: int


class Reverse(Operation[EntryRow], frozen=True):
    """Book the opposite of `charge`, which the caller has read from the store."""

    charge: EntryRow
    actor: str
    memo: str
    at: int
    counted: tuple[tuple[str, int | None], ...] = ()
    """The budgets that counted it, each with since when it was counting then, and get it
    back if they still do; None for charges of before that was noted: see `admitted_at`."""
    admitted_at: int = 0
    """When the request was."""
