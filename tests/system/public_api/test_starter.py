"""What must be seen 1: `serve --starter`, and the line that it prints answers when pasted."""

import re
import shutil
import subprocess
import tomllib

import pytest

from tests.support import wire
from tests.support.drivers import CHAT, COMPLETIONS, DRIVERS
from tests.support.gateway_process import Gateway
from tests.support.upstreams.behaviour import WORD
from tests.support.waiting import wait_for

PRICES = {
    "gpt-4": ("30", "60", 500),
    "gpt-3.5-turbo": ("0.5", "1.5", 3500),
    "claude-2": ("8", "24", 500),
}


@pytest.fixture(scope="module")
def starter(cli, tmp_path_factory):
    with Gateway(tmp_path_factory.mktemp("starter") / "home", cli) as gateway:
        gateway.start("--starter")
        yield gateway
        gateway.settle_down()
        assert gateway.stop() == 0


def curl_command(gateway: Gateway) -> str:
    """The printed line, as a person would paste it."""
    wait_for(lambda: "curl " in gateway.said(), what="the curl line")
    said = gateway.said()
    command = said[said.index("curl ") :]
    lines = []
    for line in command.splitlines():
        lines.append(line)
        if not line.endswith("\\"):
            break
    return "\n".join(lines)


def key_of(gateway: Gateway) -> str:
    return re.search(r"sk-[\w-]{43}", curl_command(gateway))[0]


def test_the_printed_line_answers(starter):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    done = subprocess.run(
        ["/bin/sh", "-c", curl_command(starter)], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert '"text_completion"' in done.stdout or '"chat.completion"' in done.stdout
    assert "demo" in done.stdout.lower(), "it says that it is the demo"


def test_the_seeds_models_prices_and_limits(starter):
    catalog = tomllib.loads(starter.run("export").stdout)
    found = {item["name"]: item for item in catalog["model"]}
    for name, (price_in, price_out, rpm) in PRICES.items():
        assert found[name]["price"]["input"] == price_in
        assert found[name]["price"]["output"] == price_out
        assert found[name]["rpm"] == rpm
    tiers = {tier["min_balance"]: str(tier["rate"]) for tier in catalog["tier"]}
    assert tiers == {0: "1", 100_000_000: "2", 1_000_000_000: "5"}
    accounts = starter.cli("account", "list")["accounts"]
    assert len(accounts) == 1


@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
@pytest.mark.parametrize("name", PRICES)
def test_every_model_through_every_endpoint(starter, driver, name):
    key = key_of(starter)
    body = driver.body(name, "Hello, world!", 30)
    answer = wire.call(starter.origin, "POST", driver.path, body, key=key)
    assert answer.status == 200, answer.body
    assert driver.text(answer.json())
    assert driver.told(answer.json()).charge > 0
    with wire.EventStream(starter.origin, driver.path, driver.streamed(body), key=key) as stream:
        events = stream.rest()
    assert driver.is_complete(events)
    assert driver.stream_text(events)


def test_a_second_start_seeds_nothing_more(cli, tmp_path):
    with Gateway(tmp_path / "home", cli) as gateway:
        gateway.start("--starter")
        key = key_of(gateway)
        assert gateway.stop() == 0
        before = len(gateway.said())
        gateway.start("--starter")
        assert len(gateway.cli("account", "list")["accounts"]) == 1
        assert "sk-" not in gateway.said()[before:]
        body = CHAT.body("gpt-4", "Hi", 5)
        assert wire.call(gateway.origin, "POST", CHAT.path, body, key=key).status == 200
        assert gateway.stop() == 0


def test_plain_serve_never_seeds(cli, tmp_path):
    with Gateway(tmp_path / "home", cli) as gateway:
        gateway.start()
        assert gateway.cli("account", "list")["accounts"] == []
        assert "sk-" not in gateway.said()
        answer = wire.call(gateway.origin, "POST", COMPLETIONS.path, {"model": "gpt-4"}, key="x")
        assert answer.status == 401
        assert gateway.stop() == 0


def test_keys_in_the_environment_become_channels(upstream, cli, tmp_path):
    """The public names are mapped to what the vendors list today, and the demo steps back."""
    keys = {
        "OPENAI_API_KEY": "sk-up-1",
        "OPENAI_BASE_URL": f"{upstream.origin}/starter/v1",
        "ANTHROPIC_API_KEY": "sk-ant-up-2",
        "ANTHROPIC_BASE_URL": f"{upstream.origin}/starter",
    }
    with Gateway(tmp_path / "home", cli, **keys) as gateway:
        gateway.start("--starter")
        said = gateway.run("export").stdout
        channels = {item["provider"]: item for item in tomllib.loads(said)["channel"]}
        assert channels["openai"]["models"] == {"gpt-4": "gpt-4.1"}
        assert channels["openai"]["api_key"] == {"env": "OPENAI_API_KEY"}
        assert channels["anthropic"]["models"] == {"claude-2": "claude-up"}
        assert "sk-up-1" not in said + gateway.said()
        assert "sk-ant-up-2" not in said + gateway.said()
        key = key_of(gateway)
        for name in ("gpt-4", "claude-2"):
            body = CHAT.body(name, "Hi", 3)
            answer = wire.call(gateway.origin, "POST", CHAT.path, body, key=key)
            assert CHAT.text(answer.json()) == WORD * 3
        body = CHAT.body("gpt-3.5-turbo", "Hi", 30)
        answer = wire.call(gateway.origin, "POST", CHAT.path, body, key=key)
        assert "demo" in CHAT.text(answer.json()).lower(), "nobody lists it: the demo answers"
        assert gateway.stop() == 0


def test_unreachable_vendors_do_not_keep_it_from_starting(cli, tmp_path):
    keys = {"OPENAI_API_KEY": "sk-up-1", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    with Gateway(tmp_path / "home", cli, **keys) as gateway:
        gateway.start("--starter")
        wait_for(lambda: "OPENAI_API_KEY" in gateway.said(), what="the reason")
        assert "sk-up-1" not in gateway.said()
        assert gateway.stop() == 0
