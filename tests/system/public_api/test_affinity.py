"""Turns of one conversation meet one upstream key, whichever client sends them."""

import itertools

import pytest

from tests.support import wire
from tests.support.catalogs import GPT_4, model, table
from tests.support.drivers import CHAT, MESSAGES, RESPONSES
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.serving import Answered, Asked, serving
from tests.support.upstreams.vendor_server import base_url, vendor
from tests.support.waiting import wait_for

SESSIONS = [f"session-{number}" for number in range(20)]
REFUSED: set[str] = set()
"""Keys that the upstream does not know at the moment."""


def _upstream(asked: Asked) -> Answered:
    if asked.headers.get("authorization") in REFUSED:
        return Answered(401, {"error": {"message": "no such key", "code": "invalid_api_key"}})
    return vendor("xai")(asked)


@pytest.fixture(scope="module")
def xai():
    with serving(_upstream) as server:
        yield server


@pytest.fixture(scope="module")
def sharing(xai, cli, tmp_path_factory):
    channels = [
        table(
            "channel",
            name=name,
            provider="xai",
            base_url=base_url("xai", xai.origin),
            api_key=[f"upkey-{name}-{place}" for place in range(3)],
            models={"gpt-4": "grok-4.3", "spread": "grok-4.3"},
        )
        for name in ("one", "two")
    ]
    models = [model("gpt-4", GPT_4), model("spread", GPT_4, affinity="off")]
    home = tmp_path_factory.mktemp("sharing") / "home"
    with running_gateway(home, cli, "\n".join([*channels, *models])) as running:
        yield running


def keys_of(server, since: int) -> list[str]:
    return [asked.headers["authorization"] for asked in server.asked[since:]]


@pytest.mark.parametrize(
    ("driver", "headers", "fields"),
    [
        (CHAT, {"session_id": "S"}, {}),
        (RESPONSES, {"session-id": "S"}, {}),
        (MESSAGES, {"x-claude-code-session-id": "S"}, {}),
        (CHAT, {}, {"prompt_cache_key": "S"}),
        (MESSAGES, {}, {"metadata": {"user_id": "user_1_session_S"}}),
    ],
    ids=["session_id", "codex", "claude-code", "prompt_cache_key", "metadata"],
)
def test_a_session_stays_and_sessions_differ(sharing, xai, driver, headers, fields) -> None:
    customer = sharing.customer()
    used: dict[str, set[str]] = {}
    for turn, name in itertools.product(range(3), [f"s{n}" for n in range(8)]):
        since = len(xai.asked)
        sent = {key: value.replace("S", name) for key, value in headers.items()}
        more = {
            key: (
                {k: v.replace("S", name) for k, v in value.items()}
                if isinstance(value, dict)
                else value.replace("S", name)
            )
            for key, value in fields.items()
        }
        body = driver.body("gpt-4", f"turn {turn} of {name}", 50, **more)
        answer = wire.call(
            sharing.origin, "POST", driver.path, body, key=customer.key, headers=sent
        )
        assert answer.status == 200, answer.body
        used.setdefault(name, set()).update(keys_of(xai, since))
    assert all(len(keys) == 1 for keys in used.values())
    assert len(set.union(*used.values())) > 1


def places_of(customer, xai) -> dict[str, str]:
    """A turn of every session; which key answered each."""
    found = {}
    for name in SESSIONS:
        answer = customer.post(CHAT.path, CHAT.body("gpt-4", "go on", 50), session_id=name)
        assert answer.status == 200, answer.body
        found[name] = xai.asked[-1].headers["authorization"]
    return found


def test_two_hundred_turns_of_twenty_sessions_stay_on_one_key_each(sharing, xai) -> None:
    customer = sharing.customer()
    rounds = [places_of(customer, xai) for _ in range(10)]
    assert all(places == rounds[0] for places in rounds)
    assert len(set(rounds[0].values())) > 1


def test_a_failing_key_moves_its_conversations_together_and_they_come_back(sharing, xai) -> None:
    customer = sharing.customer()
    before = places_of(customer, xai)
    broken = before[SESSIONS[0]]
    REFUSED.add(broken)
    try:
        moved = places_of(customer, xai)
        assert places_of(customer, xai) == moved
    finally:
        REFUSED.clear()
    assert broken not in moved.values()
    assert all(moved[name] == key for name, key in before.items() if key != broken)
    wait_for(
        lambda: places_of(customer, xai) == before,
        timeout=60,
        every=0.2,
        what="the conversations to come back",
    )


def test_a_conversation_without_a_name_is_known_by_its_beginning(sharing, xai) -> None:
    customer = sharing.customer()
    used = set()
    messages = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "begin"}]
    for _ in range(6):
        since = len(xai.asked)
        assert customer.post(CHAT.path, {"model": "gpt-4", "messages": messages}).status == 200
        used.update(keys_of(xai, since))
        messages += [{"role": "assistant", "content": "x"}, {"role": "user", "content": "more"}]
    assert len(used) == 1


def test_a_hint_is_sent_that_names_nobody_and_differs_between_customers(sharing, xai) -> None:
    hints = set()
    for _ in range(2):
        customer = sharing.customer()
        for _ in range(2):
            customer.post(RESPONSES.path, RESPONSES.body("gpt-4", "the same words", 50))
            hints.add(xai.asked[-1].body["prompt_cache_key"])
            assert customer.id not in xai.asked[-1].body["prompt_cache_key"]
    assert len(hints) == 2


def test_a_clients_own_hint_goes_as_it_is(sharing, xai) -> None:
    body = RESPONSES.body("gpt-4", "hi", 50, prompt_cache_key="mine")
    assert sharing.customer().post(RESPONSES.path, body).status == 200
    assert xai.asked[-1].body["prompt_cache_key"] == "mine"


def test_a_model_without_affinity_spreads_its_turns(sharing, xai) -> None:
    customer, since = sharing.customer(), len(xai.asked)
    for _ in range(24):
        body = CHAT.body("spread", "the same words", 50)
        assert customer.post(CHAT.path, body, session_id="one").status == 200
    # 24 turns that all draw one of six keys: once in 6 ** 23 times.
    assert len(set(keys_of(xai, since))) > 1
    assert "prompt_cache_key" not in xai.asked[-1].body


@pytest.fixture(scope="module")
def openrouter():
    with serving(vendor("openrouter")) as server:
        yield server


@pytest.fixture(scope="module")
def hinting(openrouter, cli, tmp_path_factory):
    channel = {"name": "openrouter", "provider": "openrouter", "api_key": "upkey-1"}
    address = base_url("openrouter", openrouter.origin)
    models = {"glm": "z-ai/glm-5.2"}
    parts = [table("channel", **channel, base_url=address, models=models), model("glm", GPT_4)]
    home = tmp_path_factory.mktemp("hinting") / "home"
    with running_gateway(home, cli, "\n".join(parts)) as running:
        yield running


@pytest.mark.parametrize("header", ["x-session-id", "x-claude-code-session-id"])
@pytest.mark.parametrize("driver", [CHAT, MESSAGES, RESPONSES], ids=["chat", "messages", "own"])
def test_openrouter_is_told_of_the_session_but_not_its_name(
    hinting, openrouter, driver, header
) -> None:
    hints: dict[tuple[str, str], set[str]] = {}
    for who, customer in (("one", hinting.customer()), ("two", hinting.customer())):
        for name, turn in itertools.product(("session-of-ann", "session-of-bob"), range(3)):
            body = driver.body("glm", f"turn {turn}", 50)
            answer = customer.post(driver.path, body, **{header: name})
            assert answer.status == 200, answer.body
            asked = openrouter.asked[-1]
            sent = f"{asked.headers} {asked.raw.decode()}"
            assert name not in sent
            assert customer.id not in sent
            hints.setdefault((who, name), set()).add(asked.headers["x-session-id"])
    assert all(len(each) == 1 for each in hints.values()), "one for all turns of a session"
    assert len(set.union(*hints.values())) == 4, "and another for each customer and session"
