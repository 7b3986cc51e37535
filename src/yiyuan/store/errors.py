"""How a database fails, whichever engine it is.

A commit of SQLite that fails may or may not have reached the disk. Going on from
there could charge twice or never, so nothing is written any more and the process is
expected to exit (fail-stop); the next start reads the truth from the disk.

PostgreSQL may be away for a while and come back: that is `DatabaseAway`, and whether
an unanswered commit took effect is looked up when it is back.
"""

import sqlite3

from yiyuan.kernel.errors import Overloaded


class LedgerUnavailable(Overloaded):
    """The writer has stopped: nothing that was not confirmed is known to be stored.

    To a client it is a 503 like any other.
    """

    def __init__(self, reason: str) -> None:
        """`reason` is for the operator's log, never for a client."""
        super().__init__()
        self.reason = reason
        self.args = (reason,)


class DatabaseAway(LedgerUnavailable):
    """The database server cannot be reached right now; it may be back at any time."""


class StoreError(Exception):
    """PostgreSQL refused a statement."""


class StoreConflict(StoreError):
    """PostgreSQL refused a row: it is there already, or breaks a rule of the schema."""


# For `except`: what the engines' drivers raise when a statement is refused.
REFUSED = (sqlite3.Error, StoreError)
CONFLICT = (sqlite3.IntegrityError, StoreConflict)
