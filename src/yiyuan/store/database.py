"""What the rooms above know of a database, whichever engine it is.

`sqlite/database.py` and `postgres/database.py` both look like this. SQL above this room keeps
to what both engines understand: `?` for values, `BIGINT` in casts, `INSERT … ON CONFLICT`, no
functions but count, sum, max, coalesce, substr. Times and money are integers of 64 bits, flags
0 or 1, texts have no NUL.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

Statement = tuple[str, Sequence[Any]]
T = TypeVar("T")


class Row(Protocol):
    """One row, by position or by column name; also a sequence of its values."""

    def __getitem__(self, key: Any, /) -> Any:
        """One value."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """All values, in the order of the columns."""
        ...

    def __len__(self) -> int:
        """Number of columns."""
        ...


class Cursor(Protocol):
    """The rows of one query, read as they are needed."""

    row_factory: Any
    """None makes plain tuples where the engine would make something richer."""

    def execute(self, sql: str, values: Sequence[Any] = ..., /) -> Any:
        """Run a query; returns a cursor over its rows."""
        ...

    def fetchone(self) -> Any:
        """The next row, or None."""
        ...

    def fetchmany(self, size: int = ..., /) -> list[Any]:
        """The next rows, at most `size`."""
        ...

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """The rows that are left."""
        ...


class Connection(Protocol):
    """What `run_read` gives: read-only, and everything it sees is of one moment."""

    def execute(self, sql: str, values: Sequence[Any] = ..., /) -> Cursor:
        """Run a query."""
        ...

    def cursor(self) -> Cursor:
        """A cursor to run a query with."""
        ...


class Database(Protocol):
    """An open database."""

    @property
    def is_failed(self) -> bool:
        """Whether it has stopped for good; then every write is refused."""
        ...

    async def write(self, statements: Sequence[Statement]) -> list[int]:
        """Execute statements in one transaction; durable on return.

        Returns the count of rows that each has changed. Raises `failure.REFUSED`
        when a statement is refused, and then none of them took effect.
        """
        ...

    async def read(self, sql: str, values: Sequence[Any] = ()) -> Sequence[Row]:
        """Rows of a short query."""
        ...

    async def run_read(self, function: Callable[[Connection], T]) -> T:
        """Run `function` in a thread with a read-only view of one moment."""
        ...

    async def close(self) -> None:
        """Close; a second call does nothing."""
        ...
