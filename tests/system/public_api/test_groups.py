"""A group: its own price factor, its own channels, and nobody else's."""

import pytest

from tests.support.catalogs import GPT_4, model, openai_channel, table
from tests.support.drivers import CHAT
from tests.support.gateway_process import running_gateway
from tests.support.waiting import wait_for


def catalog(upstream, *groups: str) -> str:
    return "\n".join(
        [
            openai_channel(upstream, {"gpt-4": "plain-up"}, name="plain"),
            openai_channel(upstream, {"gpt-4": "fine-up", "fine": "fine-only"}, name="fine"),
            model("gpt-4", {**GPT_4, "input": "10", "output": "10"}),
            model("fine", GPT_4),
            table("tier", min_balance=0, rate=1, price_factor="0.333333"),
            *groups,
        ]
    )


VIP = table("group", name="vip", price_factor="0.5", channels=["fine"])
CHEAP = table("group", name="cheap", price_factor="0.1")
EMPTY = table("group", name="empty", channels=[])


@pytest.fixture(scope="module")
def grouped(upstream, cli, tmp_path_factory):
    home = tmp_path_factory.mktemp("grouped") / "home"
    with running_gateway(home, cli, catalog(upstream, VIP, CHEAP, EMPTY)) as running:
        yield running


def ask(customer, name="gpt-4"):
    return customer.post(CHAT.path, CHAT.body(name, "Hi", 7))


def upstream_model(grouped, answer) -> str:
    shown = grouped.rows(
        "SELECT upstream_model FROM usage WHERE request_id = ?", answer.headers["x-request-id"]
    )
    return shown[0]["upstream_model"]


@pytest.mark.parametrize(
    ("group", "channel", "factor_ppm"),
    [
        (None, "plain-up", 333_333),
        ("vip", "fine-up", 166_667),
        ("cheap", "plain-up", 33_334),
    ],
)
def test_a_group_has_its_channels_and_its_price(grouped, group, channel, factor_ppm) -> None:
    customer = grouped.customer(**({} if group is None else {"group": group}))
    for _ in range(4):
        answer = ask(customer)
        assert answer.status == 200
        assert upstream_model(grouped, answer) == channel
    told = answer.json()["usage"]
    micros = (told["prompt_tokens"] + told["completion_tokens"]) * 10
    assert told["charge"] == -(-micros * factor_ppm // 1_000_000)
    row = grouped.rows(
        "SELECT price_factor_ppm FROM usage WHERE request_id = ?", answer.headers["x-request-id"]
    )
    assert row[0]["price_factor_ppm"] == factor_ppm


def test_a_channel_of_a_group_serves_nobody_else(grouped) -> None:
    plain, vip = grouped.customer(), grouped.customer(group="vip")
    assert ask(vip, "fine").status == 200
    refused = ask(plain, "fine")
    assert (refused.status, CHAT.code(refused)) == (503, "no_channel_available")
    assert plain.spent == 0
    assert [m["id"] for m in plain.get("/v1/models").json()["data"]] == ["gpt-4"]
    assert [m["id"] for m in vip.get("/v1/models").json()["data"]] == ["fine", "gpt-4"]


def test_an_empty_group_is_served_by_nobody(grouped) -> None:
    assert ask(grouped.customer(group="empty")).status == 503


def test_an_accounts_default_is_for_tokens_without_a_group(grouped) -> None:
    customer = grouped.customer()
    assert upstream_model(grouped, ask(customer)) == "plain-up"
    grouped.cli("account", "groups", customer.name, "--default", "vip")
    wait_for(lambda: upstream_model(grouped, ask(customer)) == "fine-up", timeout=2)
    own = customer.token("own", group="cheap")
    assert upstream_model(grouped, ask(own)) == "plain-up"
    grouped.cli("token", "set", own.token_id, "--group", "none")
    wait_for(lambda: upstream_model(grouped, ask(own)) == "fine-up", timeout=2)
    grouped.cli("account", "groups", customer.name, "--default", "none")
    wait_for(lambda: upstream_model(grouped, ask(own)) == "plain-up", timeout=2)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (
            ("token", "create", "t", "--account", "ACCOUNT", "--group", "gold"),
            "group must be one of vip, cheap, empty",
        ),
        (
            ("token", "create", "t", "--account", "ACCOUNT", "--group", "cheap"),
            "group must be one of vip",
        ),
        (
            ("account", "groups", "ACCOUNT", "--default", "gold"),
            "group must be one of vip, cheap, empty",
        ),
        (
            ("account", "groups", "ACCOUNT", "--allow", "vip,gold"),
            "group must be one of vip, cheap, empty",
        ),
    ],
)
def test_a_group_that_may_not_be_had_is_refused(grouped, argv, said) -> None:
    customer = grouped.customer()
    grouped.cli("account", "groups", customer.name, "--allow", "vip")
    refused = grouped.run(*(customer.name if word == "ACCOUNT" else word for word in argv))
    assert refused.code == 1
    assert said in refused.stderr


def test_a_catalog_keeps_its_groups(grouped) -> None:
    exported = grouped.cli("export")["group"]
    assert exported == [
        {"name": "vip", "price_factor": "0.5", "channels": ["fine"]},
        {"name": "cheap", "price_factor": "0.1"},
        {"name": "empty", "channels": []},
    ]


def test_a_group_of_a_channel_that_is_not_there_is_refused(grouped, upstream, tmp_path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(catalog(upstream, table("group", name="odd", channels=["nowhere"])))
    refused = grouped.run("apply", str(file))
    assert refused.code == 1
    assert "there is no [[channel]]" in refused.stderr
    assert "group.channels" in refused.stderr


def test_pruning_removes_a_group_and_stops_its_tokens(upstream, cli, tmp_path) -> None:
    with running_gateway(tmp_path / "home", cli, catalog(upstream, VIP)) as running:
        customer = running.customer(group="vip")
        assert ask(customer).status == 200
        file = tmp_path / "next.toml"
        file.write_text(catalog(upstream))
        assert "group vip" in running.cli("apply", str(file))["left"]
        assert "group vip" in running.cli("apply", str(file), "--prune")["changed"]
        wait_for(lambda: ask(customer).status == 503, timeout=2)
