"""A PostgreSQL database looked at from outside: nothing is created or changed."""

from yiyuan.store.postgres.database import connect
from yiyuan.store.postgres.errors import REFUSED, translate
from yiyuan.store.postgres.migrate import schema_version
from yiyuan.store.postgres.url import WITHOUT_NAMES, connect_options


async def stored_schema(url: str) -> int:
    """The number of the last migration; 0 when empty. Raises DatabaseAway, StoreError."""
    try:
        connection = await connect(connect_options(url) | WITHOUT_NAMES)
        try:
            async with connection.transaction():
                return await schema_version(connection)
        finally:
            await connection.close()
    except REFUSED as error:
        raise translate(error) from error
