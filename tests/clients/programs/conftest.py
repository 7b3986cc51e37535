"""The heavy clients: `make test-clients` alone runs what is in this folder."""

import pytest

from tests.clients.programs.fixtures import installed, own_home
from tests.support.catalogs import (
    CLAUDE_2,
    GPT_4,
    GPT_35,
    anthropic_channel,
    model,
    openai_channel,
    table,
)
from tests.support.gateway_process import running_gateway

__all__ = ["installed", "own_home"]


@pytest.fixture(scope="session")
def gateway(upstream, cli, tmp_path_factory):
    """The seed's models, `gpt-4` served by an upstream that speaks Anthropic's protocol."""
    openai_models = {
        "gpt-3.5-turbo": "gpt-4.1-mini",
        "gpt-4o-mini": "gpt-4.1-mini",
        "text-embedding-3-small": "text-embedding-3-small",
    }
    anthropic_models = {"gpt-4": "claude-up", "claude-2": "claude-up"}
    catalog = "\n".join(
        [
            openai_channel(upstream, openai_models, timeout=20),
            anthropic_channel(upstream, anthropic_models, timeout=20),
            model("gpt-4", GPT_4, rpm=500),
            model("gpt-3.5-turbo", GPT_35, rpm=3500),
            model("gpt-4o-mini", GPT_35, rpm=500),
            model("claude-2", CLAUDE_2, rpm=500),
            model("text-embedding-3-small", {"input": "0.15", "output": "0"}),
            table("tier", min_balance=0, rate=1),
        ]
    )
    home = tmp_path_factory.mktemp("clients") / "home"
    with running_gateway(home, cli, catalog) as running:
        yield running
