"""Every change that other nodes must follow has a number of its own in the database."""

from tests.unit.services.conftest import CATALOG
from yiyuan.store.tables.catalog import read_version


async def test_catalog_and_tokens_count(operator):
    async def version():
        return await read_version(operator.context.database)

    seen = [await version()]
    await operator.apply(CATALOG)
    seen.append(await version())
    await operator("account.create", name="alice", balance=10)
    made = await operator("token.create", account="alice", name="laptop")
    seen.append(await version())
    await operator("token.rotate", id=made["id"])
    seen.append(await version())
    await operator("token.revoke", id=made["id"])
    seen.append(await version())
    await operator.apply(CATALOG)
    assert seen == [0, 1, 2, 3, 4]
    assert await version() == 4, "what changes nothing has no number"
