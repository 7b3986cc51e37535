"""A real home with a real database, and commands run on it as the surfaces do."""

import pytest

from yiyuan.kernel.settings import load
from yiyuan.services.commands import run
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.opening import open_context

CATALOG = """\
[[channel]]
name = "openai"
provider = "openai"
base_url = "https://api.openai.com/v1"
api_key = { env = "OPENAI_API_KEY" }
models = { "gpt-4" = "gpt-4.1" }

[[model]]
name = "gpt-4"
rpm = 500
price = { input = "30", output = "60" }

[[tier]]
min_balance = 0
rate = 1
"""


class Operator:
    """Runs commands on a desk; `env` is the environment that `apply` is run in."""

    def __init__(self, context):
        self.context = context
        self.env = {"OPENAI_API_KEY": "sk-upstream-CANARY"}
        self.progress = []

    async def __call__(self, command, /, **parameters):
        return await run(self.context, command, parameters, self.progress.append)

    async def apply(self, text, **flags):
        return await self("catalog.apply", text=text, file="c.toml", environment=self.env, **flags)

    async def refused(self, command, /, **parameters):
        with pytest.raises(ServiceError) as caught:
            await self(command, **parameters)
        return caught.value


@pytest.fixture
def settings(tmp_path):
    return load({}, home=tmp_path / "home")


@pytest.fixture
async def operator(settings):
    async with open_context(settings) as context:
        yield Operator(context)
