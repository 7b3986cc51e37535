"""Catalogs for tests: upstream channels at a scripted upstream, models, prices."""

from typing import Any

from tests.support.upstreams.control import Upstream

OPENAI_KEY = "upkey-openai-1111"
ANTHROPIC_KEY = "upkey-anthropic-2222"


def toml(value: Any) -> str:
    """A TOML value."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case dict():
            return "{ " + ", ".join(f"{toml(k)} = {toml(v)}" for k, v in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(toml(item) for item in value) + "]"
        case _:
            return str(value)


def table(kind: str, **fields: Any) -> str:
    """One `[[kind]]`."""
    lines = [f"{name} = {toml(value)}" for name, value in fields.items()]
    return "\n".join([f"[[{kind}]]", *lines, ""])


def openai_channel(upstream: Upstream, models: dict[str, str], **fields: Any) -> str:
    """A channel that speaks OpenAI; `prefix` is a path under the upstream."""
    prefix = fields.pop("prefix", "")
    defaults = {
        "name": "openai",
        "provider": "openai",
        "base_url": f"{upstream.origin}{prefix}/v1",
        "api_key": OPENAI_KEY,
        "models": models,
    }
    return table("channel", **(defaults | fields))


def anthropic_channel(upstream: Upstream, models: dict[str, str], **fields: Any) -> str:
    """A channel that speaks Anthropic."""
    prefix = fields.pop("prefix", "")
    defaults = {
        "name": "anthropic",
        "provider": "anthropic",
        "base_url": f"{upstream.origin}{prefix}",
        "api_key": ANTHROPIC_KEY,
        "models": models,
    }
    return table("channel", **(defaults | fields))


def model(name: str, price: dict[str, Any], **fields: Any) -> str:
    """A model; large enough by default that no test meets its edges by accident."""
    defaults = {"context_tokens": 8192, "max_output_tokens": 4096}
    return table("model", name=name, price=price, **(defaults | fields))


GPT_4 = {"input": "30", "cached_input": "15", "output": "60"}
GPT_35 = {"input": "0.5", "output": "1.5"}
CLAUDE_2 = {
    "input": "8",
    "cached_input": "0.8",
    "cache_write": "10",
    "cache_write_1h": "16",
    "output": "24",
}
ODD = {"input": "0.333333", "output": "1.000001", "request": 7}


def main_catalog(upstream: Upstream, timeout: int = 5) -> str:
    """What most suites use: the seed's models over both kinds of upstream, and some more."""
    openai_models = {
        "gpt-4": "gpt-4.1",
        "gpt-3.5-turbo": "gpt-4.1-mini",
        "odd": "gpt-4o-odd",
        "instruct": "gpt-3.5-turbo-instruct",
        "legacy-vocabulary": "gpt-4-0613",
        "text-embedding-3-small": "text-embedding-3-small",
        "ranker": "ranker-up",
        "omni-moderation-latest": "moderator-up",
    }
    return "\n".join(
        [
            openai_channel(
                upstream, openai_models, native_completions=["instruct"], timeout=timeout
            ),
            anthropic_channel(
                upstream, {"claude-2": "claude-up", "odd-claude": "claude-odd"}, timeout=timeout
            ),
            model("gpt-4", GPT_4, rpm=500),
            model("gpt-3.5-turbo", GPT_35, rpm=3500),
            model("claude-2", CLAUDE_2, rpm=500),
            model("odd", ODD),
            model("odd-claude", ODD),
            model("instruct", GPT_35),
            model("legacy-vocabulary", GPT_4),
            model("text-embedding-3-small", {"input": "0.15", "output": "0"}),
            model("ranker", {"input": "2", "output": "0", "request": 5}, rpm=500),
            model("omni-moderation-latest", {"input": "0", "output": "0", "request": 3}, rpm=500),
        ]
    )
