"""An open shop on either engine: commands as operators give them, and rows as nobody should."""

import sqlite3
from contextlib import asynccontextmanager

from tests.support.postgres_server import query
from tests.unit.services.conftest import CATALOG, Operator
from yiyuan.kernel.settings import load
from yiyuan.services.shared.opening import open_context

ENGINES = ("sqlite", "postgres")
DAY = 86_400_000


class Shop(Operator):
    """A desk with one model and an account, and the database behind it."""

    def rows(self, sql):
        """What a query of ours finds."""
        if self.context.settings.database_url is not None:
            return [tuple(row) for row in query(self.context.settings.database_url, sql)]
        with sqlite3.connect(self.context.settings.home / "yiyuan.db") as connection:
            return connection.execute(sql).fetchall()

    def spoil(self, *statements):
        """Change rows behind the back of the product, history too."""
        if self.context.settings.database_url is not None:
            for statement in (
                "ALTER TABLE entries DISABLE TRIGGER USER",
                *statements,
                "ALTER TABLE entries ENABLE TRIGGER USER",
            ):
                query(self.context.settings.database_url, statement)
            return
        connection = sqlite3.connect(self.context.settings.home / "yiyuan.db", timeout=30)
        for statement in (
            "DROP TRIGGER IF EXISTS entries_are_never_changed",
            "DROP TRIGGER IF EXISTS entries_are_never_deleted",
            *statements,
        ):
            connection.execute(statement)
        connection.commit()
        connection.close()


@asynccontextmanager
async def open_shop(engine, request, tmp_path, **variables):
    """A new shop with the account `alice` of 1 元."""
    if engine == "postgres":
        variables["YIYUAN_DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    settings = load(variables, home=tmp_path / "home")
    async with open_context(settings) as context:
        shop = Shop(context)
        await shop.apply(CATALOG + '[[model]]\nname = "b"\nprice = { input = "1", output = "2" }\n')
        shop.account = (await shop("account.create", name="alice", balance=1_000_000))["id"]
        yield shop
