"""A queue of mails that is full tells nobody whose address is known here (case 2)."""

from dataclasses import replace

import pytest

from yiyuan.kernel.clock import SystemClock
from yiyuan.kernel.settings import load
from yiyuan.services.mail.message import Mail
from yiyuan.services.mail.postbox import WAITING_MAX, Postbox
from yiyuan.services.mail.smtp import SmtpSettings
from yiyuan.services.people.people import keep_user
from yiyuan.services.people.reset import start_reset
from yiyuan.services.people.sign_up.mailed_proof import Asker
from yiyuan.services.people.sign_up.sign_up import SignUpRequest, start_sign_up
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.opening import open_context
from yiyuan.services.site.settings import set_site_setting

ASKER = Asker("the browser's secret", "en")
SETTINGS = {
    "smtp_host": "127.0.0.1",
    "smtp_security": "none",
    "smtp_from": "shop@shop.example",
    "sign_up": "open",
    "blocked_domains": "blocked.example",
}


async def _never() -> SmtpSettings:
    return SmtpSettings()


@pytest.fixture
async def context(tmp_path):
    """A house whose queue nobody empties, with room for one mail more."""
    box = Postbox(_never, SystemClock())
    for _ in range(WAITING_MAX - 1):
        assert box.put(Mail("a@b.example", "s", "t"))
    async with open_context(load({}, home=tmp_path / "home")) as opened:
        for name, value in SETTINGS.items():
            await set_site_setting(opened, name, value)
        await keep_user(opened, "known@mail.example", "", role=None, language=None)
        yield replace(opened, postbox=box)


@pytest.mark.parametrize("email", ["known@mail.example", "new@mail.example", "x@blocked.example"])
@pytest.mark.parametrize("way", ["sign-up", "reset"])
async def test_2_a_full_queue_is_the_same_answer_for_every_address(context, email, way):
    async def ask() -> None:
        if way == "reset":
            await start_reset(context, email, ASKER, address="192.0.2.1", work=None)
        else:
            await start_sign_up(context, SignUpRequest(email, ASKER, "192.0.2.1"))

    await ask()
    context.postbox.put(Mail("a@b.example", "s", "t"))
    with pytest.raises(ServiceError) as refused:
        await ask()
    assert refused.value.code == "unavailable"
