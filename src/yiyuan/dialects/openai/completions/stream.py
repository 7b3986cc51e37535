"""The stream of legacy completions, read from an upstream and written for a client.

Every chunk has the same shape. Reasoning and tool calls have no place in it and
are left out. Choice number i·n+j belongs to prompt i, whose text echo puts
before the choice's first words.
"""

from yiyuan.dialects.canonical import Delta, GenerationRequest, Json, Reply
from yiyuan.dialects.contract import MalformedUpstream
from yiyuan.dialects.openai.completions.request import NAME, echoed
from yiyuan.dialects.openai.finish_reasons import COMPLETIONS_WORD
from yiyuan.dialects.openai.logprobs import from_legacy, to_legacy
from yiyuan.dialects.shared.unread import unread_text

READ = frozenset({"text", "index", "logprobs", "finish_reason", "usage"})
"""The fields of a choice that have a lane, or say nothing."""


def read_choice(choice: Json, index: int) -> Delta:
    """Read what one choice says, its end excepted."""
    text = choice.get("text")
    if text is not None and type(text) is not str:
        raise MalformedUpstream("a choice's text is not a string")
    logprobs = choice.get("logprobs")
    return Delta(
        index,
        text=text or "",
        logprobs=None if logprobs is None else from_legacy(logprobs),
        unread="" if choice.keys() <= READ else unread_text(choice, READ),
        raw_dialect=NAME,
    )


class CompletionsChoiceWriter:
    """Makes the choices of legacy chunks."""

    dialect = NAME
    object_name = "text_completion"
    id_prefix = "cmpl-"

    def __init__(self, reply: Reply) -> None:
        assert isinstance(reply.request, GenerationRequest)
        self._request = reply.request
        self._offsets: dict[int, int] = {}

    def patch(self, choice: Json, delta: Delta, *, is_first: bool) -> bool:
        """See `ChoiceWriter.patch`."""
        if not (delta.text or delta.finish or delta.logprobs):
            return False
        choice["index"] = delta.index
        if is_first and self._request.echo:
            choice["text"] = echoed(self._request, delta.index) + delta.text
        return True

    def make(self, delta: Delta, *, is_first: bool) -> Json | None:
        """See `ChoiceWriter.make`."""
        text, index = delta.text, delta.index
        if not text and delta.finish is None and not delta.logprobs:
            return None
        if is_first and self._request.echo:
            text = echoed(self._request, index) + text
        logprobs = None
        if self._request.top_logprobs is not None:
            offset = self._offsets.get(index, 0)
            self._offsets[index] = offset + len(text)
            logprobs = to_legacy(delta.logprobs, offset) if delta.logprobs else None
        return {
            "text": text,
            "index": index,
            "logprobs": logprobs,
            "finish_reason": COMPLETIONS_WORD[delta.finish] if delta.finish else None,
        }
