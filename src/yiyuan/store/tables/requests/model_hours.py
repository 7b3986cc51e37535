"""How many requests each model answered and failed, by the hour: what the status page shows.

Hours older than `KEPT_HOURS` are deleted, so there are never more rows than that times the
models that the catalog had meanwhile.
"""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns

KEPT_HOURS: Final = 8 * 24

_COUNT: Final = """
INSERT INTO model_hours (hour, model, answered, failed) VALUES (?, ?, ?, ?)
ON CONFLICT (hour, model) DO UPDATE SET answered = model_hours.answered + excluded.answered,
                                        failed = model_hours.failed + excluded.failed
"""
_TRIM: Final = "DELETE FROM model_hours WHERE hour < ?"
_SUMS: Final = """
SELECT model, CAST(sum(answered) AS BIGINT), CAST(sum(failed) AS BIGINT)
FROM model_hours WHERE hour >= ? GROUP BY model
"""


class ModelHourRow(NamedTuple):
    """One hour (counted since 1970) of one model."""

    hour: int
    model: str
    answered: int
    failed: int


class ModelSums(NamedTuple):
    """What some hours of a model come to."""

    model: str
    answered: int
    failed: int


def count_hour(row: ModelHourRow) -> Statement:
    """Add to what an hour has."""
    return (_COUNT, row)


def trim_hours(now_hour: int) -> Statement:
    """Delete what is older than is kept."""
    return (_TRIM, (now_hour - KEPT_HOURS + 1,))


async def hours_since(database: Database, hour: int) -> list[ModelHourRow]:
    """Every hour from this one on, in order."""
    sql = f"""SELECT {columns(ModelHourRow)} FROM model_hours
              WHERE hour >= ? ORDER BY hour, model"""  # noqa: S608 - field names
    return [ModelHourRow(*row) for row in await database.read(sql, (hour,))]


async def sums_since(database: Database, hour: int) -> list[ModelSums]:
    """The same added up by model."""
    return [ModelSums(*row) for row in await database.read(_SUMS, (hour,))]


TABLES: Final = (Table("model_hours", ModelHourRow, "hour, model"),)
