"""What several tables of cases here begin with."""

import pytest

from tests.support.catalogs import GPT_4, model, table
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.raw_server import raw_server


@pytest.fixture(scope="module")
def server():
    """An upstream that answers with the very bytes that it is told to."""
    with raw_server() as running:
        yield running


@pytest.fixture(scope="module")
def place(server, cli, tmp_path_factory):
    """A gateway with a model in each of two formats, `chat` and `messages`, on `server`."""
    parts = []
    for name, provider in {"chat": "openai", "messages": "anthropic"}.items():
        base = server.origin + ("/v1" if provider == "openai" else "")
        channel = {"name": name, "provider": provider, "base_url": base, "api_key": "upkey-raw-2"}
        parts += [table("channel", **channel, models={name: "up"}), model(name, GPT_4)]
    home = tmp_path_factory.mktemp("place") / "home"
    with running_gateway(home, cli, "\n".join(parts)) as running:
        yield running
