"""How methods are set up: never without a secret or an address, knowingly without TLS."""

from dataclasses import replace

import pytest

from tests.support.payment_gateways.life import METHOD
from tests.support.payment_gateways.partner import KINDS
from tests.system.payments.services.lives import living
from tests.system.payments.shop import YUAN
from yiyuan.kernel.settings import load
from yiyuan.services.maintenance.doctor.payments import check_payment_methods
from yiyuan.services.payments.methods import setup
from yiyuan.services.payments.methods.instances import sealed
from yiyuan.services.payments.notify import notified_instance
from yiyuan.services.payments.orders import create as orders
from yiyuan.services.shared.errors import ServiceError

pytestmark = pytest.mark.timeout(300)


async def put(context, partner, **secrets: str):
    """The partner's method with these secrets."""
    return await setup.put(
        *(context, METHOD, partner.kind, partner.values, secrets),
        is_test=False,
        allow_private=True,
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("nothing", ["", "  "])
async def test_02_a_method_with_an_empty_secret_has_no_notify_address(engine, kind, nothing):
    async with living(engine, kind) as life:
        secrets = life.partner.secrets
        row = await put(engine, life.partner, **secrets)
        assert await notified_instance(engine, row.id) is not None
        for name in secrets:
            with pytest.raises(ServiceError) as refused:
                await put(engine, life.partner, **{name: nothing})
            assert refused.value.code == "invalid_argument"
            # And should it have come there in whatever way: nobody signs with nothing.
            for left in ({**secrets, name: ""}, {n: s for n, s in secrets.items() if n != name}):
                kept = sealed(engine, row.id, left)
                sql = "UPDATE payment_methods SET sealed = ? WHERE id = ?"
                await engine.database.write([(sql, (kept, row.id))])
                assert await notified_instance(engine, row.id) is None
            await engine.database.write([(sql, (sealed(engine, row.id, secrets), row.id))])
        assert await notified_instance(engine, row.id) is not None


@pytest.mark.parametrize(
    "url",
    ["", "http://ai.example.com", "https://ai.example.com/", "http://192.168.1.9:8000"],
)
async def test_20_without_a_public_address_nothing_is_enabled_or_ordered(engine, url):
    async with living(engine, "epay_md5") as life:
        row = await put(engine, life.partner, **life.partner.secrets)
        given = {n: v for n, v in engine.settings.environment.items() if n != "YIYUAN_PUBLIC_URL"}
        given |= {"YIYUAN_PUBLIC_URL": url} if url else {}
        closed = replace(engine, settings=load(given))
        asked = orders.Wish(account_id=life.account, amount_micros=9 * YUAN, method=METHOD)
        for attempt in (
            put(closed, life.partner, **life.partner.secrets),
            setup.set_enabled(closed, METHOD, is_enabled=True),
            orders.create(closed, asked),
        ):
            with pytest.raises(ServiceError) as refused:
                await attempt
            assert refused.value.code == "public_url"
        assert await life.rows() == []
        assert life.trades() == {}
        # What is under way goes on: money that comes is heard of all the same.
        assert await notified_instance(closed, row.id) is not None


async def test_epay_over_http_is_refused_unless_it_is_said_and_doctor_names_it(engine):
    async def put(name: str, **more: str) -> None:
        values = {"base_url": "http://pay.example.com/", "pid": "1001", **more}
        secrets = {"key": "0123456789abcdef"}
        await setup.put(
            *(engine, name, "epay_md5", values, secrets), is_test=False, allow_private=True
        )

    with pytest.raises(ServiceError) as refused:
        await put("shop")
    assert (refused.value.code, "plain_http" in refused.value.message) == ("invalid_argument", True)
    await put("sound", base_url="https://pay.example.com/")
    said = await engine.database.run_read(check_payment_methods)
    assert (said.is_ok, str(said.detail), said.advice) == (True, "1 enabled", "")
    await put("shop", plain_http="yes")
    said = await engine.database.run_read(check_payment_methods)
    assert str(said.detail).endswith("signatures: shop")
    assert "https://" in said.advice
    await setup.set_enabled(engine, "shop", is_enabled=False)
    said = await engine.database.run_read(check_payment_methods)
    assert said.advice == ""
