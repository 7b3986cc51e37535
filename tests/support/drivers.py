"""One driver for each client dialect: how its clients ask, and how they read the answer.

A driver is independent of the product's own readers and writers: it says in a
few lines what the vendor's format is. Suites that are parametrised over the
discovered dialects take their driver from `DRIVERS`; a dialect without one fails
there, which is how a new format gets its conformance tests. `EVERY_FORMAT` has Gemini
too, whose address names the model: who walks it posts to `driver.address(model)`.
"""

from dataclasses import dataclass
from typing import Any

from tests.support.wire import Answer, Event


@dataclass(slots=True, frozen=True)
class Told:
    """Usage as a client is told it, in one vocabulary for all formats."""

    input: int
    output: int
    cached: int
    charge: int


class Driver:
    """What suites ask of a client dialect."""

    name: str
    path: str
    provider_style: str
    """`openai`, `anthropic` or `google`: whose SDK conventions it follows."""

    def address(self, model: str, *, is_stream: bool = False) -> str:
        """Where to post a request for `model`: its path, unless the format names it there."""
        return self.path

    def body(self, model: str, text: str, maximum: int | None = 5, **more: Any) -> dict[str, Any]:
        """A request for `text`."""
        raise NotImplementedError

    def streamed(self, body: dict[str, Any]) -> dict[str, Any]:
        """The same request for a stream that tells its usage."""
        return {**body, "stream": True}

    def text(self, document: Any) -> str:
        """The text of a complete answer."""
        raise NotImplementedError

    def finish(self, document: Any) -> str:
        """Its reason to stop."""
        raise NotImplementedError

    def told(self, document: Any) -> Told:
        """Its usage."""
        raise NotImplementedError

    def stream_text(self, events: list[Event]) -> str:
        """The text of a stream so far."""
        raise NotImplementedError

    def stream_finish(self, events: list[Event]) -> str | None:
        """Its reason to stop."""
        raise NotImplementedError

    def stream_told(self, events: list[Event]) -> Told | None:
        """Its usage, where told."""
        raise NotImplementedError

    def is_complete(self, events: list[Event]) -> bool:
        """Whether the stream has its end mark."""
        raise NotImplementedError

    def stream_error(self, events: list[Event]) -> dict[str, Any] | None:
        """The error object that ended a stream."""
        raise NotImplementedError

    def code(self, answer: Answer) -> str:
        """The stable code of an error answer."""
        raise NotImplementedError


class _OpenAi(Driver):
    provider_style = "openai"

    def streamed(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "stream": True, "stream_options": {"include_usage": True}}

    def finish(self, document: Any) -> str:
        return document["choices"][0]["finish_reason"]

    def told(self, document: Any) -> Told:
        usage = document["usage"]
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
        details = usage.get("prompt_tokens_details") or {}
        cached = details.get("cached_tokens", 0)
        return Told(usage["prompt_tokens"], usage["completion_tokens"], cached, usage["charge"])

    def chunks(self, events: list[Event]) -> list[Any]:
        documents = [event.json() for event in events if event.data != "[DONE]"]
        return [document for document in documents if "error" not in document]

    def choices(self, events: list[Event], index: int = 0) -> list[Any]:
        found = [choice for chunk in self.chunks(events) for choice in chunk["choices"]]
        return [choice for choice in found if choice["index"] == index]

    def stream_finish(self, events: list[Event]) -> str | None:
        reasons = [choice["finish_reason"] for choice in self.choices(events)]
        return next((reason for reason in reasons if reason), None)

    def stream_told(self, events: list[Event]) -> Told | None:
        told = [chunk for chunk in self.chunks(events) if chunk.get("usage")]
        assert len(told) <= 1
        if not told:
            return None
        assert told[0]["choices"] == [], "usage comes in a chunk of its own"
        return self.told(told[0])

    def is_complete(self, events: list[Event]) -> bool:
        assert not any(event.data == "[DONE]" for event in events[:-1])
        return bool(events) and events[-1].data == "[DONE]"

    def stream_error(self, events: list[Event]) -> dict[str, Any] | None:
        errors = [e.json()["error"] for e in events if e.data != "[DONE]" and "error" in e.json()]
        assert len(errors) <= 1
        return errors[0] if errors else None

    def code(self, answer: Answer) -> str:
        assert set(answer.error) >= {"message", "type", "param", "code"}, answer.body
        return answer.error["code"]


class Chat(_OpenAi):
    """OpenAI's chat completions."""

    name, path = "openai_chat", "/v1/chat/completions"

    def body(self, model: str, text: str, maximum: int | None = 5, **more: Any) -> dict[str, Any]:
        body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
        return body if maximum is None else {**body, "max_tokens": maximum}

    def text(self, document: Any) -> str:
        assert document["object"] == "chat.completion"
        return document["choices"][0]["message"]["content"]

    def stream_text(self, events: list[Event]) -> str:
        for chunk in self.chunks(events):
            assert chunk["object"] == "chat.completion.chunk"
        return "".join(c["delta"].get("content") or "" for c in self.choices(events))


class Completions(_OpenAi):
    """OpenAI's legacy completions."""

    name, path = "openai_completions", "/v1/completions"

    def body(self, model: str, text: str, maximum: int | None = 5, **more: Any) -> dict[str, Any]:
        body = {"model": model, "prompt": text, **more}
        return body if maximum is None else {**body, "max_tokens": maximum}

    def text(self, document: Any) -> str:
        assert document["object"] == "text_completion"
        return document["choices"][0]["text"]

    def stream_text(self, events: list[Event]) -> str:
        for chunk in self.chunks(events):
            assert chunk["object"] == "text_completion"
        return "".join(choice["text"] for choice in self.choices(events))


class Messages(Driver):
    """Anthropic's messages."""

    name, path, provider_style = "anthropic_messages", "/v1/messages", "anthropic"

    def body(self, model: str, text: str, maximum: int | None = 5, **more: Any) -> dict[str, Any]:
        messages = [{"role": "user", "content": text}]
        return {"model": model, "messages": messages, "max_tokens": maximum or 4096, **more}

    def text(self, document: Any) -> str:
        assert (document["type"], document["role"]) == ("message", "assistant")
        return "".join(b["text"] for b in document["content"] if b["type"] == "text")

    def finish(self, document: Any) -> str:
        return document["stop_reason"]

    def told(self, document: Any) -> Told:
        usage = document["usage"]
        cached = usage.get("cache_read_input_tokens") or 0
        written = usage.get("cache_creation_input_tokens") or 0
        given = usage["input_tokens"] + cached + written
        return Told(given, usage["output_tokens"], cached, usage["charge"])

    def events(self, events: list[Event], kind: str) -> list[Any]:
        documents = [event.json() for event in events]
        for event, document in zip(events, documents, strict=True):
            assert event.event == document["type"]
        return [document for document in documents if document["type"] == kind]

    def stream_text(self, events: list[Event]) -> str:
        deltas = [d["delta"] for d in self.events(events, "content_block_delta")]
        return "".join(d["text"] for d in deltas if d["type"] == "text_delta")

    def stream_finish(self, events: list[Event]) -> str | None:
        found = self.events(events, "message_delta")
        return found[-1]["delta"]["stop_reason"] if found else None

    def stream_told(self, events: list[Event]) -> Told | None:
        found = self.events(events, "message_delta")
        if not found:
            return None
        opening = self.events(events, "message_start")[0]["message"]["usage"]
        return self.told({"usage": opening | found[-1]["usage"]})

    def is_complete(self, events: list[Event]) -> bool:
        return bool(events) and events[-1].event == "message_stop"

    def stream_error(self, events: list[Event]) -> dict[str, Any] | None:
        errors = self.events(events, "error")
        return errors[0]["error"] if errors else None

    def code(self, answer: Answer) -> str:
        document = answer.json()
        assert document["type"] == "error"
        assert document["request_id"] == answer.headers["request-id"]
        assert set(document["error"]) >= {"type", "message"}
        return document["error"].get("code", document["error"]["type"])


class Responses(Driver):
    """OpenAI's Responses."""

    name, path, provider_style = "openai_responses", "/v1/responses", "openai"

    def body(self, model: str, text: str, maximum: int | None = 5, **more: Any) -> dict[str, Any]:
        body = {"model": model, "input": text, **more}
        return body if maximum is None else {**body, "max_output_tokens": maximum}

    def text(self, document: Any) -> str:
        assert document["object"] == "response"
        assert document["store"] is False
        messages = [item for item in document["output"] if item["type"] == "message"]
        return "".join(part["text"] for item in messages for part in item["content"])

    def finish(self, document: Any) -> str:
        if document["status"] == "incomplete":
            reason = document["incomplete_details"]["reason"]
            return {"max_output_tokens": "length"}.get(reason, reason)
        assert document["status"] == "completed"
        kinds = {item["type"] for item in document["output"]}
        return "tool_calls" if "function_call" in kinds else "stop"

    def told(self, document: Any) -> Told:
        usage = document["usage"]
        given, made = usage["input_tokens"], usage["output_tokens"]
        assert usage["total_tokens"] == given + made
        assert usage["output_tokens_details"]["reasoning_tokens"] <= made
        cached = usage["input_tokens_details"]["cached_tokens"]
        return Told(given, made, cached, usage["charge"])

    def documents(self, events: list[Event]) -> list[Any]:
        documents = [event.json() for event in events]
        for event, document in zip(events, documents, strict=True):
            assert event.event == document["type"]
        numbers = [document["sequence_number"] for document in documents]
        assert numbers == sorted(set(numbers))
        return documents

    def end(self, events: list[Event]) -> Any:
        ends = ("response.completed", "response.incomplete")
        found = [d for d in self.documents(events) if d["type"] in ends]
        assert len(found) <= 1
        return found[0]["response"] if found else None

    def stream_text(self, events: list[Event]) -> str:
        documents = self.documents(events)
        deltas = [d for d in documents if d["type"] == "response.output_text.delta"]
        text = "".join(delta["delta"] for delta in deltas)
        end = self.end(events)
        assert end is None or self.text(end) == text
        return text

    def stream_finish(self, events: list[Event]) -> str | None:
        end = self.end(events)
        return self.finish(end) if end else None

    def stream_told(self, events: list[Event]) -> Told | None:
        end = self.end(events)
        return self.told(end) if end else None

    def is_complete(self, events: list[Event]) -> bool:
        ends = ("response.completed", "response.incomplete")
        return bool(events) and events[-1].event in ends

    def stream_error(self, events: list[Event]) -> dict[str, Any] | None:
        errors = [d["error"] for d in self.documents(events) if d["type"] == "error"]
        assert len(errors) <= 1
        return errors[0] if errors else None

    def code(self, answer: Answer) -> str:
        assert set(answer.error) >= {"message", "type", "param", "code"}, answer.body
        return answer.error["code"]


class Gemini(Driver):
    """Google's generateContent; the model and the stream stand in the path."""

    name, path, provider_style = "gemini", "/v1beta/models/{model}:generateContent", "google"

    def address(self, model: str, *, is_stream: bool = False) -> str:
        verb = "streamGenerateContent?alt=sse" if is_stream else "generateContent"
        return f"/v1beta/models/{model}:{verb}"

    def body(self, model: str, text: str, maximum: int | None = 5, **more: Any) -> dict[str, Any]:
        contents = [{"role": "user", "parts": [{"text": text}]}]
        config = {} if maximum is None else {"generationConfig": {"maxOutputTokens": maximum}}
        return {"contents": contents, **config, **more}

    def text(self, document: Any) -> str:
        parts = document["candidates"][0]["content"].get("parts") or []
        return "".join(part.get("text", "") for part in parts if not part.get("thought"))

    def streamed(self, body: dict[str, Any]) -> dict[str, Any]:
        return body

    def answers(self, events: list[Event]) -> list[Any]:
        documents = [event.json() for event in events]
        return [document for document in documents if "error" not in document]

    def stream_text(self, events: list[Event]) -> str:
        return "".join(self.text(answer) for answer in self.answers(events))

    def stream_finish(self, events: list[Event]) -> str | None:
        reasons = [answer["candidates"][0].get("finishReason") for answer in self.answers(events)]
        assert not any(reasons[:-1]), "the reason to stop comes last"
        return reasons[-1] if reasons else None

    def stream_told(self, events: list[Event]) -> Told | None:
        told = [answer for answer in self.answers(events) if "usageMetadata" in answer]
        assert len(told) <= 1
        return self.told(told[0]) if told else None

    def is_complete(self, events: list[Event]) -> bool:
        return bool(self.stream_finish(events)) and self.stream_error(events) is None

    def stream_error(self, events: list[Event]) -> dict[str, Any] | None:
        errors = [event.json()["error"] for event in events if "error" in event.json()]
        assert len(errors) <= 1
        return errors[0] if errors else None

    def finish(self, document: Any) -> str:
        return document["candidates"][0]["finishReason"]

    def told(self, document: Any) -> Told:
        usage = document["usageMetadata"]
        made = usage["candidatesTokenCount"] + usage.get("thoughtsTokenCount", 0)
        assert usage["totalTokenCount"] == usage["promptTokenCount"] + made
        cached = usage.get("cachedContentTokenCount", 0)
        return Told(usage["promptTokenCount"], made, cached, usage["charge"])

    def code(self, answer: Answer) -> str:
        assert set(answer.error) == {"code", "message", "status", "details"}, answer.body
        assert answer.error["code"] == answer.status
        return answer.error["details"][0]["reason"]


GEMINI = Gemini()
CHAT, COMPLETIONS, MESSAGES, RESPONSES = Chat(), Completions(), Messages(), Responses()
DRIVERS: dict[str, Driver] = {
    driver.name: driver for driver in (CHAT, COMPLETIONS, MESSAGES, RESPONSES)
}
EVERY_FORMAT: dict[str, Driver] = DRIVERS | {GEMINI.name: GEMINI}

FINISH_WORDS = {
    "openai": {"length": "length", "stop": "stop", "tool": "tool_calls"},
    "anthropic": {"length": "max_tokens", "stop": "end_turn", "tool": "tool_use"},
    "google": {"length": "MAX_TOKENS", "stop": "STOP", "tool": "STOP"},
}
