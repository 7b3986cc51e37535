"""A JSON answer that was asked for in words: its wrapping is taken off, and it is looked at.

Models put a fence or a sentence around the object now and then. What stands before the
first bracket and after its partner is left out, as it streams. An answer that is no
object is none: whole, it counts as the upstream's failure; in a stream it is broken off.
"""

import re

import orjson

from yiyuan.dialects.canonical import Choice, Delta, GenerationRequest
from yiyuan.dialects.contract import Dialect, MalformedUpstream
from yiyuan.gateway.request.context import UpstreamCall

LEAD_CHARACTERS_MAX = 2000
_MARKS = re.compile(r'[{}\[\]"\\]')
_NOT_JSON = "the answer is not the JSON that was asked for"


class JsonAnswer:
    """Takes an answer's text in pieces."""

    __slots__ = ("_depth", "_is_escaped", "_is_in_string", "_lead", "is_whole")

    def __init__(self) -> None:
        """Nothing was said."""
        self.is_whole = False
        """Whether the value has ended."""
        self._lead = ""
        self._depth = 0
        self._is_in_string = False
        self._is_escaped = False

    def text(self, piece: str) -> str:
        """What of a piece belongs to the value. Raises MalformedUpstream when none begins."""
        if self.is_whole or not piece:
            return ""
        if self._depth == 0:
            self._lead += piece
            begin = min((at for at in map(self._lead.find, "{[") if at >= 0), default=-1)
            if begin < 0:
                if len(self._lead) > LEAD_CHARACTERS_MAX:
                    raise MalformedUpstream(_NOT_JSON)
                return ""
            piece, self._lead = self._lead[begin:], ""
        return piece[: self._end_in(piece)]

    def _end_in(self, piece: str) -> int:
        """Where the value ends in a piece, or the piece's length."""
        escaped_at = 0 if self._is_escaped else -1
        self._is_escaped = False
        for found in _MARKS.finditer(piece):
            at, mark = found.start(), found[0]
            if at == escaped_at:
                continue
            if mark == "\\":
                escaped_at = at + 1 if self._is_in_string else -1
                self._is_escaped = escaped_at == len(piece)
            elif mark == '"':
                self._is_in_string = not self._is_in_string
            elif not self._is_in_string:
                self._depth += 1 if mark in "{[" else -1
                if self._depth == 0:
                    self.is_whole = True
                    return at + 1
        return len(piece)


def filter_stream(answer: JsonAnswer, deltas: list[Delta]) -> None:
    """Change the text of a stream's deltas in place. Raises MalformedUpstream."""
    for delta in deltas:
        if delta.text:
            delta.text = answer.text(delta.text)
            delta.raw = None
        if delta.finish == "stop" and not answer.is_whole:
            raise MalformedUpstream(_NOT_JSON)


def check_whole(choices: list[Choice]) -> None:
    """Change the text of whole answers in place. Raises MalformedUpstream."""
    for choice in choices:
        choice.text = JsonAnswer().text(choice.text) or choice.text
        if choice.finish != "stop":
            continue
        try:
            orjson.loads(choice.text)
        except orjson.JSONDecodeError as error:
            raise MalformedUpstream(_NOT_JSON) from error


def wants_json(dialect: Dialect, call: UpstreamCall) -> bool:
    """Whether JSON was wanted in another format than the upstream's, which asks in words."""
    request = call.request
    if not isinstance(request, GenerationRequest):
        return False
    wanted = request.response_format
    if wanted is None or request.source == dialect.name:
        return False
    schema = (wanted.get("json_schema") or {}).get("schema") or {}
    return wanted.get("type") == "json_object" or schema.get("type") in ("object", "array")
