"""What is no part of a request: top-ups, grants, refunds, new accounts, budgets.

A posting is looked up before it is made, so that the same key posts once; the look-up
stays true because nobody else may work on that key meanwhile.
"""

import asyncio
from typing import Any

from yiyuan.ledger.errors import (
    AccountExists,
    AlreadyRefunded,
    IdempotencyMismatch,
    NothingToRefund,
)
from yiyuan.ledger.key_locks import KeyLocks
from yiyuan.ledger.operations import Answer, Credit, OpenAccount, Operation, Refund, Rename
from yiyuan.ledger.release_queue import ReleaseQueue
from yiyuan.ledger.rules.accounts import refund_key, reverse_of
from yiyuan.ledger.sqlite.group_commit import GroupCommit
from yiyuan.store.queries.ledger import account_by_name, entry_by_key, refundable
from yiyuan.store.sqlite.database import SqliteDatabase
from yiyuan.store.tables.ledger import EntryRow


class Postings:
    """Carries postings through, also when whoever asked is gone."""

    def __init__(
        self, database: SqliteDatabase, commits: GroupCommit, releases: ReleaseQueue
    ) -> None:
        """`releases` is woken by money that comes in."""
        self._database = database
        self._commits = commits
        self._releases = releases
        self._claims = KeyLocks()
        self._running: set[asyncio.Task[Any]] = set()

    async def post(self, operation: Operation[Answer]) -> Answer:
        """Durable on return; carried through if the caller is cancelled. Raises LedgerError."""
        task: asyncio.Task[Answer] = asyncio.ensure_future(self._post(operation))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def end(self) -> None:
        """Wait for those that run."""
        if self._running:
            await asyncio.wait(self._running)

    async def _post(self, operation: Operation[Any]) -> Any:
        match operation:
            case Refund():
                return await self._refund(operation)
            case OpenAccount() | Rename():
                return await self._named(operation)
            case Credit():
                return await self._credit(operation)
        return await self._commits.durable(self._commits.apply(operation))

    async def _credit(self, operation: Credit) -> EntryRow:
        if operation.idem_key is None:
            return await self._book(operation)
        async with self._claims.on(operation.idem_key):
            first = await entry_by_key(self._database, operation.idem_key)
            if first is None:
                return await self._book(operation)
        wanted = (operation.account_id, operation.kind, operation.amount_micros, operation.contra)
        if wanted != (first.account_id, first.kind, first.amount, first.contra):
            raise IdempotencyMismatch(operation.idem_key)
        return first

    async def _book(self, operation: Credit) -> EntryRow:
        entry = self._commits.apply(operation)
        self._releases.wake(operation.account_id)
        return await self._commits.durable(entry)

    async def _refund(self, operation: Refund) -> EntryRow:
        key = refund_key(operation.request_id)
        async with self._claims.on(key):
            if await entry_by_key(self._database, key) is not None:
                raise AlreadyRefunded(operation.request_id)
            found = await refundable(self._database, operation.request_id)
            if found is None:
                raise NothingToRefund(operation.request_id)
            reverse = reverse_of(operation, found)
            return await self._commits.durable(self._commits.apply(reverse))

    async def _named(self, operation: OpenAccount | Rename) -> Any:
        # A name that a renaming sets free is taken until that is stored: looked up there.
        async with self._claims.on(f"name:{operation.name}"):
            holder = await account_by_name(self._database, operation.name)
            is_own = isinstance(operation, Rename) and holder == operation.account_id
            if holder is not None and not is_own:
                raise AccountExists(operation.name)
            return await self._commits.durable(self._commits.apply(operation))
