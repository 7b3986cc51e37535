"""Makes a shop with a long past: millions of entries and requests, written as SQL.

The rows are what the product would have written: `ledger verify --full` is content with
them. One account has a fifth of all requests, the others share the rest evenly.
"""

import sqlite3
import time
from pathlib import Path

import asyncpg

from yiyuan.pricing.price import parse_price, to_json
from yiyuan.store.sqlite.database import DATABASE_FILE
from yiyuan.store.sqlite.migrate import migrate
from yiyuan.store.tables.ledger import AccountRow, EntryRow, UsageRow

ACCOUNTS = 1_000
HOT_SHARE = 5
START_MICROS = 10**12
DAYS = 100
DAY_MS = 86_400_000
PRICE = parse_price({"input": "1", "output": "2"}, price_id="price_past", model="past")
CHARGE = 100 * 1 + 20 * 2
SQLITE_HEX, POSTGRES_HEX = "printf('%0{width}x', {value})", "lpad(to_hex({value}), {width}, '0')"
SQLITE_SERIES = (
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})"
)
POSTGRES_SERIES = "WITH n(i) AS (SELECT CAST(generate_series(0, {count} - 1) AS BIGINT))"

ENTRIES = """
INSERT INTO entries ({columns})
{series}, e AS (SELECT i, {first} + i % {accounts} AS a, 2 + i / {accounts} AS seq,
                {begin} + i * {span} / {count} AS at FROM n)
SELECT 'ent_' || substr('00000' || a, -5) || '_' || seq, 'acct_' || substr('00000' || a, -5), seq,
       'charge', -{charge}, {start} - {charge} * (seq - 1), 'revenue', 'ex_' || {at_hex} || {i_hex},
       NULL, 'gateway', '', at FROM e
"""
USAGE = """
INSERT INTO usage ({columns})
{series}, e AS (SELECT i, {first} + i % {accounts} AS a,
                {begin} + i * {span} / {count} AS at FROM n)
SELECT 'ex_' || {at_hex} || {i_hex}, 'acct_' || substr('00000' || a, -5), 'tok_' || a, 'past',
       'chat', 'ch_past', 'past', 'price_past', 1000000, 100, 0, 0, 0, 20, 0, 'upstream',
       'completed', 200, {charge}, 1000, 0, 70, 0, 30, 900, 1, NULL, NULL, at, at, NULL, NULL FROM e
"""


class Past:
    """So many requests over the last hundred days, for both engines."""

    def __init__(self, requests: int) -> None:
        self.requests = requests
        self.begin = time.time_ns() // 1_000_000 - DAYS * DAY_MS
        hot = requests // HOT_SHARE
        self.parts = [(0, 1, hot), (1, ACCOUNTS - 1, requests - hot)]

    def statements(self, hex_text: str, series: str) -> list[str]:
        """What makes entries and usage; `substr` from the end is spelt for both engines."""
        found = []
        for first, accounts, count in self.parts:
            for text, kind in ((ENTRIES, EntryRow), (USAGE, UsageRow)):
                sql = text.format(
                    columns=", ".join(kind._fields),
                    series=series.format(count=count),
                    first=first,
                    accounts=accounts,
                    count=count,
                    begin=self.begin,
                    span=DAYS * DAY_MS - 1,
                    start=START_MICROS,
                    charge=CHARGE,
                    at_hex=hex_text.format(width=12, value="at"),
                    i_hex=hex_text.format(width=20, value=f"(a * {10**12} + i)"),
                )
                if series == POSTGRES_SERIES:
                    sql = sql.replace("substr('00000' || a, -5)", "right('00000' || a, 5)")
                found.append(sql)
        return found

    def accounts(self) -> list[tuple]:
        """The heads that these entries make."""
        rows = []
        for first, accounts, count in self.parts:
            for position in range(accounts):
                own = count // accounts + (position < count % accounts)
                last = position + (own - 1) * accounts
                at = self.begin + (last * (DAYS * DAY_MS - 1) // count if own else 0)
                name = f"acct_{first + position:05}"
                posted = START_MICROS - CHARGE * own
                rows.append((name, name, posted, 0, own + 1, at, None, self.begin))
        return rows

    def grants(self) -> list[tuple]:
        """Each account's first entry."""
        return [
            (
                f"ent_{row[0][5:]}_1", row[0], 1, "grant", START_MICROS, START_MICROS, "promo",
                None, f"create:{row[0]}", "operator", "", self.begin,
            )
            for row in self.accounts()
        ]  # fmt: skip

    def into_sqlite(self, home: Path) -> None:
        """A new database in the home."""
        home.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(home / DATABASE_FILE, isolation_level=None)
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
        migrate(connection)
        connection.execute("BEGIN")
        connection.execute("INSERT INTO prices VALUES (?, ?, ?, 0)", self.price())
        for table, kind, rows in self.heads():
            columns, places = ", ".join(kind._fields), ", ".join("?" * len(kind._fields))
            connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)
        for sql in self.statements(SQLITE_HEX, SQLITE_SERIES):
            connection.execute(sql)
        connection.execute("COMMIT")
        connection.close()

    async def into_postgres(self, url: str) -> None:
        """The same into a database that has the schema."""
        connection = await asyncpg.connect(url)
        await connection.execute("INSERT INTO prices VALUES ($1, $2, $3, 0)", *self.price())
        for table, kind, rows in self.heads():
            await connection.copy_records_to_table(table, records=rows, columns=kind._fields)
        for sql in self.statements(POSTGRES_HEX, POSTGRES_SERIES):
            await connection.execute(sql)
        await connection.execute("ANALYZE")
        await connection.close()

    def heads(self) -> list[tuple]:
        """The rows that are not made by SQL, with their tables."""
        return [("accounts", AccountRow, self.accounts()), ("entries", EntryRow, self.grants())]

    def price(self) -> tuple[str, str, str]:
        """The one price."""
        return PRICE.id, PRICE.model, to_json(PRICE)
