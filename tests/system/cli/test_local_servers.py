"""Model servers on this machine: found where they usually listen, and offered for the catalog."""

import asyncio
import json
import time
from dataclasses import replace

import pytest

from tests.support.gateway_process import Gateway, free_port
from tests.support.upstreams.behaviour import WORD
from tests.support.upstreams.control import running_upstream
from tests.support.usual_port import usual_port
from yiyuan.http.client.client import Client
from yiyuan.kernel.settings import load
from yiyuan.services.channels.local_servers import (
    LOCAL_SECONDS,
    find_local_servers,
    offer_local_servers,
)
from yiyuan.services.shared.opening import open_context
from yiyuan.store.tables.catalog import read_catalog

LLAMA = {"id": "smollm2-135m", "owned_by": "llamacpp", "meta": {"n_ctx": 4096}}
QWEN = {"id": "qwen3:4b", "owned_by": "library"}


@pytest.fixture
def local():
    """A scripted server that is a local model's for the time of one test."""
    with running_upstream() as running:
        yield running


@pytest.fixture
async def client():
    made = Client()
    yield made
    made.close()
    await asyncio.sleep(0)  # the loop closes what the client has aborted


@pytest.fixture
async def context(tmp_path):
    async with open_context(load({}, home=tmp_path / "home")) as opened:
        yield opened


def lists(upstream, *models, **behaviour):
    body = {"object": "list", "data": models}
    upstream.script({"body": body, **behaviour}, path="/v1/models", name="models")


async def rows(shell):
    async with open_context(load({}, home=shell.home)) as opened:
        return await read_catalog(opened.database)


def channel(name, base_url, model="m"):
    return (
        f'[[channel]]\nname = "{name}"\nprovider = "openai"\nbase_url = "{base_url}"\n'
        f'models = {{ "{model}" = "{model}" }}\n'
        f'[[model]]\nname = "{model}"\nprice = {{ input = "3", output = "6" }}\n'
    )


async def test_a_server_is_offered_with_what_it_tells(client, local):
    lists(local, LLAMA, QWEN)
    (server,) = await find_local_servers(client, None, [("ollama", local.port)])
    assert server.name == "llama-cpp", "it says who it is, whatever the port"
    assert server.base_url == f"http://127.0.0.1:{local.port}/v1"
    assert server.document()["models"] == ["smollm2-135m", "qwen3:4b"]
    assert "context_tokens = 4096" in server.catalog
    assert server.catalog.count('price = { input = "0", output = "0" }') == 2
    (entry,) = local.log()
    assert entry["key"] == "", "no credential goes to what happens to listen there"


async def test_what_is_in_the_catalog_stays_as_it_is(client, local, shell, tmp_path):
    """A channel's name that is taken, and a model that has its price."""
    lists(local, QWEN, {"id": "gpt-4"})
    file = tmp_path / "mine.toml"
    file.write_text(channel("ollama", "https://far.example:443/v1", "gpt-4"))
    shell.json("apply", str(file))
    (server,) = await find_local_servers(client, await rows(shell), [("ollama", local.port)])
    assert server.name == f"ollama-{local.port}"
    file.write_text(server.catalog)
    shell.json("apply", str(file))
    catalog = await rows(shell)
    assert [row.name for row in catalog.channels] == ["ollama", f"ollama-{local.port}"]
    assert catalog.channels[0].base_url == "https://far.example:443/v1"
    prices = {price.model: json.loads(price.document) for price in catalog.prices}
    assert prices["gpt-4"]["input"] == "3"
    assert prices["qwen3:4b"]["input"] == "0"
    assert await find_local_servers(client, catalog, [("ollama", local.port)]) == []


async def test_another_machine_s_port_hides_nothing(client, local, shell, tmp_path):
    lists(local, QWEN)
    file = tmp_path / "far.toml"
    file.write_text(channel("far", f"https://far.example:{local.port}/v1"))
    shell.json("apply", str(file))
    assert await find_local_servers(client, await rows(shell), [("ollama", local.port)])
    file.write_text(channel("far", f"http://localhost:{local.port}/v1"))
    shell.json("apply", str(file))
    assert await find_local_servers(client, await rows(shell), [("ollama", local.port)]) == []


async def test_two_servers_of_one_kind_make_one_file(client, local, shell, tmp_path):
    with running_upstream() as second:
        lists(local, LLAMA, QWEN)
        lists(second, LLAMA)
        ports = [("a", local.port), ("b", second.port), ("none", free_port())]
        found = await find_local_servers(client, None, ports)
    assert [server.name for server in found] == ["llama-cpp", f"llama-cpp-{second.port}"]
    file = tmp_path / "both.toml"
    file.write_text("\n".join(server.catalog for server in found))
    made = shell.json("apply", str(file))
    assert len(made["created"]) == 4, made


@pytest.mark.parametrize(
    "behaviour",
    [
        {"status": 401},
        {"status": 302, "headers": {"location": "/v2/models"}},
        {"body": "<html>a router's page</html>"},
        {"body": {"data": []}},
        {"body": {"data": ["x"]}},
        {"body": {"data": [{"id": "with space"}, {"id": ""}, {"id": "a,b"}]}},
        {"reset_before_head": True},
    ],
    ids=str,
)
async def test_what_is_no_model_server_is_not_offered(client, local, behaviour):
    local.script(behaviour, path="/", name="odd")
    assert await find_local_servers(client, None, [("llama-cpp", local.port)]) == []


@pytest.mark.parametrize("behaviour", [{"hang": True}, {"stall_after": 0}], ids=str)
async def test_a_server_that_says_nothing_is_left_soon(client, local, behaviour):
    local.script(behaviour, path="/", name="slow")
    began = time.monotonic()
    assert await find_local_servers(client, None, [("llama-cpp", local.port)]) == []
    assert time.monotonic() - began < 2 * LOCAL_SECONDS + 3


async def test_the_console_is_told_the_same_but_not_of_itself(client, context):
    with usual_port() as (name, port), running_upstream(port) as model_server:
        lists(model_server, QWEN)
        offered = await offer_local_servers(context, client)
        (server,) = [s for s in offered["servers"] if s["base_url"].endswith(f":{port}/v1")]
        assert server["name"] == name
        assert server["catalog"] in offered["catalog"]
        context.settings = replace(context.settings, port=port)
        again = await offer_local_servers(context, client)
        assert server not in again["servers"]


def test_from_the_doctor_to_an_answer(cli, tmp_path):
    """As the page of the documentation has it: find, write down, apply, ask."""
    file = tmp_path / "local.toml"
    with (
        usual_port() as (name, port),
        running_upstream(port) as model_server,
        Gateway(tmp_path / "home", cli) as gateway,
    ):
        lists(model_server, QWEN)
        model_server.script({"keyless": True}, path="/v1/chat", name="chat")
        gateway.start()
        said = gateway.run("doctor", "--offline", "--offer", str(file))
        assert f"http://127.0.0.1:{port}/v1 serves models ({name})" in said.stdout
        assert file.read_text() in said.stdout.replace("\r", "") + "\n"
        again = gateway.run("doctor", "--offline", "--offer", str(file), "--json")
        assert again.code == 1, "nothing is overwritten"
        assert json.loads(again.stderr)["error"]["code"] == "invalid_argument"
        assert json.loads(again.stdout)["local_servers"], "the document comes in any case"
        gateway.cli("apply", str(file))
        customer = gateway.customer(balance=0)
        body = {"model": "qwen3:4b", "messages": [{"role": "user", "content": "hi"}]}
        answer = customer.post("/v1/chat/completions", {**body, "max_tokens": 2})
        assert answer.status == 200, answer.body
        assert answer.json()["choices"][0]["message"]["content"] == WORD * 2
        assert answer.headers["x-yiyuan-charge"] == "0", "it is free until it is given a price"
        after = json.loads(gateway.run("doctor", "--json").stdout)
        assert port not in {int(s["base_url"].split(":")[2][:-3]) for s in after["local_servers"]}
        checks = {check["name"]: check for check in after["checks"]}
        assert checks[f"channel {name}"]["ok"] is True
        gateway.settle_down()


def test_nothing_to_offer(shell, tmp_path):
    file = tmp_path / "none.toml"
    with usual_port():
        said = shell("doctor", "--offline", "--offer", str(file), "--json")
    if json.loads(said.stdout)["local_servers"]:
        pytest.skip("a model server runs on this machine")
    assert said.code == 1
    assert json.loads(said.stderr)["error"]["code"] == "not_found"
    assert not file.exists()
