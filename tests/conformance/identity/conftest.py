"""Each discovered sign-in service, with the scripted partner that speaks as it does."""

from collections.abc import Iterator

import pytest

from tests.support.identity.conversation import Conversation
from tests.support.identity.openid import Google, Microsoft, OpenIdProvider
from tests.support.identity.partner import Partner
from tests.support.identity.services import DingTalk, Feishu, GitHub, LinuxDo, WeChat
from yiyuan.integrations.identity.contract import providers

PARTNERS: dict[str, type[Partner]] = {
    partner.preset: partner
    for partner in (
        DingTalk, Feishu, GitHub, Google, LinuxDo, Microsoft, OpenIdProvider, WeChat,
    )
}  # fmt: skip
PROVIDERS = providers()


@pytest.fixture(params=sorted(PROVIDERS))
def conversation(request: pytest.FixtureRequest) -> Iterator[Conversation]:
    """A conversation of each service with an honest partner."""
    with PARTNERS[request.param]() as partner:
        yield Conversation(PROVIDERS[request.param], partner)
