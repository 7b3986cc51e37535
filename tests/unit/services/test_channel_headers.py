"""Extra headers of a channel are kept like its keys: sealed, by reference, tied to an address."""

import pytest

from yiyuan.auth.encryption import SealError
from yiyuan.services.catalog import edit
from yiyuan.services.catalog.catalog import load_catalog
from yiyuan.services.catalog.channel_headers import open_headers, reference, seal_headers
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables.catalog import read_catalog, set_headers

SECRET = "of-the-vendor-1234"
CATALOG = f"""
[[channel]]
name = "openai"
provider = "openai"
base_url = "https://one.example/v1"
api_key = "sk-upstream-1234"
models = {{ "gpt-4" = "gpt-4.1" }}
headers = {{ x-org = "{SECRET}", x-two = "2" }}

[[model]]
name = "gpt-4"
price = {{ input = "30", output = "60" }}
"""


async def stored(operator) -> str:
    (row,) = (await read_catalog(operator.context.database)).channels
    return row.headers


async def sent(operator) -> tuple:
    (channel,) = (await load_catalog(operator.context)).channels
    return channel.headers


async def test_they_are_sealed_and_sent_as_they_were_given(operator):
    await operator.apply(CATALOG)
    assert (await stored(operator)).startswith("sealed:")
    assert SECRET not in await stored(operator)
    assert await sent(operator) == (("x-org", SECRET), ("x-two", "2"))


async def test_an_export_names_them_by_reference_and_changes_nothing_when_applied(operator):
    await operator.apply(CATALOG)
    toml = (await operator("catalog.export"))["toml"]
    assert SECRET not in toml
    assert reference("openai", "x-org") in toml
    done = await operator.apply(toml)
    assert (done["created"], done["changed"]) == ([], [])
    assert dict(await sent(operator))["x-org"] == SECRET


async def test_a_reference_leads_to_no_other_address(operator):
    await operator.apply(CATALOG)
    toml = (await operator("catalog.export"))["toml"].replace("one.example", "two.example")
    toml = "\n".join(line for line in toml.splitlines() if not line.startswith("api_key"))
    with pytest.raises(ServiceError) as refused:
        await operator.apply(toml)
    assert "address has changed" in refused.value.message
    assert SECRET not in refused.value.message


async def test_a_change_of_something_else_keeps_them(operator):
    await operator.apply(CATALOG)
    await edit.put_channel(operator.context, "openai", {"priority": 7})
    assert dict(await sent(operator))["x-org"] == SECRET


async def test_a_variable_that_is_not_set_is_told_by_its_name(operator):
    with pytest.raises(ServiceError) as refused:
        await operator.apply(CATALOG.replace(f'"{SECRET}"', '{ env = "NOT_SET" }'))
    assert "NOT_SET is not set" in refused.value.message


async def test_what_an_older_release_kept_in_clear_is_sealed_at_the_start(operator):
    await operator.apply(CATALOG)
    (row,) = (await read_catalog(operator.context.database)).channels
    await operator.context.database.write([set_headers(row.id, f'{{"x-org": "{SECRET}"}}')])
    assert await sent(operator) == (("x-org", SECRET),)
    await edit.seal_old_headers(operator.context)
    assert (await stored(operator)).startswith("sealed:")
    assert await sent(operator) == (("x-org", SECRET),)


def test_they_open_for_their_own_channel_only():
    key = bytes(32)
    sealed = seal_headers(key, (("x-org", SECRET),), "ch_1")
    assert open_headers(key, sealed, "ch_1") == (("x-org", SECRET),)
    with pytest.raises(SealError):
        open_headers(key, sealed, "ch_2")
    assert seal_headers(key, (), "ch_1") == "{}"
