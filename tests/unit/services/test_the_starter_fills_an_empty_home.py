"""`serve --starter`: the contract's account, models, prices, tiers; real channels by key."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from tests.unit.services.conftest import CATALOG, Operator
from yiyuan.auth.api_token import hash_key
from yiyuan.http.client.client import Client
from yiyuan.kernel.settings import load
from yiyuan.services.catalog.catalog import load_catalog
from yiyuan.services.catalog.starter import choose_models, curl_line, seed
from yiyuan.services.shared.opening import open_context
from yiyuan.services.tokens.tokens import find_api_token

OPENAI_LIST = [
    {"id": "gpt-4o", "created": 10},
    {"id": "gpt-4.1", "created": 20},
    {"id": "gpt-4.1-mini", "created": 21},
    {"id": "gpt-4o-mini", "created": 11},
    {"id": "gpt-4o-audio-preview", "created": 30},
    {"id": "gpt-6", "created": 99},
    {"id": "text-embedding-3-large", "created": 40},
]
ANTHROPIC_LIST = [
    {"id": "claude-haiku-5", "created_at": "2026-06-01T00:00:00Z"},
    {"id": "claude-sonnet-5", "created_at": "2026-05-01T00:00:00Z"},
    {"id": "claude-sonnet-4", "created_at": "2025-05-01T00:00:00Z"},
]


@asynccontextmanager
async def vendor(status=200, body=b""):
    """A vendor's server on a real socket; yields its address and the requests it got."""
    requests = []

    async def answer(reader, writer):
        requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
        head = f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with server:
        yield f"http://{host}:{port}", requests


def models(listed):
    return json.dumps({"data": listed}).encode()


@asynccontextmanager
async def seeded(tmp_path, **environment):
    settings = load(environment, home=tmp_path / "home")
    client = Client()
    async with open_context(settings) as context:
        yield context, await seed(context, client)
        client.close()


async def test_without_keys_the_demo_answers_for_the_documented_models(tmp_path):
    async with seeded(tmp_path) as (context, starter):
        assert starter.messages == ()
        catalog = await load_catalog(context)
        assert {
            name: (model.rpm, model.price.base.input, model.price.base.output)
            for name, model in catalog.models.items()
        } == {
            "gpt-4": (500, 30_000_000, 60_000_000),
            "gpt-3.5-turbo": (3500, 500_000, 1_500_000),
            "claude-2": (500, 8_000_000, 24_000_000),
        }
        assert [(t.min_balance_micros, t.rate_ppm) for t in catalog.tiers] == [
            (0, 1_000_000),
            (100_000_000, 2_000_000),
            (1_000_000_000, 5_000_000),
        ]
        for name in catalog.models:
            (channel,) = catalog.channels_for(name)
            assert channel.provider.name == "demo"
        operator = Operator(context)
        (account,) = (await operator("account.list"))["accounts"]
        assert account["balance"] == 10_000_000
        key_hash = hash_key(context.secrets.token_pepper, starter.key)
        assert (await find_api_token(context.database, key_hash)).account_id == account["id"]
        assert (await operator("ledger.verify"))["ok"]
        assert await seed(context, Client()) is None


@pytest.mark.parametrize("thing", ["account", "catalog"])
async def test_what_is_not_empty_is_left_alone(tmp_path, thing):
    async with open_context(load({}, home=tmp_path)) as context:
        operator = Operator(context)
        if thing == "account":
            await operator("account.create", name="a")
        else:
            await operator.apply(CATALOG)
        assert await seed(context, Client()) is None


async def test_keys_in_the_environment_become_channels(tmp_path):
    async with (
        vendor(body=models(OPENAI_LIST)) as (openai, openai_asked),
        vendor(body=models(ANTHROPIC_LIST)) as (anthropic, anthropic_asked),
        seeded(
            tmp_path,
            OPENAI_API_KEY="sk-openai-CANARY\n",
            OPENAI_BASE_URL=f"{openai}/v1",
            ANTHROPIC_API_KEY="sk-ant-CANARY",
            ANTHROPIC_BASE_URL=anthropic,
        ) as (context, starter),
    ):
        assert starter.messages == (
            "OPENAI_API_KEY: gpt-4 → gpt-4.1, gpt-3.5-turbo → gpt-4.1-mini",
            "ANTHROPIC_API_KEY: claude-2 → claude-sonnet-5",
        )
        assert openai_asked[0].startswith("GET /v1/models HTTP/1.1")
        assert "Bearer sk-openai-CANARY" in openai_asked[0]
        assert anthropic_asked[0].startswith("GET /v1/models HTTP/1.1")
        assert "sk-ant-CANARY" in anthropic_asked[0]
        catalog = await load_catalog(context)
        served = {
            name: [(c.name, c.models[name]) for c in catalog.channels_for(name)]
            for name in catalog.models
        }
        assert served == {
            "gpt-4": [("openai", "gpt-4.1")],
            "gpt-3.5-turbo": [("openai", "gpt-4.1-mini")],
            "claude-2": [("anthropic", "claude-sonnet-5")],
        }
        exported = (await Operator(context)("catalog.export"))["toml"]
        assert 'api_key = { env = "OPENAI_API_KEY" }' in exported


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (401, b'{"error": {"message": "bad key sk-CANARY"}}', "status 401"),
        (302, b"", "status 302"),
        (200, b"<html>", "not a list of models"),
        (200, b'{"data": [{"name": "x"}]}', "not a list of models"),
        (200, b"[" * 5000, "not a list of models"),
        (200, b'{"data": []}', "no suitable model"),
        (200, models([{"id": "whisper-1"}, {"id": "gpt-image-2"}]), "no suitable model"),
    ],
)
async def test_if_the_list_cannot_be_had_the_demo_answers(tmp_path, status, body, why):
    async with (
        vendor(status, body) as (address, _),
        seeded(tmp_path, OPENAI_API_KEY="sk-CANARY", OPENAI_BASE_URL=f"{address}/v1") as (
            context,
            starter,
        ),
    ):
        (message,) = starter.messages
        assert why in str(message)
        assert "CANARY" not in str(message)
        (channel,) = (await load_catalog(context)).channels_for("gpt-4")
        assert channel.provider.name == "demo"


async def test_a_vendor_that_is_away_or_a_key_that_is_none_stops_nothing(tmp_path):
    async with vendor() as (address, _):
        pass
    async with seeded(
        tmp_path,
        OPENAI_API_KEY="sk-CANARY",
        OPENAI_BASE_URL=f"{address}/v1",
        ANTHROPIC_API_KEY="two words\r\nX: CANARY",
        ANTHROPIC_BASE_URL=address,
    ) as (_, starter):
        assert starter is not None
        assert all("the demo answers" in str(message) for message in starter.messages)
        assert "CANARY" not in " ".join(map(str, starter.messages))


def test_the_names_themselves_come_first_if_they_are_listed():
    listed = [{"id": "gpt-4", "created": 1}, {"id": "gpt-4.1", "created": 2}]
    wishes = {"gpt-4": (r"gpt-4", r"gpt-4(\.\d+|o)"), "x": (r"y",)}
    assert choose_models(listed, wishes) == {"gpt-4": "gpt-4"}
    assert choose_models(listed[1:], wishes) == {"gpt-4": "gpt-4.1"}


def test_the_curl_line_is_one_line_with_the_key():
    line = curl_line("http://127.0.0.1:8000", "sk-x")
    assert "\n" not in line
    assert "http://127.0.0.1:8000/v1/completions" in line
    assert "'Authorization: Bearer sk-x'" in line
