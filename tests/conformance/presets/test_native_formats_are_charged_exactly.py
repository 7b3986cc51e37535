"""Messages and Responses of every vendor that speaks them: what it says it used is what is paid.

Thoughts are within the output, cached tokens beside the input of Messages and within that
of Responses. The charges are counted by hand, not by any reader of ours.
"""

import math

import pytest

from tests.support.catalogs import model, table
from tests.support.drivers import DRIVERS
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.serving import Answered, Asked, Json, serving
from tests.support.upstreams.vendor_server import base_url
from yiyuan.integrations.providers.presets import presets

PRICE = {"input": "2", "cached_input": "0.5", "cache_write": "3", "output": "10"}
WRITTEN_BESIDE = {"input_tokens": 67, "cache_read_input_tokens": 33, "output_tokens": 60}
WRITTEN_BESIDE |= {"cache_creation_input_tokens": 20}
WITHIN = {"input_tokens": 120, "output_tokens": 60, "total_tokens": 180}
STATED: dict[str, Json] = {
    "anthropic_messages": WRITTEN_BESIDE,
    "openai_responses": WITHIN
    | {"input_tokens_details": {"cached_tokens": 33}}
    | {"output_tokens_details": {"reasoning_tokens": 40}},
}
PAID = {
    "anthropic_messages": math.ceil(67 * 2 + 33 * 0.5 + 20 * 3 + 60 * 10),
    "openai_responses": math.ceil(87 * 2 + 33 * 0.5 + 60 * 10),
}
TOLD = {"anthropic_messages": (120, 33, 60), "openai_responses": (120, 33, 60)}
PATHS = {"anthropic_messages": "/messages", "openai_responses": "/responses"}
CASES = [
    (name, dialect)
    for name, preset in presets().items()
    for dialect in STATED
    if dialect in preset.speaks and preset.provider not in ("gemini", "vertex")
]


def messages(stream: bool) -> Answered:
    usage = STATED["anthropic_messages"]
    thought = {"type": "thinking", "thinking": "hm", "signature": "vendor-proof"}
    head = {"id": "msg_up", "type": "message", "role": "assistant", "model": "up"}
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    if not stream:
        said = [thought, {"type": "text", "text": "all is well"}]
        return Answered(200, head | end | {"content": said, "usage": usage})
    opening = head | {"content": [], "stop_reason": None, "usage": usage | {"output_tokens": 1}}
    events: list[Json] = [{"type": "message_start", "message": opening}]
    for index, (kind, field) in enumerate((("thinking", "hm"), ("text", "all is well"))):
        empty = {"type": kind, kind: ""} | ({"signature": ""} if index == 0 else {})
        delta = {"type": f"{kind}_delta", kind: field}
        at = {"index": index}
        events.append({"type": "content_block_start", "content_block": empty} | at)
        events.append({"type": "content_block_delta", "delta": delta} | at)
        events.append({"type": "content_block_stop"} | at)
    counted = {"output_tokens": usage["output_tokens"]}
    events.append({"type": "message_delta", "delta": end, "usage": counted})
    return Answered(200, events=[*events, {"type": "message_stop"}], named=True)


def responses(stream: bool) -> Answered:
    thought = {"type": "reasoning", "id": "rs_1", "summary": []}
    text = {"type": "output_text", "text": "all is well", "annotations": []}
    said = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant"}
    output = [thought, said | {"content": [text]}]
    head = {"id": "resp_up", "object": "response", "model": "up", "created_at": 1}
    usage = STATED["openai_responses"]
    whole = head | {"status": "completed", "output": output, "usage": usage}
    if not stream:
        return Answered(200, whole)
    opened = head | {"status": "in_progress", "output": []}
    events: list[Json] = [{"type": "response.created", "response": opened}]
    for place, item in enumerate(output):
        at = {"output_index": place, "item": item}
        events.append({"type": "response.output_item.added"} | at)
        if item["type"] == "message":
            where = {"item_id": "msg_1", "output_index": place, "content_index": 0}
            events.append({"type": "response.output_text.delta", "delta": "all is well"} | where)
        events.append({"type": "response.output_item.done"} | at)
    events.append({"type": "response.completed", "response": whole})
    numbered = [event | {"sequence_number": number} for number, event in enumerate(events)]
    return Answered(200, events=numbered, named=True)


def upstream(asked: Asked) -> Answered:
    """Only the two formats, at whichever address: a translated request finds nothing."""
    stream = bool(asked.body.get("stream"))
    if asked.path.endswith("/messages"):
        return messages(stream)
    if asked.path.endswith("/responses"):
        return responses(stream)
    return Answered(404, {"error": {"message": f"no {asked.path}", "code": "not_found"}})


@pytest.fixture(scope="module")
def customer(cli, tmp_path_factory):
    with serving(upstream) as server:
        parts = []
        for name in dict(CASES):
            address = base_url(name, server.origin)
            channel = {"name": name, "provider": name, "base_url": address}
            channel |= {
                "api_key": "upkey-1",
                "models": {f"model-{name}": presets()[name].example[0]},
            }
            if name == "openai":  # elsewhere than at OpenAI's own address it must be said
                channel["speaks"] = list(presets()[name].speaks)
            parts += [table("channel", **channel), model(f"model-{name}", PRICE)]
        home = tmp_path_factory.mktemp("native") / "home"
        with running_gateway(home, cli, "\n".join(parts)) as running:
            yield running.customer(10**12)


def test_the_vendors_that_are_told_of_are_here() -> None:
    native = set(CASES)
    assert {(name, "anthropic_messages") for name in ("deepseek", "zhipu", "moonshot")} <= native
    assert {("openai", "openai_responses"), ("xai", "openai_responses")} <= native


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("name", "dialect"), CASES)
def test_its_own_format_is_paid_to_the_unit(customer, name, dialect, is_stream) -> None:
    driver, before = DRIVERS[dialect], customer.spent
    body = driver.body(f"model-{name}", "how are you", 5000)
    if is_stream:
        with customer.stream(driver.path, driver.streamed(body)) as stream:
            assert stream.status == 200, stream.answer().body
            told = driver.stream_told(stream.rest())
    else:
        answer = customer.post(driver.path, body)
        assert answer.status == 200, answer.body
        told = driver.told(answer.json())
    assert (told.input, told.cached, told.output) == TOLD[dialect]
    assert told.charge == PAID[dialect]
    assert customer.spent - before == PAID[dialect]
