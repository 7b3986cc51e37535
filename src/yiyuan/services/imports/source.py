"""Reading the other shop: its rows through a door, its answers, and what both come to.

The program that was named has to be the one that is there: the same number of a channel
means another vendor in another program. Parsing is done in a thread, so that requests go
on meanwhile.
"""

import asyncio
import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import nsmallest
from typing import Any

from yiyuan.i18n.message import Message
from yiyuan.integrations.importers.contract import BadAnswer, Importer, Schema, Shop, Source
from yiyuan.integrations.importers.discovery import discover, recognise
from yiyuan.integrations.importers.shared.numbers import read_json
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.services.imports.checks.live import fetch_answers
from yiyuan.services.imports.settings import ImportSettings, rate_of
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.foreign.contract import ForeignError, Reading
from yiyuan.store.foreign.door import read_foreign

_ROWS_IN_PRINT = 5


@dataclass(slots=True, kw_only=True)
class ReadShop:
    """A shop and what its units are worth here."""

    shop: Shop
    rate: str
    source_print: str
    micros_per_unit: Fraction = field(init=False)
    """What one unit is worth in micros; 元 per million tokens for a unit per token."""

    def __post_init__(self) -> None:
        """Raises ServiceError when the rate is none, or an amount is beyond any account."""
        self.micros_per_unit = self.shop.micros_per_unit(rate_of(self.rate))
        most = MICROS_MAX // self.micros_per_unit
        for what, units in _amounts(self.shop):
            if units > most:
                message = Message(
                    "{what} has {units} units, which is more than an account can hold",
                    what=what,
                    units=units,
                )
                raise ServiceError("source_unusable", message)

    def at(self, rate: str) -> "ReadShop":
        """The same at another rate."""
        return ReadShop(shop=self.shop, rate=rate, source_print=self.source_print)


async def read_shop(context: ServiceContext, settings: ImportSettings) -> ReadShop:
    """The other shop as it is now. Raises ServiceError."""
    importer = discover()[settings.kind]
    if settings.live:
        settings.answers |= await fetch_answers(importer, settings)
    try:
        reading = await read_foreign(settings.place, lambda schema: _choose(importer, schema))
        shop = await asyncio.to_thread(_parse, context.clock.wall_ms(), importer, settings, reading)
    except ForeignError as error:
        raise ServiceError("source_unusable", error.said) from error
    except BadAnswer as error:
        raise ServiceError("bad_answer", error.said) from error
    except (AttributeError, LookupError, TypeError, ValueError, ArithmeticError) as error:
        message = Message(
            "a row has not the form that {program} gives it: {error}",
            program=importer.title,
            error=f"{error!r:.200}",
        )
        raise ServiceError("source_unusable", message) from error
    return ReadShop(
        shop=shop,
        rate=settings.rate or shop.proposed_rate,
        source_print=_print(importer, reading),
    )


def _amounts(shop: Shop) -> Iterator[tuple[Message, Fraction]]:
    """What becomes money here; root's is judged by the ledger, if it comes along."""
    people = [each for each in shop.people if each.role != "root"]
    yield from ((Message("user {user}", user=each.source_id), each.units) for each in people)
    yield from ((Message("code {code}", code=c.source_id), c.units) for c in shop.codes)
    yield from ((Message("user {user}", user=p.owner), p.units) for p in shop.promises)


def _choose(importer: Importer, schema: Schema) -> Collection[str]:
    if not importer.recognises(schema):
        found, program = recognise(schema), importer.title
        if found:
            template = "this is not the database of {program}: it looks like {found}"
        else:
            template = "this is not the database of {program}: no program that is known made it"
        raise ServiceError("wrong_kind", Message(template, program=program, found=found))
    return [table for table in importer.tables if table in schema]


def _parse(now_ms: int, importer: Importer, settings: ImportSettings, reading: Reading) -> Shop:
    answers: dict[str, Any] = {
        name: read_json(text, Message("the answer `{name}`", name=name))
        for name, text in settings.answers.items()
    }
    return importer.read(
        Source(
            schema=reading.schema,
            tables=reading.tables,
            answers=answers,
            now=now_ms // 1000,
            options={
                "balance": settings.balance,
                "salt_key": settings.salt_key or None,
                "affiliate": settings.affiliate,
                "duplicates": settings.duplicates,
                "roles": settings.roles,
                "subscriptions": settings.subscriptions,
            },
        )
    )


def is_same_source(before: str, now: str) -> bool:
    """Whether two prints are of one database: of its oldest rows one at least is as it was.

    More than one, because root may choose another password between two takes.
    """
    return not set(before.split(".")).isdisjoint(now.split("."))


def _print(importer: Importer, reading: Reading) -> str:
    """Tells this database from another: its kind and its oldest rows."""
    table, column = importer.oldest
    rows = reading.tables.get(table, ())
    if not rows:
        return f"{importer.name}:empty"
    rows = [row for row in rows if row.get("password")] or rows  # without one, all are alike
    oldest = nsmallest(_ROWS_IN_PRINT, rows, key=lambda row: (str(type(row[column])), row[column]))
    prints = []
    for row in oldest:
        parts = [importer.name, str(row[column]), str(row.get("password") or "")]
        prints.append(hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32])
    return ".".join(prints)
