"""A gateway that is asked without TLS and without signatures: set up knowingly, and named."""

import pytest

from yiyuan.services.maintenance.doctor.payments import check_payment_methods
from yiyuan.services.payments.methods import setup
from yiyuan.services.shared.errors import ServiceError

pytestmark = pytest.mark.timeout(300)


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
    assert (said.is_ok, said.detail, said.advice) == (True, "1 enabled", "")
    await put("shop", plain_http="yes")
    said = await engine.database.run_read(check_payment_methods)
    assert said.detail.endswith("signatures: shop")
    assert "https://" in said.advice
    await setup.set_enabled(engine, "shop", is_enabled=False)
    said = await engine.database.run_read(check_payment_methods)
    assert said.advice == ""
