"""Reads a request as an upstream received it, whichever format it is in."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Asked:
    """A request in words that both formats share."""

    system: str = ""
    turns: list[tuple[str, str]] = field(default_factory=list)
    images: list[tuple[str, str]] = field(default_factory=list)
    """(kind, value): ("url", …) or (media type, base64)."""
    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    results: list[tuple[str, str]] = field(default_factory=list)
    tools: dict[str, Any] = field(default_factory=dict)
    tool_choice: str | None = None
    maximum: int | None = None
    stop: list[str] = field(default_factory=list)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content or [] if part.get("type") == "text")


def read(entry: dict[str, Any]) -> Asked:
    """The request of a log entry."""
    body = entry["body"]
    return _anthropic(body) if entry["path"].endswith("/messages") else _openai(body)


def _openai(body: dict[str, Any]) -> Asked:
    asked = Asked(maximum=body.get("max_completion_tokens", body.get("max_tokens")))
    stop = body.get("stop") or []
    asked.stop = [stop] if isinstance(stop, str) else stop
    for message in body["messages"]:
        content, role = message.get("content"), message["role"]
        if role in ("system", "developer"):
            asked.system += _text(content)
        elif role == "tool":
            asked.results.append((message["tool_call_id"], _text(content)))
        else:
            text = _text(content)
            if text:
                asked.turns.append((role, text))
            for call in message.get("tool_calls") or []:
                function = call["function"]
                arguments = json.loads(function["arguments"])
                asked.calls.append((call["id"], function["name"], arguments))
        for part in content if isinstance(content, list) else []:
            if part.get("type") == "image_url":
                url = part["image_url"]["url"]
                if url.startswith("data:"):
                    media, _, data = url[5:].partition(";base64,")
                    asked.images.append((media, data))
                else:
                    asked.images.append(("url", url))
    for tool in body.get("tools") or []:
        asked.tools[tool["function"]["name"]] = tool["function"]["parameters"]
    choice = body.get("tool_choice")
    asked.tool_choice = "=" + choice["function"]["name"] if isinstance(choice, dict) else choice
    return asked


def _anthropic(body: dict[str, Any]) -> Asked:
    asked = Asked(_text(body.get("system")), maximum=body["max_tokens"])
    asked.stop = body.get("stop_sequences") or []
    for message in body["messages"]:
        content = message["content"]
        text = _text(content)
        if text:
            asked.turns.append((message["role"], text))
        for part in content if isinstance(content, list) else []:
            match part["type"]:
                case "image":
                    source = part["source"]
                    kind = "url" if source["type"] == "url" else source["media_type"]
                    asked.images.append((kind, source.get("url") or source["data"]))
                case "tool_use":
                    asked.calls.append((part["id"], part["name"], part["input"]))
                case "tool_result":
                    asked.results.append((part["tool_use_id"], _text(part.get("content"))))
    for tool in body.get("tools") or []:
        asked.tools[tool["name"]] = tool["input_schema"]
    choice = body.get("tool_choice")
    if choice:
        words = {"any": "required", "tool": "=" + choice.get("name", "")}
        asked.tool_choice = words.get(choice["type"], choice["type"])
    return asked
