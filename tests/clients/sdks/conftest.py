"""The light clients: they run in `make test`, too."""

import pytest

from tests.clients.programs.fixtures import installed, own_home
from tests.support.catalogs import GPT_4, model, table
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.raw_server import raw_server

__all__ = ["installed", "own_home"]

ODD_MODELS = {"chat": ("openai", "up"), "messages": ("anthropic", "claude-opus-4-5")}


@pytest.fixture(scope="module")
def odd():
    """A server that answers with exactly the bytes that it is told."""
    with raw_server() as server:
        yield server


@pytest.fixture(scope="module")
def place(odd, cli, tmp_path_factory):
    """A gateway before it: `chat` is a model of OpenAI's format, `messages` of Anthropic's."""
    parts = []
    for name, (provider, upstream_name) in ODD_MODELS.items():
        base = odd.origin + ("/v1" if provider == "openai" else "")
        channel = {"name": name, "provider": provider, "base_url": base, "api_key": "upkey-odd-1"}
        parts += [table("channel", **channel, models={name: upstream_name}), model(name, GPT_4)]
    home = tmp_path_factory.mktemp("odd") / "home"
    with running_gateway(home, cli, "\n".join(parts)) as running:
        yield running
