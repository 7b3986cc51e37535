"""Canaries through every route and fault: they turn up nowhere but where they belong.

An upstream key goes to its channel's host alone; a token's key is in nothing
that is kept; a prompt is in no log, metric or table.
"""

import sqlite3

import pytest

from tests.support import wire
from tests.support.catalogs import GPT_4, anthropic_channel, model, openai_channel
from tests.support.drivers import CHAT, DRIVERS
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.control import running_upstream

UPSTREAM_KEY = "sk-upstreamCANARY7f3a9b2c"
OTHER_KEY = "sk-ant-otherCANARY5d1e8f4a"
PROMPT = "promptCANARYxyzzy"
FAULTS = [
    {},
    {"status": 400, "body": {"error": {"message": f"bad key {UPSTREAM_KEY} at http://10.1.2.3/x"}}},
    {"status": 401, "body": {"error": {"message": f"Incorrect API key: {UPSTREAM_KEY}"}}},
    {"status": 403, "body": f"forbidden for {UPSTREAM_KEY}"},
    {"status": 500, "body": f"<html>{UPSTREAM_KEY} {PROMPT}</html>"},
    {"status": 429},
    {"body": {"error": {"message": f"{UPSTREAM_KEY} is rate limited"}}},
    {"reset_before_head": True},
    {"reset_after": 2},
    {"bad_json_after": 2},
    {"truncate_after": 2},
    {"error_event_after": 2},
    {"stall_after": 2},
    {"usage": "missing"},
    {"headers": {"x-leak": UPSTREAM_KEY, "set-cookie": f"k={UPSTREAM_KEY}"}},
]


@pytest.fixture(scope="module")
def stranger():
    """A second host: nothing but its own key may ever reach it."""
    with running_upstream() as running:
        yield running


@pytest.fixture(scope="module")
def canaried(upstream, stranger, cli, tmp_path_factory):
    catalog = "\n".join(
        [
            openai_channel(upstream, {"gpt-4": "x"}, name="own", api_key=UPSTREAM_KEY, timeout=1),
            anthropic_channel(
                stranger, {"gpt-4": "y"}, name="other", api_key=OTHER_KEY, priority=1, timeout=1
            ),
            model("gpt-4", GPT_4),
        ]
    )
    home = tmp_path_factory.mktemp("canaried") / "home"
    with running_gateway(home, cli, catalog) as running:
        yield running


@pytest.fixture(scope="module")
def exercised(canaried, upstream, stranger):
    """Every fault through every dialect, streamed and not; what clients were told."""
    customer = canaried.customer()
    told: list[str] = []
    for fault in FAULTS:
        for driver in DRIVERS.values():
            for is_stream in (False, True):
                script = upstream.script({"output_tokens": 6, **fault})
                stranger.script({"status": 500}, {"output_tokens": 2}, name=script.name)
                body = driver.body("gpt-4", f"{PROMPT} {script.mark}", 20)
                if is_stream:
                    body = driver.streamed(body)
                answer = customer.post(driver.path, body)
                assert answer.status != 500
                told.append(f"{answer.headers} {answer.body.decode()}")
    return customer, told


def test_no_answer_contains_a_secret(exercised):
    customer, told = exercised
    for text in told:
        assert UPSTREAM_KEY not in text
        assert OTHER_KEY not in text
        assert customer.key not in text
        assert "10.1.2.3" not in text
        assert "set-cookie" not in text
        assert "x-leak" not in text


def test_keys_go_to_their_own_host_only(exercised, upstream, stranger):
    for entry in upstream.log():
        assert OTHER_KEY not in str(entry["headers"]) + str(entry["body"])
    log = stranger.log()
    assert log
    for entry in log:
        assert UPSTREAM_KEY not in str(entry["headers"]) + str(entry["body"])
        assert entry["key"] == OTHER_KEY


def test_a_clients_key_never_leaves(exercised, upstream, stranger):
    customer, _ = exercised
    for entry in upstream.log() + stranger.log():
        assert customer.key not in str(entry)


def test_the_log_has_no_secret(exercised, canaried):
    customer, _ = exercised
    said = canaried.said()
    for secret in (UPSTREAM_KEY, OTHER_KEY, customer.key, PROMPT):
        assert secret not in said


def test_the_metrics_have_no_secret(exercised, canaried):
    customer, _ = exercised
    text = canaried.metrics()
    for secret in (UPSTREAM_KEY, OTHER_KEY, customer.key, PROMPT, customer.id):
        assert secret not in text


def test_the_home_has_no_secret_in_the_clear(exercised, canaried):
    customer, _ = exercised
    files = [path for path in canaried.home.rglob("*") if path.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        for secret in (UPSTREAM_KEY, OTHER_KEY, customer.key, PROMPT):
            assert secret.encode() not in content, path


def test_the_home_is_its_owners_alone(canaried):
    assert canaried.home.stat().st_mode & 0o777 == 0o700
    for name in ("secret.key", "control.sock"):
        assert (canaried.home / name).stat().st_mode & 0o077 == 0, name


def test_commands_do_not_show_secrets(exercised, canaried):
    customer, _ = exercised
    for argv in (
        ["export"],
        ["token", "list", "--account", customer.id, "--json"],
        ["usage", customer.id, "--json"],
        ["ledger", "statement", customer.id],
    ):
        said = canaried.run(*argv)
        assert said.code == 0
        for secret in (UPSTREAM_KEY, OTHER_KEY, customer.key):
            assert secret not in said.stdout + said.stderr


def test_a_wrong_secret_key_refuses_to_start(canaried, cli, tmp_path):
    copy = tmp_path / "home"
    copy.mkdir(mode=0o700)
    with (
        sqlite3.connect(canaried.home / "yiyuan.db") as source,
        sqlite3.connect(copy / "yiyuan.db") as target,
    ):
        source.backup(target)
    source.close()
    target.close()
    environment = {**canaried.environment, "YIYUAN_HOME": str(copy)}
    said = cli.run(("serve", "--port", "0"), environment)
    assert said.code == 1
    assert "key" in said.stderr


ROUTING = {
    "api_base": "http://stranger.invalid/v1",
    "base_url": "http://stranger.invalid/v1",
    "api_key": "sk-mine",
    "api_version": "9",
    "api_type": "azure",
    "organization": "o",
    "extra_headers": {"authorization": "Bearer x", "x-evil": "1"},
    "headers": {"x-evil": "1"},
    "user_config": {"model_list": []},
    "custom_llm_provider": "x",
    "provider": {"order": ["x"]},
    "extra_body": {"model": "expensive"},
    "deployment_id": "x",
    "timeout": 1,
    "fallbacks": ["x"],
    "mock_response": "x",
    "__proto__": {"model": "x"},
}


@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
def test_a_body_cannot_steer_routing_or_credentials(gateway, customer, upstream, driver):
    for name in ("gpt-4", "claude-2"):
        script = upstream.script({})
        answer = customer.post(driver.path, {**driver.body(name, script.mark), **ROUTING})
        assert answer.status == 200, answer.body
        entry = script.only()
        for field in (
            "api_base",
            "base_url",
            "api_key",
            "extra_headers",
            "user_config",
            "extra_body",
        ):
            assert field not in entry["body"]
        assert "x-evil" not in entry["headers"]
        assert entry["body"]["model"] in ("gpt-4.1", "claude-up")
        assert "sk-mine" not in str(entry)


def test_client_headers_do_not_reach_the_upstream(customer, upstream):
    script = upstream.script({})
    sent = {
        "cookie": "session=1",
        "x-forwarded-for": "1.2.3.4",
        "openai-organization": "org-evil",
        "x-custom": "1",
        "forwarded": "for=1.2.3.4",
        "referer": "https://private.example/",
        "proxy-authorization": "Basic eA==",
        "x-api-version": "1",
    }
    assert customer.post(CHAT.path, CHAT.body("gpt-4", script.mark), **sent).status == 200
    headers = script.only()["headers"]
    for name in sent:
        assert name not in headers
    assert headers["host"] == f"127.0.0.1:{upstream.port}"


def test_header_values_from_a_body_are_harmless(customer, upstream):
    """Model names and users with line ends: no header is split, here or upstream."""
    script = upstream.script({})
    evil = "x\r\nx-injected: 1\r\n\r\n"
    answer = customer.post(CHAT.path, CHAT.body(evil, script.mark))
    assert answer.status in (400, 404)
    assert "x-injected" not in answer.headers
    answer = customer.post(CHAT.path, CHAT.body("gpt-4", script.mark, user=evil))
    assert answer.status == 200
    assert "x-injected" not in script.only()["headers"]


def test_redirects_are_never_followed(gateway, customer, upstream):
    place = f"{upstream.origin}/v1/leaked"
    for status in (301, 302, 303, 307, 308):
        script = upstream.script({"status": status, "headers": {"location": place}})
        assert customer.post(CHAT.path, CHAT.body("gpt-4", script.mark)).status == 502
        assert customer.post(CHAT.path, CHAT.body("gpt-4", "ok")).status == 200
    assert not any("leaked" in entry["path"] for entry in upstream.log())


def test_images_are_passed_on_never_fetched(customer, upstream):
    script = upstream.script({})
    parts = [
        {"type": "text", "text": script.mark},
        {"type": "image_url", "image_url": {"url": f"{upstream.origin}/v1/fetched.png"}},
        {"type": "image_url", "image_url": {"url": "http://169.254.169.254/latest/meta-data"}},
        {"type": "image_url", "image_url": {"url": "file:///etc/passwd"}},
    ]
    body = {**CHAT.body("gpt-4", ""), "messages": [{"role": "user", "content": parts}]}
    answer = customer.post(CHAT.path, body)
    assert answer.status in (200, 400)
    assert not any("fetched" in entry["path"] for entry in upstream.log())


def test_metadata_addresses_are_refused_for_channels(upstream, cli, tmp_path):
    """Link-local is never reached, whatever the channel allows."""
    catalog = "\n".join(
        [
            openai_channel(
                upstream, {"m": "x"}, base_url="http://169.254.169.254/v1", allow_private=True
            ),
            openai_channel(upstream, {"p": "x"}, name="closed", allow_private=False),
            model("m", GPT_4),
            model("p", GPT_4),
        ]
    )
    with running_gateway(tmp_path / "home", cli, catalog) as running:
        customer = running.customer()
        for name in ("m", "p"):
            answer = customer.post(CHAT.path, CHAT.body(name, "Hi"))
            assert answer.status == 502
            attempt = running.attempts(answer.request_id)[0]
            assert attempt["outcome"] == "refused_address"
    assert wire.call(upstream.origin, "GET", "/_log").status == 200
