"""Stores what an audit has proved, for the next one to go on from."""

from collections.abc import Sequence
from typing import Final

from yiyuan.store.database import Database
from yiyuan.store.sql import Table
from yiyuan.store.tables.ledger import CheckpointRow

_PUT: Final = """
INSERT INTO checkpoints (account_id, seq, balance, entry_at, digest, usage_from, checked_at)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account_id) DO UPDATE SET
    seq = excluded.seq, balance = excluded.balance, entry_at = excluded.entry_at,
    digest = excluded.digest, usage_from = excluded.usage_from, checked_at = excluded.checked_at
"""


async def store_checkpoints(database: Database, checkpoints: Sequence[CheckpointRow]) -> None:
    """Replace the checkpoints of these accounts."""
    await database.write([(_PUT, checkpoint) for checkpoint in checkpoints])


TABLES: Final = (Table("checkpoints", CheckpointRow, "account_id", is_backed_up=False),)
