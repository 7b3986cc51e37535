"""Slows down who guesses, over all processes and restarts: failures are in the database.

Failures are counted by person and address block. A block in which the person has signed
in before has a count of its own, so strangers elsewhere lock nobody out of their usual
places. Anywhere else a try also counts against the person everywhere unknown, and
against the block for everybody, with more free tries each: guessing one person from many
places, and many persons from one place, both get slow.

A try is counted before it is known how it ends, so that tries side by side are not all
the first. One that was no guess is put back; success forgives the pair of person and
block, and puts back the wider counts, which others may have earned.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from yiyuan.auth.opaque_secret import secret_hash
from yiyuan.http.address_block import address_block
from yiyuan.kernel.calendar import DAY_MS
from yiyuan.services.notifications.outbox import notice_statement
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import TryLater
from yiyuan.store.database import Statement
from yiyuan.store.tables.people import sign_in_failures as rows
from yiyuan.store.tables.people.sign_in_failures import FailuresRow
from yiyuan.store.tables.people.users import UserRow

FREE_TRIES: Final = 5
WIDE_FREE_TRIES: Final = 30
FIRST_WAIT_MS: Final = 1_000
WAIT_MS_MAX: Final = 900_000
FORGET_MS: Final = 3_600_000
PLACE_DAYS: Final = 90
_KEPT_MS = DAY_MS


class TooManyTries(TryLater):
    """Whoever guesses has to wait."""

    def __init__(self, wait_seconds: int) -> None:
        """`wait_seconds` is what `Retry-After` says."""
        super().__init__("too_many_tries", f"too many tries: wait {wait_seconds} s", wait_seconds)


class Key(NamedTuple):
    """What failures are counted against."""

    text: str
    free: int = FREE_TRIES
    is_own: bool = True
    """Whether success forgives it; a wider count is put back instead."""


@dataclass(slots=True, frozen=True)
class Attempt:
    """One try that was counted, and what the counts were before."""

    keys: tuple[Key, ...]
    before: dict[str, FailuresRow]
    at: int


async def keys_of_person(
    context: ServiceContext, user: UserRow | None, login: str, address: str
) -> tuple[Key, ...]:
    """What a try to be this person counts against; `login` names nobody who is here."""
    block = address_block(address)
    person = user.id if user is not None else secret_hash(login).hex()
    since = context.clock.wall_ms() - PLACE_DAYS * DAY_MS
    pair = Key(f"person {person} at {block}")
    if await rows.is_known_place(context.database, person, block, since):
        return (pair,)
    return (
        pair,
        Key(f"person {person} elsewhere", WIDE_FREE_TRIES, is_own=False),
        Key(f"block {block}", WIDE_FREE_TRIES, is_own=False),
    )


def key_of_block(what: str, address: str) -> Key:
    """What a try that names no person counts against, such as a link that may be guessed."""
    return Key(f"{what} at {address_block(address)}", WIDE_FREE_TRIES)


async def begin(context: ServiceContext, *keys: Key) -> Attempt:
    """Count a try. Raises TooManyTries, and then nothing was counted."""
    now = context.clock.wall_ms()
    ordered = tuple(sorted(keys))  # one order everywhere: no two transactions wait for each other
    before = await rows.failures_of(context.database, [key.text for key in ordered])
    waits = (row.last_at + row.wait_ms - now for row in before.values() if row.wait_ms)
    wait_ms = max(waits, default=0)
    if wait_ms > 0:
        raise TooManyTries(wait_ms // 1000 + 1)
    counted = await context.database.write(
        [
            rows.forget_old_failures(now - _KEPT_MS),
            *(
                rows.count_failure(
                    key.text,
                    now,
                    free=key.free,
                    first_wait_ms=FIRST_WAIT_MS,
                    wait_ms_max=WAIT_MS_MAX,
                    forget_ms=FORGET_MS,
                )
                for key in ordered
            ),
        ]
    )
    if 0 in counted[1:]:  # another try was first: what this one has counted wider is no guess
        taken = zip(ordered, counted[1:], strict=True)
        await context.database.write(
            [rows.take_back_one(key.text, free=key.free) for key, count in taken if count]
        )
        raise TooManyTries(FIRST_WAIT_MS // 1000)
    return Attempt(ordered, before, now)


async def put_back(context: ServiceContext, attempt: Attempt) -> None:
    """It was no guess: the counts are as they were."""
    await context.database.write([_put_back(attempt, key) for key in attempt.keys])


async def succeeded(context: ServiceContext, attempt: Attempt, user_id: str, address: str) -> None:
    """It was right: forgive, and know the place from now on."""
    await context.database.write(
        [
            *(
                rows.forgive(key.text) if key.is_own else _put_back(attempt, key)
                for key in attempt.keys
            ),
            *await note_place(context, user_id, address),
        ]
    )


async def note_place(context: ServiceContext, user_id: str, address: str) -> list[Statement]:
    """Know a place from now on; one that is new is told to whoever wants to be told of it."""
    block, now = address_block(address), context.clock.wall_ms()
    since = now - PLACE_DAYS * DAY_MS
    statements = [rows.know_place(user_id, block, now), rows.forget_old_places(since)]
    is_known = await rows.is_known_place(context.database, user_id, block, since)
    if not is_known and await rows.has_place(context.database, user_id):
        data = {"place": block}
        statements.append(notice_statement(context, "person.new_sign_in", data, user_id=user_id))
    return statements


async def failed(context: ServiceContext, *keys: Key) -> None:
    """Count a failure whose end is known."""
    await begin(context, *keys)


def _put_back(attempt: Attempt, key: Key) -> Statement:
    found = attempt.before.get(key.text)
    if found is None:
        found = FailuresRow(key.text, 0, 0, attempt.at)
    return rows.uncount_failure(found, attempt.at)
