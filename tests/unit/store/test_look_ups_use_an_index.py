"""What is looked up for a request, a sign-in or a credit is found, not searched for."""

import pytest

from yiyuan.store.queries import imports as moves
from yiyuan.store.sqlite.database import SqliteDatabase
from yiyuan.store.tables import api_tokens, imports, redeem_codes, site_settings
from yiyuan.store.tables.people import identities, management_keys, sessions, users
from yiyuan.store.tables.requests import shortfall_stops

LOOK_UPS = {
    "a key": lambda database: api_tokens.find_by_hash(database, b"h"),
    "keys of an account": lambda database: api_tokens.of_account(database, "a"),
    "a key in an old form": lambda database: moves.find_old_key(database, [b"h", b"i"], "s"),
    "a key by an old hash": lambda database: imports.find_legacy_key(database, "s"),
    "who keys belong to": lambda database: imports.token_owners(database, [b"h"]),
    "what an account owes there": lambda database: imports.owing(database, "a"),
    "all who owe": imports.owing,
    "what a move has taken": lambda database: imports.imported(database, "m", "user"),
    "what a move has booked": lambda database: imports.booked(database, "m"),
    "orders of before": lambda database: imports.orders_of(database, "a"),
    "budgets of a move": lambda database: moves.budget_limits(database, "m"),
    "somebody by e-mail": lambda database: users.find_by_email(database, "e"),
    "somebody by name": lambda database: users.find_by_login_name(database, "n"),
    "accounts of somebody": lambda database: users.accounts_of(database, "u"),
    "members of an account": lambda database: users.members_of(database, "a"),
    "an identity": lambda database: identities.find_identity(database, "p", "s"),
    "a session": lambda database: sessions.find_session(database, b"h"),
    "a management key": lambda database: management_keys.find_management_key(database, b"h"),
    "a redemption code": lambda database: redeem_codes.find_code(database, "h"),
    "an account's profile": lambda database: site_settings.find_profile(database, "a"),
    "open stops": shortfall_stops.open_stops,
}
WHOLE = ("imported_owing", "shortfall_stops")
"""What may be read whole: it holds only the few rows that somebody has to look at."""


class Asked:
    """A database that notes what it is asked."""

    def __init__(self, database):
        self._database, self.statements = database, []

    async def read(self, sql, parameters=()):
        self.statements.append((sql, parameters))
        return await self._database.read(sql, parameters)


@pytest.mark.parametrize("name", LOOK_UPS)
async def test_it_is_found_by_an_index(tmp_path, name):
    database = await SqliteDatabase.open(tmp_path)
    try:
        asked = Asked(database)
        await LOOK_UPS[name](asked)
        assert asked.statements
        for sql, parameters in asked.statements:
            plan = [row[3] for row in await database.read(f"EXPLAIN QUERY PLAN {sql}", parameters)]
            searched = [step for step in plan if step.startswith("SCAN")]
            assert [s for s in searched if not any(each in s for each in WHOLE)] == [], plan
    finally:
        await database.close()
