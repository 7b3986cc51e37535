"""What an account spent in a span of time, from its entries.

An account's entries are in the order of time, so the span is found by two binary
searches and only its own entries are read.
"""

from yiyuan.store.database import Connection, Database
from yiyuan.store.queries.statement import first_seq_from, last_seq

# Charges go to revenue and refunds come from it; credits have other contras.
_SPENT = """
SELECT CAST(coalesce(-sum(amount), 0) AS BIGINT)
FROM entries
WHERE account_id = ? AND seq >= ? AND seq < ? AND contra = 'revenue'
"""


async def spent_micros(database: Database, account_id: str, since_ms: int, until_ms: int) -> int:
    """Charges less refunds, in micros, from `since_ms` up to but without `until_ms`."""

    def read(connection: Connection) -> int:
        last = last_seq(connection, account_id)
        first = first_seq_from(connection, account_id, since_ms, last)
        end = first_seq_from(connection, account_id, until_ms, last)
        return int(connection.execute(_SPENT, (account_id, first, end)).fetchone()[0])

    return await database.run_read(read)
