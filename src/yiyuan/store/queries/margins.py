"""What came in and what it cost: by day, by model, by channel.

Revenue is charges less refunds, a refund counting on the day on which it was made. What an
upstream took is known only of requests whose channel has a cost: margins are of those
alone, and say what part of the revenue that is. Sums go account by account along the index
on (account_id, admitted_at); refunds are found by the index on their keys.
"""

from typing import Any, Final, Literal, NamedTuple

from yiyuan.kernel.calendar import DAY_MS
from yiyuan.store.database import Connection, Database

By = Literal["day", "model", "channel"]

_REFUND: Final = "refund:"
_AFTER_REFUNDS: Final = "refund;"
"""What comes right after every key that begins with `refund:`."""


class Takings(NamedTuple):
    """One group's sums; amounts in micros. `costed` is the revenue whose cost is known."""

    revenue: int = 0
    costed: int = 0
    cost: int = 0
    requests: int = 0
    input_tokens: int = 0
    cached_input_tokens: int = 0
    """Of these, what an upstream had in its cache."""

    def plus(self, other: "Takings") -> "Takings":
        """Both together."""
        return Takings(*(one + another for one, another in zip(self, other, strict=True)))

    @property
    def margin(self) -> int | None:
        """What is left of the costed revenue; None where no cost is known."""
        return None if self.costed == 0 and self.cost == 0 else self.costed - self.cost


_GROUPS: Final[dict[By, tuple[str, str, str]]] = {
    "day": (f"u.admitted_at / {DAY_MS}", "u.day", f"e.at / {DAY_MS}"),
    "model": ("u.model", "u.model", "u.model"),
    "channel": ("u.channel_id", "NULL", "u.channel_id"),
}
"""The group of a request, of a day of expired ones, and of a refund."""

_REQUESTS: Final = """
SELECT {group}, CAST(sum(u.charge) AS BIGINT),
       CAST(coalesce(sum(CASE WHEN u.upstream_cost IS NOT NULL THEN u.charge END), 0) AS BIGINT),
       CAST(coalesce(sum(u.upstream_cost), 0) AS BIGINT), count(*),
       CAST(coalesce(sum(u.input_tokens), 0) AS BIGINT),
       CAST(coalesce(sum(u.cached_input_tokens), 0) AS BIGINT)
FROM accounts JOIN usage AS u ON u.account_id = accounts.id AND u.admitted_at >= ?
GROUP BY 1
"""
# Of days that expired before this was kept apart, the part with a known cost is unknown:
# then the cost is left out as well.
_DAYS: Final = """
SELECT {group}, CAST(sum(u.charge) AS BIGINT),
       CAST(coalesce(sum(u.costed_charge), 0) AS BIGINT),
       CAST(coalesce(sum(CASE WHEN u.costed_charge IS NOT NULL THEN u.upstream_cost END), 0)
            AS BIGINT), CAST(sum(u.requests) AS BIGINT),
       CAST(coalesce(sum(u.input_tokens), 0) AS BIGINT),
       CAST(coalesce(sum(u.cached_input_tokens), 0) AS BIGINT)
FROM accounts JOIN usage_days AS u ON u.account_id = accounts.id AND u.day >= ?
GROUP BY 1
"""
_REFUNDS: Final = """
SELECT {group}, CAST(-sum(e.amount) AS BIGINT),
       CAST(-coalesce(sum(CASE WHEN u.upstream_cost IS NOT NULL THEN e.amount END), 0) AS BIGINT)
FROM entries AS e LEFT JOIN usage AS u ON u.request_id = substr(e.idem_key, 8)
WHERE e.idem_key >= ? AND e.idem_key < ? AND e.kind = 'refund' AND e.at >= ?
GROUP BY 1
"""


async def takings(database: Database, since_ms: int, by: By) -> dict[Any, Takings]:
    """The sums since a time by group: a day since 1970, a model's name, a channel's id.

    A refund of a request that has expired belongs to no model or channel: its group is None.
    """
    groups = _GROUPS[by]
    queries = (
        (_REQUESTS.format(group=groups[0]), (since_ms,)),
        (_DAYS.format(group=groups[1]), (since_ms // DAY_MS,)),
        (_REFUNDS.format(group=groups[2]), (_REFUND, _AFTER_REFUNDS, since_ms)),
    )

    def read(connection: Connection) -> dict[Any, Takings]:
        found: dict[Any, Takings] = {}
        for sql, values in queries:
            for group, *sums in map(tuple, connection.execute(sql, values)):
                found[group] = found.get(group, Takings()).plus(Takings(*sums))
        return found

    return await database.run_read(read)
