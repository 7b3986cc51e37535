"""How a client of Responses says what the suite's other clients say in messages."""

import json
from typing import Any

from tests.conformance.combos import Combo, Outcome
from tests.support.drivers import RESPONSES


def system_body(model: str, mark: str) -> dict[str, Any]:
    """Instructions, and three turns."""
    items = [
        {"role": "user", "content": f"First {mark}"},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Answer"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Second"}]},
    ]
    return {"model": model, "instructions": "Be brief.", "input": items, "max_output_tokens": 4}


def image_turn(text: str, *urls: str) -> dict[str, Any]:
    """A text and pictures."""
    pictures = [{"type": "input_image", "image_url": url} for url in urls]
    return {"role": "user", "content": [{"type": "input_text", "text": text}, *pictures]}


def tool_fields(name: str, schema: Any) -> dict[str, Any]:
    """One function to choose."""
    tool = {"type": "function", "name": name, "description": "Tells it", "parameters": schema}
    return {"tools": [{**tool, "strict": False}], "tool_choice": "auto"}


def called(combo: Combo, outcome: Outcome) -> tuple[str, str, Any]:
    """The call of an answer: (id, name, arguments)."""
    document = RESPONSES.end(outcome.events) if combo.is_stream else outcome.document
    [call] = [item for item in document["output"] if item["type"] == "function_call"]
    if combo.is_stream:
        events = RESPONSES.documents(outcome.events)
        kind = "response.function_call_arguments.delta"
        pieces = [event["delta"] for event in events if event["type"] == kind]
        assert "".join(pieces) == call["arguments"]
        done = [e["item"] for e in events if e["type"] == "response.output_item.done"]
        assert call in done
    return call["call_id"], call["name"], json.loads(call["arguments"])


def with_result(body: dict[str, Any], call: dict[str, Any], output: str) -> dict[str, Any]:
    """The next turn: `call` (its id, name and arguments), and what the tool said."""
    asked = {"type": "message", "role": "user", "content": body["input"]}
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": output}
    return {**body, "input": [asked, {"type": "function_call", **call}, result]}


def check_shape(outcome: Outcome) -> None:
    """One id, and the events in OpenAI's order."""
    events = RESPONSES.documents(outcome.events)
    assert [event["type"].removeprefix("response.") for event in events] == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        *["output_text.delta"] * 3,
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert len({event["response"]["id"] for event in events if "response" in event}) == 1
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
