"""Prices that are to hold from a later time on, and the prices that a model had."""

from typing import NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import insert
from yiyuan.store.tables.catalog import PriceChangeRow


class WaitingChange(NamedTuple):
    """A change that has not been made: the price as JSON, the time in ms."""

    model: str
    price_id: str
    effective_at: int
    document: str


class PriceVersion(NamedTuple):
    """A price that a model has, had, or will have; times in ms."""

    price_id: str
    document: str
    created_at: int
    effective_at: int
    is_waiting: bool


def schedule(model: str, price_id: str, effective_at: int) -> Statement:
    """Keep a change for later; another for the same moment is refused."""
    return insert("price_changes", PriceChangeRow(model, price_id, effective_at, None))


async def waiting(database: Database) -> list[WaitingChange]:
    """Changes that have not been made, in the order of their times."""
    sql = """SELECT price_changes.model, price_id, effective_at, document
             FROM price_changes JOIN prices ON prices.id = price_id
             WHERE applied_at IS NULL ORDER BY effective_at, price_changes.model"""
    return [WaitingChange(*row) for row in await database.read(sql)]


def take_effect(change: WaitingChange, at: int) -> list[Statement]:
    """Make a change, once, whoever else tries."""
    put = """UPDATE models SET price_id = ? WHERE name = ? AND EXISTS (
                 SELECT 1 FROM price_changes
                 WHERE model = ? AND effective_at = ? AND applied_at IS NULL)"""
    key = (change.model, change.effective_at)
    done = """UPDATE price_changes SET applied_at = ?
              WHERE model = ? AND effective_at = ? AND applied_at IS NULL"""
    return [(put, (change.price_id, change.model, *key)), (done, (at, *key))]


async def versions(database: Database, model: str) -> list[PriceVersion]:
    """Every price of a model, the latest first."""
    sql = """SELECT prices.id, prices.document, prices.created_at,
                    coalesce(price_changes.effective_at, prices.created_at),
                    CASE WHEN price_changes.price_id IS NOT NULL
                              AND price_changes.applied_at IS NULL THEN 1 ELSE 0 END
             FROM prices LEFT JOIN price_changes ON price_changes.price_id = prices.id
             WHERE prices.model = ? ORDER BY 4 DESC, prices.id DESC"""
    return [
        PriceVersion(row[0], row[1], row[2], row[3], bool(row[4]))
        for row in await database.read(sql, (model,))
    ]
