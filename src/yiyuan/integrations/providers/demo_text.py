"""What the demo says, in the prompt's language, and how many words that is.

A word is a Chinese character or whatever stands between spaces. The demo knows
`max_tokens`, `n` and `stop`, and nothing else of what a model knows.
"""

import re
from dataclasses import dataclass
from typing import Any

from yiyuan.dialects.canonical import Json
from yiyuan.i18n.api_texts import message

EXCERPT_CHARACTERS_MAX = 40
_HAN = re.compile("[\u3400-\u9fff]")
_WORD = re.compile("\\s*(?:[\u3400-\u9fff][，。：；、！？“”]*|[^\\s\u3400-\u9fff]+)")


@dataclass(slots=True, frozen=True)
class Answer:
    """The words, each with the space before it, of every one of `n` choices."""

    words: list[str]
    finish: str
    n: int
    prompt_words: int

    def usage(self) -> dict[str, int]:
        """Words, reported as tokens."""
        written = self.n * len(self.words)
        total = self.prompt_words + written
        return {
            "prompt_tokens": self.prompt_words,
            "completion_tokens": written,
            "total_tokens": total,
        }


def write_answer(body: Json) -> Answer:
    """Write the answer to a chat request."""
    texts = [text for turn in body["messages"] for text in _texts(turn.get("content"))]
    last = texts[-1].strip().rsplit("\n", 1)[-1] if texts else ""
    excerpt = last[:EXCERPT_CHARACTERS_MAX] + ("…" if len(last) > EXCERPT_CHARACTERS_MAX else "")
    counted = sum(len(_WORD.findall(text)) for text in texts)
    language = "zh" if _HAN.search(last) else "en"
    said = message("demo_answer", language, words=counted, excerpt=f"“{excerpt}”")
    stops = body.get("stop") or []
    for stop in [stops] if isinstance(stops, str) else stops:
        said = said.split(stop, 1)[0] if stop else said
    words = _WORD.findall(said)
    maximum = body.get("max_tokens") or body.get("max_completion_tokens") or len(words)
    finish = "length" if len(words) > maximum else "stop"
    return Answer(words[:maximum], finish, body.get("n") or 1, counted)


def _texts(content: Any) -> list[str]:
    parts = content if isinstance(content, list) else [{"text": content}]
    return [part["text"] for part in parts if isinstance(part.get("text"), str)]
