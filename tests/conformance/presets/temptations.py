"""For every quirk of every preset: what tempts the vendor to refuse, and how a client asks for it.

A temptation is a body that OpenAI would take and this vendor does not. It is made from
the preset's file alone, so that a new row, or a new quirk in an old one, has its cases
before anybody writes a test; a quirk that is not known here has none, which fails.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.support.upstreams.serving import Json
from tests.support.upstreams.vendor_server import THINKING_FIELDS, quirks_of, row_of
from yiyuan.integrations.providers.presets import presets

HARMFUL: Json = {
    "n": 2,
    "logprobs": True,
    "top_logprobs": 2,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.5,
    "temperature": 0.3,
    "top_p": 0.4,
    "logit_bias": {"50256": -100},
}
"""Values that would change the answer."""
OWN_VALUES: Json = {
    "thinking": {"type": "enabled"},
    "enable_thinking": True,
    "reasoning": {"effort": "high"},
    "reasoning_effort": "high",
    "chat_template_kwargs": {"enable_thinking": True},
}
WORDS = ("minimal", "low", "medium", "high", "xhigh", "max")
TOOL: Json = {
    "type": "function",
    "function": {"name": "look", "strict": True, "parameters": {"type": "object"}},
}
CHOICES: Json = {
    "none": "none",
    "required": "required",
    "named": {"type": "function", "function": {"name": "look"}},
}
SCHEMA: Json = {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}


@dataclass(slots=True)
class Temptation:
    """One thing that the vendor refuses."""

    vendor: str
    model: str
    quirk: str
    body: Json
    """What it refuses, in OpenAI's chat."""
    client: Json | None = None
    """What a client asks, where that is not the same."""
    refused_as: str | None = None
    """The parameter that we refuse it by; None: it is put right."""
    dropped: tuple[str, ...] = field(default_factory=tuple)
    """What the client is told was left out."""
    is_answered: bool = True
    """False: nothing can be put right, the server alone is tried."""

    def __str__(self) -> str:
        return f"{self.vendor}-{self.model}-{self.quirk}-{sorted(set(self.body) - {'messages'})}"


def chat(**fields: Any) -> Json:
    """A chat request of a client."""
    return {"model": "public", "messages": [{"role": "user", "content": "hi"}]} | fields


def chat_presets() -> list[str]:
    """The vendors that speak OpenAI's chat."""
    return [p.name for p in presets().values() if p.provider in ("openai", "azure")]


def models_of(vendor: str) -> list[str]:
    """A model of each pattern, and one of none."""
    row = row_of(vendor)
    named = [table["match"].replace("[1-9]", "3") for table in row.get("models", [])]
    named = [name.replace("[5-9]", "6").replace("[134]", "3").replace("*", "x") for name in named]
    return [*named, "some-model"]


def declared(vendor: str) -> set[str]:
    """Every quirk that the file of a vendor names, of whichever model."""
    row = row_of(vendor)
    found = set(row.get("quirks", {}))
    for table in row.get("models", []):
        found |= set(table) - {"match"}
    return found


def temptations(vendor: str) -> Iterator[Temptation]:
    """All of one vendor."""
    for model in models_of(vendor):
        quirks = quirks_of(row_of(vendor), model)
        for name in quirks:
            for made in MAKERS[name](quirks) if name in MAKERS else ():
                made.vendor, made.model, made.quirk = vendor, model, name
                yield made


def _tempting(body: Json, client: Json | None = None, **rest: Any) -> Temptation:
    return Temptation("", "", "", body, client, **rest)


def _max_tokens(quirks: Json) -> Iterator[Temptation]:
    for name in {"max_tokens", "max_completion_tokens"} - {quirks["max_tokens"]}:
        if quirks["max_tokens"] != "both":
            yield _tempting(chat(**{name: 50}))


def _thinking(quirks: Json) -> Iterator[Temptation]:
    own = {THINKING_FIELDS.get(quirks["thinking"])}
    own |= {"reasoning_effort"} if quirks.get("efforts") else set()
    asked = chat(stream=True, reasoning_effort="high")
    for name in sorted(set(THINKING_FIELDS.values()) - own):
        yield _tempting(chat(stream=True, **{name: OWN_VALUES[name]}), asked)


def _efforts(quirks: Json) -> Iterator[Temptation]:
    for word in sorted(set(WORDS) - set(quirks["efforts"].values())):
        yield _tempting(chat(stream=True, reasoning_effort=word))


def _thinking_off(quirks: Json) -> Iterator[Temptation]:
    if quirks["thinking_off"]:
        return
    by_type = quirks.get("thinking") == "thinking_type"
    said = {"thinking": {"type": "disabled"}} if by_type else {"reasoning_effort": "none"}
    off = chat(reasoning_effort="none")
    yield _tempting(chat(**said), off, refused_as="reasoning_effort")


def _reasoning_back(quirks: Json) -> Iterator[Temptation]:
    if quirks["reasoning_back"] == "never":
        return
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    turns = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "a cat"},
    ]
    yield _tempting(
        chat(messages=turns, tools=[{"type": "function", "function": {"name": "look"}}])
    )


def _refuse(quirks: Json) -> Iterator[Temptation]:
    for name in quirks["refuse"]:
        yield _tempting(chat(**{name: HARMFUL[name]}), refused_as=name)


def _drop(quirks: Json) -> Iterator[Temptation]:
    for name in quirks["drop"]:
        yield _tempting(chat(**{name: HARMFUL[name]}), dropped=(name,))


def _clamp(quirks: Json) -> Iterator[Temptation]:
    openai = {"temperature": (0, 2), "top_p": (0, 1)}
    for name, (least, greatest) in quirks["clamp"].items():
        low, high = openai[name]
        for value, is_outside in ((low, low < least), (high, high > greatest)):
            if is_outside and value != 1:  # a value that says nothing
                yield _tempting(chat(**{name: value}), dropped=(name,))


def _tool_choice(quirks: Json) -> Iterator[Temptation]:
    plain = {"type": "function", "function": {"name": "look"}}
    for form in sorted(set(CHOICES) - set(quirks["tool_choice"])):
        is_said = form == "named" or (form == "required" and "any" not in quirks["tool_choice"])
        dropped = ("tool_choice",) if is_said else ()
        yield _tempting(chat(tools=[plain], tool_choice=CHOICES[form]), dropped=dropped)


def _strict_fields(quirks: Json) -> Iterator[Temptation]:
    if quirks["strict_fields"]:
        yield _tempting(chat(unheard_of=1), dropped=("unheard_of",))


def _stream_usage(quirks: Json) -> Iterator[Temptation]:
    if not quirks["stream_usage"]:
        yield _tempting(chat(stream=True, stream_options={"include_usage": True}))


def _flags(quirks: Json) -> Iterator[Temptation]:
    named = [{"role": "user", "name": "ann", "content": "hi"}]
    tempting = {
        "nonstream_no_thinking": _tempting(chat()),
        "reasoning_split": _tempting(chat()),
        "reasoning_parsed": _tempting(chat(reasoning_effort="high")),
        "no_tool_strict": _tempting(chat(tools=[TOOL])),
        "no_message_name": _tempting(chat(messages=named)),
        "no_json_schema": _tempting(chat(response_format=SCHEMA), refused_as="response_format"),
    }
    for flag in quirks["flags"]:
        if flag in tempting:
            yield tempting[flag]


MAKERS: dict[str, Callable[[Json], Iterator[Temptation]]] = {
    "max_tokens": _max_tokens,
    "thinking": _thinking,
    "efforts": _efforts,
    "thinking_off": _thinking_off,
    "reasoning_back": _reasoning_back,
    "refuse": _refuse,
    "drop": _drop,
    "clamp": _clamp,
    "tool_choice": _tool_choice,
    "strict_fields": _strict_fields,
    "stream_usage": _stream_usage,
    "flags": _flags,
}
"""By quirk; those of answers (`account_codes`, …) are in the API's own suites."""
