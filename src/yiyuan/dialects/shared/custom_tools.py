"""Custom tools, which take one text of any kind, as functions with one string, and back.

OpenAI's newer clients offer such tools (`apply_patch`). Other formats know functions
alone: there the text is the one argument, and a grammar for it is told in words. What
comes back is unwrapped, piece by piece in a stream.
"""

import re
from typing import Any

import orjson

from yiyuan.dialects.canonical import GenerationRequest, Json, Request, Tool

SCHEMA: Json = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
    "additionalProperties": False,
}
_OPENING = re.compile(r'\s*\{\s*"input"\s*:\s*"')
_HEX = "[0-9a-fA-F]"
_CERTAIN = re.compile(
    rf"""(?:[^"\\]
      |\\[^u]
      |\\u(?![dD][89abAB]){_HEX}{{4}}
      |\\u[dD][89abAB]{_HEX}{{2}}\\u{_HEX}{{4}}
      |\\u[dD][89abAB]{_HEX}{{2}}(?=[^\\]|\\[^u])
    )*""",
    re.DOTALL | re.VERBOSE,
)
"""What of a JSON string no later piece can change: whole characters, pairs of escapes whole."""


def custom_tool(name: str, description: str | None, form: Any) -> Tool:
    """The tool as a function; `form` is its `format`, which may have a grammar."""
    words = [description] if description else []
    grammar = form.get("grammar", form) if type(form) is dict else {}
    if type(grammar) is dict and type(grammar.get("definition")) is str:
        syntax = grammar.get("syntax")
        words.append(f"`input` must match this grammar ({syntax}):\n{grammar['definition']}")
    return Tool(name, "\n\n".join(words) or None, dict(SCHEMA), is_custom=True)


def custom_names(request: Request) -> frozenset[str]:
    """The names of the custom tools that a request offers."""
    if not isinstance(request, GenerationRequest):
        return frozenset()
    return frozenset(tool.name for tool in request.tools if tool.is_custom)


def arguments_of(text: str) -> str:
    """The arguments that carry a custom tool's text."""
    return orjson.dumps({"input": text}).decode()


def text_of(arguments: str) -> str:
    """The text that arguments carry; what is no such object is the text itself."""
    try:
        value = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return arguments
    said = value.get("input") if type(value) is dict else None
    return said if type(said) is str else arguments


class TextReader:
    """Unwraps the text of arguments that come in pieces."""

    __slots__ = ("_is_open", "_is_over", "_rest")

    def __init__(self) -> None:
        """Nothing came."""
        self._rest = ""
        self._is_open = False
        self._is_over = False

    def read(self, piece: str) -> str:
        """What of the text is certain now."""
        if self._is_over:
            return ""
        self._rest += piece
        if not self._is_open:
            opening = _OPENING.match(self._rest)
            if opening is None:
                return ""
            self._is_open = True
            self._rest = self._rest[opening.end() :]
        certain = _CERTAIN.match(self._rest)
        said = certain[0] if certain else ""
        self._rest = self._rest[len(said) :]
        self._is_over = self._rest.startswith('"')
        return _unescaped(said)

    def end(self) -> str:
        """What is left when no more comes: all of it, where it was no such object."""
        rest, self._rest = self._rest, ""
        if self._is_over:
            return ""
        self._is_over = True
        return _unescaped(rest) if self._is_open else text_of(rest)


def _unescaped(said: str) -> str:
    try:
        return str(orjson.loads(f'"{said}"'))
    except orjson.JSONDecodeError:  # line ends that the model left as they are, and the like
        return said.replace("\\n", "\n").replace('\\"', '"')
