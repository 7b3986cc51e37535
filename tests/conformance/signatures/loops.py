"""How a client of each format goes on after an answer: it sends back what it got, as it got it.

A loop asks with a tool and thinking on, whole or streamed, puts the answer and the tool's
result behind what was said, and asks again. It knows nothing of who answers.
"""

import json
from typing import Any

from tests.support.drivers import CHAT, GEMINI, MESSAGES, RESPONSES

Json = dict[str, Any]
SCHEMA: Json = {"type": "object", "properties": {"turn": {"type": "integer"}}}


class Loop:
    """One conversation; `model` may be changed between two turns."""

    path = ""
    turns: list[Json]

    def __init__(self, customer: Any, model: str, *, is_stream: bool) -> None:
        self.customer, self.model, self.is_stream = customer, model, is_stream
        self.turns = [self.first()]

    def first(self) -> Json:
        """The first thing that is said."""
        return {"role": "user", "content": "look around"}

    def body(self) -> Json:
        """The request."""
        raise NotImplementedError

    def whole(self, document: Any) -> Any:
        """The answer's message, of a whole answer."""
        raise NotImplementedError

    def joined(self, events: list[Any]) -> Any:
        """The same of a stream, put together as its SDK does."""
        raise NotImplementedError

    def follow(self, message: Any) -> list[Any]:
        """Keep the message and answer its calls; which turns they were for."""
        raise NotImplementedError

    def address(self) -> str:
        """Where it is asked."""
        return self.path

    def ask(self) -> list[Any]:
        """One turn; the calls' arguments, empty when the model is done."""
        if not self.is_stream:
            answer = self.customer.post(self.address(), self.body())
            assert answer.status == 200, answer.body
            return self.follow(self.whole(answer.json()))
        with self.customer.stream(self.address(), self.body()) as stream:
            assert stream.status == 200, stream.answer().body
            events = [event.json() for event in stream.rest() if event.data != "[DONE]"]
        assert not [event for event in events if event.get("error")], events
        return self.follow(self.joined(events))


class MessagesLoop(Loop):
    """As Anthropic's SDK: blocks come and go verbatim."""

    path = MESSAGES.path

    def body(self) -> Json:
        tool = {"name": "look", "input_schema": SCHEMA}
        thinking = {"type": "enabled", "budget_tokens": 2000}
        rest = {"max_tokens": 5000, "thinking": thinking, "tools": [tool]}
        return {"model": self.model, "messages": self.turns} | rest

    def whole(self, document: Any) -> Any:
        return document["content"]

    def joined(self, events: list[Any]) -> Any:
        blocks: list[Json] = []
        for event in events:
            if event["type"] == "content_block_start":
                blocks.append(dict(event["content_block"]))
            if event["type"] == "content_block_delta":
                delta = dict(event["delta"])
                delta.pop("type")
                for name, value in delta.items():
                    blocks[-1][name] = blocks[-1].get(name, "") + value
        for block in blocks:
            if block["type"] == "tool_use":
                block["input"] = _parsed(block.pop("partial_json", "{}"))
        return blocks

    def follow(self, message: Any) -> list[Any]:
        self.turns.append({"role": "assistant", "content": message})
        calls = [block for block in message if block["type"] == "tool_use"]
        results = [
            {"type": "tool_result", "tool_use_id": call["id"], "content": "quiet"} for call in calls
        ]
        self.turns.append({"role": "user", "content": results or "thanks"})
        return [call["input"]["turn"] for call in calls]


class ChatLoop(Loop):
    """As most programs do: the message with everything in it goes back."""

    path = CHAT.path

    def body(self) -> Json:
        tool = {"type": "function", "function": {"name": "look", "parameters": SCHEMA}}
        rest = {"max_tokens": 5000, "reasoning_effort": "high", "tools": [tool]}
        return {"model": self.model, "messages": self.turns} | rest

    def whole(self, document: Any) -> Any:
        return document["choices"][0]["message"]

    def joined(self, events: list[Any]) -> Any:
        message: Json = {"role": "assistant", "content": None}
        calls: dict[int, Json] = {}
        deltas = [choice["delta"] for event in events for choice in event["choices"]]
        for delta in deltas:
            for name in ("content", "reasoning_content"):
                if delta.get(name):
                    message[name] = (message.get(name) or "") + delta[name]
            for piece in delta.get("tool_calls") or []:
                call = calls.setdefault(piece["index"], {"function": {"arguments": ""}})
                function = piece.pop("function", {})
                said = call["function"]["arguments"] + function.pop("arguments", "")
                call["function"] |= function | {"arguments": said}
                call |= {name: value for name, value in piece.items() if name != "index"}
        return message | ({"tool_calls": list(calls.values())} if calls else {})

    def follow(self, message: Any) -> list[Any]:
        self.turns.append(message)
        calls = message.get("tool_calls") or []
        for call in calls:
            self.turns.append({"role": "tool", "tool_call_id": call["id"], "content": "quiet"})
        if not calls:
            self.turns.append({"role": "user", "content": "thanks"})
        return [_parsed(call["function"]["arguments"])["turn"] for call in calls]


class ResponsesLoop(Loop):
    """As Codex: stateless, every item of the output goes back into the input."""

    path = RESPONSES.path

    def body(self) -> Json:
        tool = {"type": "function", "name": "look", "parameters": SCHEMA, "strict": False}
        rest = {"max_output_tokens": 5000, "reasoning": {"effort": "high", "summary": "auto"}}
        include = ["reasoning.encrypted_content"]
        keep = {"store": False, "include": include, "tools": [tool]}
        return {"model": self.model, "input": self.turns} | rest | keep

    def whole(self, document: Any) -> Any:
        return document["output"]

    def joined(self, events: list[Any]) -> Any:
        done = [e["item"] for e in events if e["type"] == "response.output_item.done"]
        assert done == events[-1]["response"]["output"]
        return done

    def follow(self, message: Any) -> list[Any]:
        self.turns += message
        calls = [item for item in message if item["type"] == "function_call"]
        for call in calls:
            output = {"type": "function_call_output", "call_id": call["call_id"]}
            self.turns.append(output | {"output": "quiet"})
        if not calls:
            self.turns.append({"role": "user", "content": "thanks"})
        return [_parsed(call["arguments"])["turn"] for call in calls]


class GeminiLoop(Loop):
    """As google-genai: the content goes back with every part of it."""

    path = GEMINI.path

    def first(self) -> Json:
        return {"role": "user", "parts": [{"text": "look around"}]}

    def address(self) -> str:
        path = self.path.replace("{model}", self.model)
        return path.replace("generate", "streamGenerate") + "?alt=sse" if self.is_stream else path

    def body(self) -> Json:
        tool = {"functionDeclarations": [{"name": "look", "parametersJsonSchema": SCHEMA}]}
        thinking = {"thinkingLevel": "high", "includeThoughts": True}
        config = {"maxOutputTokens": 5000, "thinkingConfig": thinking}
        return {"contents": self.turns, "tools": [tool], "generationConfig": config}

    def whole(self, document: Any) -> Any:
        return document["candidates"][0]["content"]

    def joined(self, events: list[Any]) -> Any:
        candidates = [each for event in events for each in event.get("candidates", [])]
        parts = [p for each in candidates for p in each.get("content", {}).get("parts", [])]
        return {"role": "model", "parts": parts}

    def follow(self, message: Any) -> list[Any]:
        self.turns.append(message)
        calls = [part["functionCall"] for part in message["parts"] if "functionCall" in part]
        answers = [
            {"functionResponse": {"name": call["name"], "response": {"output": "quiet"}}}
            | ({"id": call["id"]} if "id" in call else {})
            for call in calls
        ]
        for answer, call in zip(answers, calls, strict=True):
            answer.pop("id", None)
            if "id" in call:
                answer["functionResponse"]["id"] = call["id"]
        self.turns.append({"role": "user", "parts": answers or [{"text": "thanks"}]})
        return [call["args"]["turn"] for call in calls]


def _parsed(text: str) -> Any:
    return json.loads(text)


LOOPS: dict[str, type[Loop]] = {
    "openai_chat": ChatLoop,
    "anthropic_messages": MessagesLoop,
    "openai_responses": ResponsesLoop,
    "gemini": GeminiLoop,
}
