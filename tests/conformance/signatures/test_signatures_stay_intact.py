"""Three turns of tools with thinking on: each client format over each maker of proofs.

The upstream signs its thinking and refuses a signature that is not its own, verbatim.
"""

import pytest

from tests.conformance.signatures.loops import LOOPS
from tests.support.catalogs import model, table
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.serving import serving
from tests.support.upstreams.signing_server import FORMATS, MAKERS, TURNS, VERTEX, Signing, signs

VENDORS = {
    "openai_chat": ("deepseek", "", "deepseek-flash", "openai_chat"),
    "anthropic_messages": ("anthropic", "", "claude-sonnet-4-5", "anthropic_messages"),
    "openai_responses": ("openai", "/v1", "gpt-5.2", "openai_responses"),
    "gemini": ("gemini", "", "gemini-3-pro", "gemini"),
    "several": ("moonshot", "/v1", "kimi-k3", "anthropic_messages"),
    "vertex": ("vertex-express", VERTEX, "gemini-3-pro", "gemini"),
}
PRICE = {"input": "2", "output": "10"}


@pytest.fixture(scope="module")
def vendors():
    scripted = Signing()
    with serving(scripted.handle) as server:
        scripted.origin = server.origin
        yield scripted


@pytest.fixture(scope="module")
def customer(vendors, cli, tmp_path_factory):
    parts = []
    for name, (provider, path, upstream, wire) in VENDORS.items():
        channel = {"name": name, "provider": provider, "base_url": vendors.origin + path}
        channel |= {"api_key": "upkey-1", "models": {f"model-{name}": upstream}, "speaks": [wire]}
        parts += [table("channel", **channel), model(f"model-{name}", PRICE)]
    home = tmp_path_factory.mktemp("signatures") / "home"
    with running_gateway(home, cli, "\n".join(parts)) as running:
        yield running.customer(10**12)


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("upstream", MAKERS)
@pytest.mark.parametrize("client", FORMATS)
def test_three_turns(customer, vendors, client, upstream, is_stream) -> None:
    loop = LOOPS[client](customer, f"model-{upstream}", is_stream=is_stream)
    before = len(vendors.kept)
    assert [loop.ask() for _ in range(TURNS + 1)] == [[0], [1], [2], []]
    kept = vendors.kept[before:]
    assert [wire for wire, _ in kept] == [upstream] * (TURNS + 1)
    assert kept[-1][1] == [proof for turn in range(TURNS) for proof in signs(upstream, turn)]


@pytest.mark.parametrize("upstream", MAKERS)
@pytest.mark.parametrize("client", FORMATS)
def test_nobody_gets_anothers(customer, vendors, client, upstream) -> None:
    for other in MAKERS:
        loop = LOOPS[client](customer, f"model-{other}", is_stream=False)
        assert loop.ask() == [0]
        loop.model = f"model-{upstream}"
        assert loop.ask() == [1]
