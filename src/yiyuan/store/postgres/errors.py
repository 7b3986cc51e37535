"""Sorts what asyncpg raises: the server is away, somebody was faster, or a fault."""

import asyncio
from typing import Final

import asyncpg

from yiyuan.store.errors import DatabaseAway, StoreConflict, StoreError

# The server, or the way to it, is gone for now.
_AWAY: Final = (
    OSError,  # and TimeoutError
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncio.IncompleteReadError,
)
# Somebody else was in the way: the same again may work.
BUSY: Final = (
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.SerializationError,
)
# What the driver raises, whatever the cause.
DRIVER: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # such as a connection that ended in the wrong moment
    OSError,
)
REFUSED: Final = (*DRIVER, ValueError, OverflowError)


def is_away(error: BaseException) -> bool:
    """Whether it was the connection that failed, not what was asked."""
    # A value that the driver cannot send is an InterfaceError too, and our fault.
    return isinstance(error, _AWAY) and not isinstance(error, ValueError)


def translate(error: Exception) -> Exception:
    """The error as callers of this room know it."""
    text = f"{type(error).__name__}: {error}"
    if is_away(error):
        return DatabaseAway(text)
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return StoreConflict(text)
    return StoreError(text)
