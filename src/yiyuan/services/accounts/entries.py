"""Entries of all accounts as operators see them: both sides, and whose they are."""

from yiyuan.services.accounts.accounts import account_id_of
from yiyuan.services.accounts.ledger_summary import SpanFilters, SpanPlace, entries_page, span_of
from yiyuan.services.shared.answer import Entry, entry_of
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Request
from yiyuan.store.queries import operator as queries
from yiyuan.store.tables.ledger import EntryRow

_BEGINNING = "1970-01-01"


class EntryFilter(Request):
    """Entries of one account (name or id), kind, request or key; of everybody without.

    `charges` false leaves the charges of requests out, which are most entries.
    """

    account: str | None = None
    kind: str | None = None
    charges: bool = True
    request_id: str | None = None
    key: str | None = None
    since: str | None = None
    until: str | None = None


class AccountEntry(Entry):
    """An entry with both sides: the account and its contra."""

    account_id: str
    account_name: str
    contra: str
    key: str | None


async def find_entries(
    context: ServiceContext, wanted: EntryFilter, place: SpanPlace | None, limit: int
) -> tuple[list[AccountEntry], SpanPlace | None]:
    """Entries, the latest first, and where the next page begins, if there may be one.

    Those of one request or key are found by it, whenever they were, and come at once.
    Raises ServiceError `not_found`, `invalid_argument`.
    """
    account_id = await account_id_of(context, wanted.account)
    if wanted.request_id is not None or wanted.key is not None:
        found = await queries.entries_page(
            context.database,
            account_id=account_id,
            kind=wanted.kind,
            request_id=wanted.request_id,
            key=wanted.key,
            limit=limit,
        )
        return [_shown(view.entry, view.account_name) for view in found], None
    span = span_of(context, wanted.since or _BEGINNING, wanted.until)
    filters = SpanFilters(
        since_ms=span.since_ms,
        until_ms=span.until_ms,
        account_id=account_id,
        kinds=() if wanted.kind is None else (wanted.kind,),
        without_charges=not wanted.charges,
    )
    lines = await entries_page(context, filters, place, limit)
    following = None
    if len(lines) == limit:
        last = lines[-1].entry
        following = SpanPlace(last.at, last.account_id, last.seq)
    return [_shown(*line) for line in lines], following


def _shown(row: EntryRow, account_name: str) -> AccountEntry:
    entry = entry_of(row)
    return AccountEntry(
        **{name: getattr(entry, name) for name in Entry.__struct_fields__},
        account_id=row.account_id,
        account_name=account_name,
        contra=row.contra,
        key=row.idem_key,
    )
