"""Keys that expire or stand in files, what is left at a vendor, and channels nobody asks for."""

import asyncio

import pytest

from tests.support.upstreams.serving import Answered, serving
from yiyuan.app.key_files import KeyFiles
from yiyuan.http.client.client import Client
from yiyuan.integrations.providers.balance import Left, read_balance
from yiyuan.integrations.providers.contract import Balance
from yiyuan.integrations.providers.presets import presets
from yiyuan.kernel.clock import parse_time
from yiyuan.routing.evidence import Fault
from yiyuan.routing.router import Router
from yiyuan.services.catalog.catalog import load_catalog
from yiyuan.services.channels.idle_probes import IdleProbes
from yiyuan.services.channels.upstream_accounts import UpstreamAccounts

MODEL = """
[[model]]
name = "m"
price = { input = "1", output = "1" }
"""


def channel(keys, base_url="https://a.example/v1", provider="openai"):
    return f"""
[[channel]]
name = "c"
provider = "{provider}"
base_url = "{base_url}"
api_key = {keys}
models = {{ "m" = "up" }}
{MODEL}"""


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
async def client():
    found = Client(https_proxy=None, no_proxy="")
    yield found
    found.close()
    await asyncio.sleep(0.05)  # its connections end in the next rounds of the loop


# ------------------------------------------------------------ keys


async def test_a_key_expires(operator):
    soon, later = parse_time("2027-01-31"), parse_time("2027-02-01T12:00:00")
    keys = """[
        { key = "sk-one-aaaaaaaaaaaaaaaa", expires_at = "2027-01-31" },
        { env = "OPENAI_API_KEY", expires_at = 2027-02-01T12:00:00Z }]"""
    await operator.apply(channel(keys.replace("\n", " ")))
    catalog = await load_catalog(operator.context)
    assert [key.expires_at for key in catalog.channels[0].keys] == [soon, later]
    for now, left in ((soon - 1, 2), (soon, 1), (later, 0)):
        router = Router(wall_ms=lambda now=now: now)
        assert len(list(router.candidates(catalog, "m"))) == left
        assert (router.retry_seconds(catalog, "m") is None) == (left == 0)
    exported = await operator("catalog.export")
    assert "expires_at" in exported["toml"]
    assert (await operator.apply(exported["toml"]))["changed"] == []
    (shown,) = (await operator("channel.list"))["channels"]
    assert shown["keys"][0]["expires_at"] == "2027-01-31T00:00:00.000Z"


async def test_a_key_stands_in_a_file_that_others_change(operator, tmp_path):
    file = tmp_path / "key"
    file.write_text("  sk-first-aaaaaaaaaaaaaaa\n")
    await operator.apply(channel(f'{{ file = "{file}" }}'))
    (first,) = (await load_catalog(operator.context)).channels[0].keys
    assert first.secret == "sk-first-aaaaaaaaaaaaaaa"
    exported = (await operator("catalog.export"))["toml"]
    assert f'file = "{file}"' in exported
    assert "sk-first" not in exported

    held, followed = [await load_catalog(operator.context)], asyncio.Event()

    async def follow():
        held[0] = await load_catalog(operator.context)
        followed.set()

    files = KeyFiles(lambda: held[0], follow, look_seconds=0.01)
    files.start()
    await asyncio.sleep(0.1)
    assert not followed.is_set()
    file.write_text("sk-second-aaaaaaaaaaaaaa")
    async with asyncio.timeout(10):
        await followed.wait()
    (second,) = held[0].channels[0].keys
    assert (second.id, second.secret) == (first.id, "sk-second-aaaaaaaaaaaaaa")
    file.unlink()  # the last known content goes on
    (third,) = (await load_catalog(operator.context)).channels[0].keys
    assert third.secret.startswith("sk-first")
    await files.close()


@pytest.mark.parametrize(
    "keys",
    [
        '{ file = "relative" }',
        '{ file = "/nowhere/at/all" }',
        '{ env = "OPENAI_API_KEY", file = "/a" }',
        '{ expires_at = "2027-01-31" }',
        '{ env = "OPENAI_API_KEY", expires_at = "soon" }',
        "{ key = 7 }",
    ],
)
async def test_a_wrong_key_is_refused(operator, keys):
    refused = await operator.refused(
        "catalog.apply", text=channel(keys), file="c.toml", environment=operator.env
    )
    assert refused.code == "invalid_catalog"
    assert "api_key" in refused.message


# ------------------------------------------------------------ balances


@pytest.mark.parametrize(
    ("document", "left"),
    [
        ({"a": [{"b": "12.5", "c": "CNY"}]}, Left(12_500_000, "CNY")),
        ({"a": [{"b": 3, "c": "USD"}]}, Left(3_000_000, "USD")),
        ({"a": [{"b": "-0.1", "c": "USD"}]}, Left(-100_000, "USD")),
        ({"a": [{"b": True, "c": "USD"}]}, None),
        ({"a": [{"b": "NaN", "c": "USD"}]}, None),
        ({"a": [{"b": "1e30", "c": "USD"}]}, None),
        ({"a": [{"b": "1"}]}, None),
        ({"a": []}, None),
        (["?"], None),
    ],
)
def test_a_balance_is_read(document, left):
    assert read_balance(Balance("/x", "a.0.b", ".a.0.c"), document) == left


TOLD = {
    "deepseek": {"balance_infos": [{"currency": "CNY", "total_balance": "49.58"}]},
    "moonshot": {"code": 0, "data": {"available_balance": 49.58, "cash_balance": 3.0}},
}
"""What each vendor that tells a balance answers, as it is documented."""


def test_every_vendor_that_tells_a_balance_is_read() -> None:
    telling = {name: preset for name, preset in presets().items() if preset.balance}
    assert telling.keys() == TOLD.keys()
    for name, preset in telling.items():
        left = read_balance(preset.balance, TOLD[name], preset.base_url)
        assert left.micros == 49_580_000
    kimi = telling["moonshot"].balance
    hosts = {"https://api.moonshot.ai/v1": "USD", "https://api.moonshot.cn/v1": "CNY"}
    for base_url, currency in hosts.items():
        assert read_balance(kimi, TOLD["moonshot"], base_url).currency == currency


async def test_what_is_left_is_known_and_told_once(operator, client):
    amounts = ["25.5"]

    def handle(asked):
        assert (asked.path, asked.headers["authorization"]) == ("/user/balance", "Bearer sk-poor")
        info = {"currency": "CNY", "total_balance": amounts[-1]}
        return Answered(200, {"is_available": True, "balance_infos": [info]})

    async def notices():
        return await operator.context.database.read(
            "SELECT data FROM notices WHERE event = 'channel.balance_low'"
        )

    with serving(handle) as server:
        await operator.apply(channel('"sk-poor"', f"{server.origin}/v1", "deepseek"))
        catalog = await load_catalog(operator.context)
        for amount, told in (("25.5", 0), ("9.99", 1), ("8", 1), ("30", 1), ("1", 2)):
            amounts.append(amount)
            accounts = UpstreamAccounts(operator.context, client, lambda: catalog)
            await accounts.look()
            await accounts.look()
            (left,) = accounts.left.values()
            assert left == Left(round(float(amount) * 1_000_000), "CNY")
            assert len(await notices()) == told, amount
        assert len(server.asked) == 5, "not more often than every ten minutes"
        assert "sk-poor" not in str(await notices())


async def test_a_key_that_is_over_soon_is_told_once(operator, client):
    await operator.apply(channel('{ key = "sk-x-aaaaaaaaaaaaaaaaa", expires_at = "2020-01-01" }'))
    catalog = await load_catalog(operator.context)
    accounts = UpstreamAccounts(operator.context, client, lambda: catalog)
    for _ in range(2):
        await accounts.look()
    rows = await operator.context.database.read(
        "SELECT count(*) FROM notices WHERE event = 'channel.key_expiring'"
    )
    assert rows[0][0] == 1


# ------------------------------------------------------------ channels that nobody asks for


async def test_an_open_breaker_that_nobody_tries_is_tried_at_last(operator, client):
    answers = [Answered(500, {}), Answered(500, {})]
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "pong"},
        "finish_reason": "stop",
    }

    def handle(_):
        if answers:
            return answers.pop()
        return Answered(200, {"object": "chat.completion", "choices": [choice]})

    clock = Clock()
    router = Router(clock=clock)
    with serving(handle) as server:
        await operator.apply(channel('"sk-any"', f"{server.origin}/v1"))
        catalog = await load_catalog(operator.context)
        probes = IdleProbes(client, router, lambda: catalog, clock)
        (candidate,) = router.candidates(catalog, "m")
        router.report_failure(candidate, fault=Fault.KEY)
        asked = []
        for second in range(0, 1_200, 10):
            clock.now = float(second)
            before = len(server.asked)
            await probes.look()
            asked += [second] * (len(server.asked) - before)
        assert len(asked) == 3, "two fail, the third answers, and then it is closed"
        assert 60 <= asked[0] <= 120
        assert 240 <= asked[1] - asked[0] <= 300
        assert 600 <= asked[2] - asked[1] <= 660
        assert router.retry_seconds(catalog, "m") == 0
        assert [view.state for view in router.snapshot()] in ([], ["closed"])
        assert server.asked[0].body["max_tokens"] <= 16


async def test_a_request_that_is_the_probe_is_left_alone(operator, client):
    with serving(lambda _: Answered(200, {})) as server:
        await operator.apply(channel('"sk-any"', f"{server.origin}/v1"))
        catalog, clock = await load_catalog(operator.context), Clock()
        router = Router(clock=clock)
        probes = IdleProbes(client, router, lambda: catalog, clock)
        (candidate,) = router.candidates(catalog, "m")
        router.report_failure(candidate, fault=Fault.KEY)
        for second in range(0, 200, 10):
            if second == 50:
                # The first request that comes after the breaker may be tried is its probe.
                assert len(list(router.candidates(catalog, "m"))) == 1
            clock.now = float(second)
            await probes.look()
            if second == 60:
                break
        assert server.asked == []
