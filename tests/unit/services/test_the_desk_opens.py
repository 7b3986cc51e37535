"""One process per home, one secret key per database, and clear words otherwise."""

import os
import sqlite3

import pytest

from tests.unit.services.conftest import CATALOG, Operator
from yiyuan.auth.secret_key import FILE_NAME
from yiyuan.kernel.settings import load
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.opening import open_context, open_store


async def fault(settings):
    with pytest.raises(ServiceError) as caught:
        async with open_context(settings, patience_seconds=0.1):
            pass
    return caught.value


async def test_a_second_opening_is_refused_and_names_the_first(operator, settings):
    error = await fault(settings)
    assert error.code == "home_locked"
    assert str(os.getpid()) in error.message


async def test_it_opens_again_after_closing(settings):
    for _ in range(2):
        async with open_context(settings):
            pass
    async with open_store(settings):
        pass


async def test_another_secret_key_is_refused(settings, tmp_path):
    async with open_context(settings):
        pass
    other = load({"YIYUAN_SECRET_KEY": "A" * 43 + "="}, home=settings.home)
    error = await fault(other)
    assert error.code == "secret_key"
    assert "is not the one" in error.message


async def test_a_lost_secret_key_is_not_silently_made_anew(settings):
    async with open_context(settings):
        pass
    (settings.home / FILE_NAME).unlink()
    error = await fault(settings)
    assert error.code == "secret_key"
    assert "is missing" in error.message
    assert not (settings.home / FILE_NAME).exists()


async def test_a_database_server_that_is_not_there(tmp_path):
    url = "postgresql://u:SECRET@127.0.0.1:1/d"
    error = await fault(load({"YIYUAN_DATABASE_URL": url}, home=tmp_path))
    assert error.code == "unavailable"
    assert "SECRET" not in error.message


async def test_a_home_that_cannot_be_one(tmp_path):
    (tmp_path / "file").write_text("")
    assert (await fault(load({}, home=tmp_path / "file" / "home"))).code == "home_unusable"
    home = tmp_path / "home"
    home.mkdir()
    (home / "yiyuan.db").write_bytes(b"this is no database" * 100)
    assert (await fault(load({}, home=home))).code == "home_unusable"


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777, 0o720])
async def test_a_home_that_others_can_write_is_refused_with_what_mends_it(tmp_path, mode):
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(mode)
    refused = await fault(load({}, home=home))
    assert refused.code == "home_unusable"
    assert f"chmod go-w {home}" in refused.message


async def test_a_newer_database_is_refused(settings):
    async with open_context(settings):
        pass
    connection = sqlite3.connect(settings.home / "yiyuan.db")
    connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    connection.commit()
    connection.close()
    assert (await fault(settings)).code == "schema"


async def test_books_that_disagree_do_not_open(settings):
    async with open_context(settings) as context:
        await Operator(context)("account.create", name="a", balance=5)
        await context.database.write([("UPDATE accounts SET held = 3", ())])
    error = await fault(settings)
    assert error.code == "books_disagree"


async def test_secrets_are_nowhere_in_clear(settings):
    async with open_context(settings) as context:
        operator = Operator(context)
        operator.env["OTHER"] = "sk-other-CANARY"
        text = CATALOG.replace(
            '{ env = "OPENAI_API_KEY" }', '["sk-inline-CANARY", { env = "OTHER" }]'
        )
        await operator.apply(text)
        await operator("account.create", name="a")
        made = await operator("token.create", name="t", account="a")
        taken = await operator("token.create", name="t", account="a", key="fk-" + "CANARY" * 5)
        turned = await operator("token.rotate", id=made["id"])
        said = [
            await operator(name, **parameters)
            for name, parameters in (
                ("token.list", {"account": "a"}),
                ("catalog.export", {}),
                ("token.revoke", {"id": taken["id"]}),
                ("ledger.verify", {}),
            )
        ]
    keys = [made["key"], turned["key"], taken["key"]]
    files = [path.read_bytes() for path in settings.home.iterdir() if path.is_file()]
    assert len(files) >= 3
    for secret in ["CANARY", *keys]:
        assert secret not in str(said)
        assert not any(secret.encode() in content for content in files)


async def test_only_the_owner_can_read_the_home(settings):
    async with open_context(settings) as context:
        await Operator(context)("account.create", name="a")
        modes = {path.name: path.stat().st_mode & 0o077 for path in settings.home.iterdir()}
    assert settings.home.stat().st_mode & 0o077 == 0
    assert modes["yiyuan.db"] == modes["secret.key"] == modes["lock"] == 0
