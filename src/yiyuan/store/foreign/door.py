"""Which door an address leads to."""

from pathlib import Path

from yiyuan.i18n.message import Message
from yiyuan.store.foreign.contract import Choose, ForeignError, Reading
from yiyuan.store.foreign.mysql import read_mysql
from yiyuan.store.foreign.sqlite import read_sqlite


async def read_foreign(place: str, choose: Choose) -> Reading:
    """The chosen tables of a file or a database URL. Raises ForeignError."""
    if "@tcp(" in place or "@unix(" in place:
        message = "write the address as mysql://USER:PASSWORD@HOST:PORT/DATABASE"
        raise ForeignError(message)  # without the address: a password stands in it
    scheme, separator, _ = place.partition("://")
    if not separator:
        return await read_sqlite(Path(place), choose)
    match scheme.lower():
        case "postgresql" | "postgres":
            from yiyuan.store.foreign.postgres import read_postgres  # noqa: PLC0415 - its driver is large

            return await read_postgres(place, choose)
        case "mysql" | "mariadb":
            return await read_mysql("mysql" + place[len(scheme) :], choose)
        case "sqlite" | "file":
            return await read_sqlite(Path(place[len(scheme) + 3 :]), choose)
        case _:
            template = "{scheme}:// is no database that can be read"
            raise ForeignError(Message(template, scheme=scheme))
