"""What a vendor says it used, in its own words, and what the customer pays: to the 词元.

Thoughts and cached tokens in the shape that each vendor documents, whole and streamed.
The figures on the right are counted by hand, not by any reader of ours.
"""

import math
from dataclasses import dataclass

import pytest

from tests.support.catalogs import model, table
from tests.support.drivers import CHAT
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.serving import Answered, Asked, Json, serving
from tests.support.upstreams.vendor_server import base_url
from yiyuan.integrations.providers.presets import presets

PRICE = {"input": "2", "cached_input": "0.5", "cache_write": "3", "output": "10"}


@dataclass(slots=True, frozen=True)
class Paid:
    """Tokens by what they cost."""

    plain: int
    output: int
    cached: int = 0
    written: int = 0

    @property
    def charge(self) -> int:
        """In 词元, rounded up once."""
        halves = 4 * self.plain + self.cached + 6 * self.written + 20 * self.output
        return math.ceil(halves / 2)


def openai(prompt: int, cached: int, completion: int, thoughts: int) -> Json:
    """OpenAI's own shape: details are parts of the whole."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": thoughts},
    }


def bare(prompt: int, completion: int, **more: int) -> Json:
    """Without details."""
    total = prompt + completion
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total} | more


def google(prompt: int, cached: int, said: int, thoughts: int, tools: int = 0) -> Json:
    """Google's shape: thoughts and tools' prompts stand beside."""
    return {
        "promptTokenCount": prompt,
        "toolUsePromptTokenCount": tools,
        "cachedContentTokenCount": cached,
        "candidatesTokenCount": said,
        "thoughtsTokenCount": thoughts,
        "totalTokenCount": prompt + tools + said + thoughts,
    }


THOUGHTS = {"completion_tokens_details": {"reasoning_tokens": 40}}
WRITTEN = {"prompt_tokens_details": {"cached_tokens": 33, "cache_write_tokens": 20}}
STATED: dict[str, tuple[Json, Paid]] = {
    "openai": (openai(120, 33, 60, 40), Paid(87, 60, 33)),
    "azure": (openai(120, 33, 60, 40), Paid(87, 60, 33)),
    "bedrock": (openai(120, 33, 60, 40), Paid(87, 60, 33)),
    "deepseek": (
        bare(120, 60, prompt_cache_hit_tokens=33, prompt_cache_miss_tokens=87) | THOUGHTS,
        Paid(87, 60, 33),
    ),
    "qwen": (openai(120, 33, 60, 40), Paid(87, 60, 33)),
    "moonshot": (bare(120, 60, cached_tokens=33), Paid(87, 60, 33)),
    "zhipu": (openai(120, 33, 60, 40), Paid(87, 60, 33)),
    "minimax": (openai(120, 33, 60, 40) | {"total_characters": 0}, Paid(87, 60, 33)),
    "volcengine": (openai(120, 33, 60, 40), Paid(87, 60, 33)),
    "siliconflow": (openai(120, 33, 60, 40), Paid(87, 60, 33)),
    "openrouter": (
        bare(120, 60) | WRITTEN | THOUGHTS | {"cost": 0.00095},
        Paid(67, 60, 33, 20),
    ),
    "groq": (openai(120, 33, 60, 40), Paid(87, 60, 33)),
    "mistral": (bare(120, 60), Paid(120, 60)),
    "xai": (
        openai(120, 33, 20, 40) | {"total_tokens": 180, "num_sources_used": 0},
        Paid(87, 60, 33),
    ),
    "ollama": (bare(120, 60), Paid(120, 60)),
    "vllm": (openai(120, 33, 60, 40), Paid(87, 60, 33)),
    "gemini": (google(120, 33, 20, 40), Paid(87, 60, 33)),
    "vertex": (google(120, 33, 20, 40), Paid(87, 60, 33)),
    "vertex-express": (google(120, 33, 20, 40, tools=11), Paid(98, 60, 33)),
}
"""Prompt 120 with 33 from a cache, 20 said and 40 thought, wherever the vendor says so."""


def test_every_preset_is_here() -> None:
    assert set(STATED) == set(presets())


def upstream(asked: Asked) -> Answered:
    """Answers in the format of the path; the vendor is the model's name, or in the path."""
    if "generatecontent" in asked.path.lower():
        name = asked.path.rpartition("/models/")[2].partition(":")[0]
        parts = [{"text": "hm", "thought": True}, {"text": "all is well"}]
        content = {"role": "model", "parts": parts}
        candidate = {"content": content, "finishReason": "STOP", "index": 0}
        whole = {"candidates": [candidate], "usageMetadata": STATED[name][0]}
        return Answered(200, events=[whole]) if "stream" in asked.path else Answered(200, whole)
    body = asked.body
    usage = STATED[body["model"]][0]
    said = {"role": "assistant", "reasoning_content": "hm", "content": "all is well"}
    if not body.get("stream"):
        choice = {"index": 0, "message": said, "finish_reason": "stop"}
        return Answered(200, {"id": "up-1", "choices": [choice], "usage": usage})
    head = {"id": "up-1", "object": "chat.completion.chunk"}
    first = {"index": 0, "delta": said, "finish_reason": None}
    last = {"index": 0, "delta": {}, "finish_reason": "stop"}
    events = [head | {"choices": [first]}, head | {"choices": [last], "usage": usage}]
    return Answered(200, events=events, done=True)


@pytest.fixture(scope="module")
def customer(cli, tmp_path_factory):
    with serving(upstream) as server:
        parts = []
        for name in STATED:
            address = base_url(name, server.origin).replace("{project}", "project-1")
            channel = {"name": name, "provider": name, "base_url": address}
            channel |= {"api_key": "upkey-1", "models": {f"model-{name}": name}}
            if presets()[name].provider not in ("gemini", "vertex"):
                channel["speaks"] = ["openai_chat"]
            parts += [table("channel", **channel), model(f"model-{name}", PRICE)]
        home = tmp_path_factory.mktemp("charged") / "home"
        with running_gateway(home, cli, "\n".join(parts)) as running:
            yield running.customer(10**12)


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("name", STATED)
def test_thoughts_and_cached_tokens_are_paid_to_the_unit(customer, name, is_stream) -> None:
    before, paid = customer.spent, STATED[name][1]
    body = CHAT.body(f"model-{name}", "how are you", 5000)
    if is_stream:
        with customer.stream(CHAT.path, CHAT.streamed(body)) as stream:
            assert stream.status == 200, stream.answer().body
            told = CHAT.stream_told(stream.rest())
    else:
        answer = customer.post(CHAT.path, body)
        assert answer.status == 200, answer.body
        told = CHAT.told(answer.json())
    assert (told.input, told.cached, told.output) == (
        paid.plain + paid.cached + paid.written,
        paid.cached,
        paid.output,
    )
    assert told.charge == paid.charge
    assert customer.spent - before == paid.charge
