"""The ledger's rows, as any engine stores them.

Field names are column names, in column order, so that the SQL is derived from
them. Rows are tuples, because they go to the driver as they are and there are
many of them. Amounts are micros, times are wall-clock milliseconds, flags are 0
or 1.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from yiyuan.store.sql import Table


class AccountRow(NamedTuple):
    """The holder of one balance. `held` is the sum of its holds that are stored."""

    id: str
    name: str
    posted: int
    held: int
    seq: int
    """Number of entries, hence the `seq` of the latest."""
    last_entry_at: int
    """Time of the latest entry (or of creation); entry times never go back."""
    suspended_at: int | None
    created_at: int


class EntryRow(NamedTuple):
    """One transfer between an account and a named contra; never changed or deleted."""

    id: str
    account_id: str
    seq: int
    """1, 2, 3, … without gaps, per account."""
    kind: str
    amount: int
    """Signed: what the account gained."""
    balance_after: int
    contra: str
    request_id: str | None
    """The request that a charge is for; at most one charge per request."""
    idem_key: str | None
    actor: str
    memo: str
    at: int


class HoldRow(NamedTuple):
    """Money reserved for an open request; the row goes when the request ends."""

    request_id: str
    account_id: str
    api_token_id: str
    model: str
    price_id: str
    price_factor_ppm: int
    amount: int
    input_bound: int
    output_bound: int
    started: int
    """1 once output may reach the client."""
    input_count: int
    progress_output: int
    """Output tokens that may have been delivered, of which this row is the proof."""
    budget_ids: str
    """JSON: an object, since when each budget was counting; of old, a list of ids."""
    epoch: int
    opened_at: int
    deadline: int


class BudgetRow(NamedTuple):
    """A spending limit below the account's: spent + held may not pass it."""

    id: str
    api_token_id: str
    limit_micros: int | None
    spent: int
    """Since `counted_since`; of no meaning once that period is over."""
    held: int
    """The sum of its stored holds that were opened in this period."""
    period: str
    """`total`, `day` or `month`, in UTC."""
    model: str | None
    """The only model whose requests count; None: all do."""
    counted_since: int
    """When its period began, or when the budget was made within it."""


class UsageRow(NamedTuple):
    """What became of one request: tokens, outcome, money, times."""

    request_id: str
    account_id: str
    api_token_id: str
    model: str
    endpoint: str
    channel_id: str | None
    upstream_model: str | None
    price_id: str
    price_factor_ppm: int
    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    cache_write_1h_tokens: int
    output_tokens: int
    reasoning_tokens: int
    source: str
    """Who counted: `upstream`, `counted` (we did) or `none` (nothing to count)."""
    outcome: str
    status: int | None
    charge: int
    hold_amount: int
    shortfall: int
    """What the request cost above its hold; nobody pays it."""
    upstream_cost: int | None
    streamed: int
    first_byte_ms: int | None
    total_ms: int | None
    attempts: int
    client_request_id: str | None
    upstream_request_id: str | None
    admitted_at: int
    ended_at: int
    counted: str | None = None
    """JSON, budget → since when it was counting as it counted this; `?` before 0011."""
    counted_at: int | None = None
    """The latest beginning of a day or month in which it was counted."""


class UsageDayRow(NamedTuple):
    """What the expired requests of an account and a day come to, that are alike in these."""

    account_id: str
    day: int
    """Days since 1970-01-01 UTC, of admission."""
    api_token_id: str
    model: str
    endpoint: str
    outcome: str
    is_error: int
    requests: int
    charged: int
    """Requests that cost anything."""
    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    cache_write_1h_tokens: int
    output_tokens: int
    reasoning_tokens: int
    charge: int
    shortfall: int
    upstream_cost: int | None
    """Of those requests of which it is known; None if of none."""
    costed_charge: int | None = None
    """The charge of those requests; None if of none, or if it was not kept yet."""


class AttemptRow(NamedTuple):
    """One call to an upstream on behalf of a request; `n` counts from 1."""

    request_id: str
    n: int
    channel_id: str
    key_id: str | None
    outcome: str
    status: int | None
    upstream_request_id: str | None
    upstream_cost: int | None
    ms: int | None


class EpochRow(NamedTuple):
    """One run of a ledger's writer; holds name the one that opened them."""

    epoch: int
    started_at: int
    ended_at: int | None
    """None while it runs, and after it was killed."""


class CheckpointRow(NamedTuple):
    """Up to which entry an account's books were proved right."""

    account_id: str
    seq: int
    balance: int
    entry_at: int
    digest: str
    """A chain over all entries up to `seq`, in hexadecimal."""
    usage_from: int
    """Usage admitted before this time was read; what is admitted later was perhaps not."""
    checked_at: int


class Batch(NamedTuple):
    """Everything the ledger changed since the last batch; stored together or not at all.

    `accounts`, `holds`, `budgets` and `epochs` replace the rows of the same id or are
    new; `ended_holds` names the holds whose rows go; the others are only ever added.
    """

    accounts: list[AccountRow]
    entries: list[EntryRow]
    holds: list[HoldRow]
    ended_holds: list[str]
    budgets: list[BudgetRow]
    usage: list[UsageRow]
    attempts: list[AttemptRow]
    epochs: list[EpochRow]
    renamed: Sequence[str] = ()
    """Those of the accounts that were there already and have another name now."""


HOLD_CHANGES: Final = (
    *("model", "price_id", "price_factor_ppm", "input_bound", "output_bound", "budget_ids"),
    *("started", "input_count", "progress_output"),
)
"""What may change of a stored hold: another model takes over, and what was delivered."""

TABLES: Final = (
    Table("epochs", EpochRow, "epoch"),
    Table("accounts", AccountRow, "id"),
    Table("budgets", BudgetRow, "id"),
    Table("holds", HoldRow, "request_id"),
    Table("entries", EntryRow, "account_id, seq"),
    Table("usage", UsageRow, "request_id"),
    Table("attempts", AttemptRow, "request_id, n"),
    Table("usage_days", UsageDayRow, ", ".join(UsageDayRow._fields[:7])),
)
