"""What becomes of each field of a request: one table for each wire format, nested objects too.

- *carried*: the format's file knows it;
- *harmless*: listed, and passed on to upstreams of the same format;
- *paid*: it makes a request dearer. Some are left out and named, since the client
  then gets standard service, which is what it pays for; the others are refused,
  since their loss would change the answer. Values that cost nothing are let through;
- *unknown*: not sent on, and named. So is whatever steers routing or credentials, and
  a name that equals a known one only for who folds case or Unicode (`Model`, a full-width `m`):
  a name is known when it is the same, byte for byte.

A field that is not said to hold anything holds plain values: an object in its place loses
what is in it. Only what is free by its nature (a schema, arguments, labels) is `WHOLE`.
A channel may pass further top-level fields (`pass_fields`), but none that resembles a
known one and none that steers.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, Final, Literal

from yiyuan.dialects.canonical import Json
from yiyuan.kernel.errors import InvalidRequest

NAMES_MAX: Final = 32
"""Of what was left out, as many are named."""
PATH_MAX: Final = 128
"""Characters of such a name."""
_ODD: Final = re.compile(r"[^A-Za-z0-9_.\-]", re.ASCII)

_HOLDERS: Final = frozenset((list, dict))
"""Types of values that hold others."""

Values = frozenset[str]
FREE_ALWAYS: Values = frozenset()
"""No value costs nothing."""


def plain(*names: str) -> dict[str, None]:
    """Fields of plain values: texts, numbers, flags, and lists of such."""
    return dict.fromkeys(names)


@dataclass(slots=True, frozen=True, eq=False, kw_only=True)
class Fields:
    """The fields of one object."""

    carried: Mapping[str, "Fields | Kinds | None"]
    """Each with the table of what is in it; None: plain values."""
    harmless: Mapping[str, "Fields | Kinds | None"] = field(default_factory=dict)
    """The same of what only its own format knows."""
    left_out: Mapping[str, Values] = field(default_factory=dict)
    """Paid ones that are left out, each with the values that cost nothing."""
    refused: Mapping[str, Values] = field(default_factory=dict)
    """Paid ones that are refused, each with the values that cost nothing."""
    known: frozenset[str] = field(init=False)
    paid: frozenset[str] = field(init=False)
    tables: Mapping[str, "Fields | Kinds"] = field(init=False)
    """What objects in a field may hold, but for those that are taken as a whole."""

    def __post_init__(self) -> None:
        """Join what is looked at in every request."""
        paid = frozenset(self.left_out) | frozenset(self.refused)
        object.__setattr__(self, "paid", paid)
        listed = {**self.carried, **self.harmless}
        object.__setattr__(self, "known", frozenset(listed) | paid)
        tables = {name: NOTHING if table is None else table for name, table in listed.items()}
        inner = {name: table for name, table in tables.items() if table is not WHOLE}
        object.__setattr__(self, "tables", inner)

    def resembles_known(self, name: str) -> bool:
        """Whether a decoder that folds case or Unicode could take it for a known name."""
        return name not in self.known and folded(name) in {folded(known) for known in self.known}


@dataclass(slots=True, frozen=True, eq=False, kw_only=True)
class Kinds:
    """Objects of several kinds, told apart by their `type`."""

    by_kind: Mapping[str, Fields]
    prefixes: Mapping[str, Fields] = field(default_factory=dict)
    """Beginnings of further kinds, whose names have a date."""
    left_out: tuple[str, ...] = ()
    """Beginnings of kinds that cost extra: left out and named beside others, refused alone."""
    unlisted: Literal["pass", "drop", "refuse"] = "pass"
    """What becomes of kinds that are not listed; those that pass do so as a whole."""
    usual: str = ""
    """The kind of an object that does not say."""

    def dated(self, kind: str) -> Fields | None:
        """The fields of a kind whose beginning is listed."""
        for prefix, fields in self.prefixes.items():
            if kind.startswith(prefix):
                return fields
        return None


WHOLE: Final = Kinds(by_kind={})
"""Free by its nature, or looked at by its reader: taken as it is."""
NOTHING: Final = Fields(carried={})
"""What an object may hold where none belongs."""
_OF_NO_KIND: Final = Fields(carried=plain("type"))


def plain_name(name: str) -> str:
    """A client's own name of something, of characters that a header may have."""
    return _ODD.sub("?", name[:PATH_MAX]) or "?"


def note_dropped(dropped: list[str], name: str) -> None:
    """Remember that something was left out, under a name that may stand in a header."""
    said = plain_name(name)
    if said not in dropped and len(dropped) < NAMES_MAX:
        dropped.append(said)


def folded(name: str) -> str:
    """What a lenient decoder makes of a name."""
    return unicodedata.normalize("NFKC", name).casefold()


class Screen:
    """Goes through one request's body, once, as it is read."""

    __slots__ = ("_model", "dropped")

    def __init__(self, model: Any) -> None:
        """`model` is for the refusal's text."""
        self.dropped: list[str] = []
        """What was left out, by its path without positions."""
        self._model = model if type(model) is str else ""

    def object(self, body: Json, fields: Fields, at: str, *, is_top: bool = False) -> None:
        """Take out of `body` what must not be sent; raises InvalidRequest for what is paid."""
        if not fields.paid.isdisjoint(body):
            self._paid(body, fields, at)
        if not is_top and not body.keys() <= fields.known:
            for name in [name for name in body if name not in fields.known]:
                del body[name]
                note_dropped(self.dropped, at + name)
        tables = fields.tables
        for name in compress(body, map(_HOLDERS.__contains__, map(type, body.values()))):
            if name not in tables:
                continue
            value = body[name]
            if type(value) is list:
                body[name] = self._each(value, tables[name], f"{at}{name}")
            elif not self._one(value, tables[name], f"{at}{name}."):
                body[name] = None

    def _paid(self, body: Json, fields: Fields, at: str) -> None:
        for name in fields.paid & body.keys():
            value = body[name]
            if name in fields.refused:
                if not is_free(value, fields.refused[name]):
                    raise self._refusal(at + name)
            elif not is_free(value, fields.left_out[name]):
                del body[name]
                note_dropped(self.dropped, at + name)

    def _each(self, values: list[Any], table: Fields | Kinds, at: str) -> list[Any]:
        kept = []
        for value in values:
            if type(value) is dict:
                if self._one(value, table, f"{at}."):
                    kept.append(value)
            elif type(value) is list and any(type(item) in (dict, list) for item in value):
                note_dropped(self.dropped, at)  # objects that deep are no format's
            else:
                kept.append(value)
        if len(kept) == len(values):
            return values
        if not kept and type(table) is Kinds and table.left_out:
            asked = [value.get("type") for value in values if type(value) is dict]
            if asked:
                raise self._refusal(f"{at}.{asked[0]}")  # beside nothing else: asked for
        return kept

    def _one(self, value: Json, table: Fields | Kinds, at: str) -> bool:
        """Go through one object; False when all of it is to be left out."""
        if type(table) is Fields:
            self.object(value, table, at)
            return True
        assert type(table) is Kinds
        kind = value.get("type") or table.usual
        if type(kind) is not str or not kind:
            self.object(value, _OF_NO_KIND, at)  # what reads it refuses it
            return True
        fields = table.by_kind[kind] if kind in table.by_kind else table.dated(kind)
        if fields is not None:
            self.object(value, fields, at)
        elif table.unlisted == "drop" or (table.left_out and kind.startswith(table.left_out)):
            note_dropped(self.dropped, at + kind)
            return False
        elif table.unlisted == "refuse":
            raise self._refusal(at + kind)
        return True

    def _refusal(self, param: str) -> InvalidRequest:
        return InvalidRequest("unsupported_parameter", param=param[:100], model=self._model)


def is_free(value: Any, free: Values) -> bool:
    """Whether a paid field's value asks for nothing: null, empty, off, or one of `free`.

    An empty object is no such: it is how a search is asked for that has no settings.
    """
    if value is None or value is False or value in ("", []):
        return True
    if type(value) is list:
        return all(type(item) is str and item in free for item in value)
    return type(value) is str and value in free


def screened(body: Json, fields: Fields) -> list[str]:
    """Go through a client's body; the names of what was left out. Raises InvalidRequest."""
    screen = Screen(body.get("model"))
    screen.object(body, fields, "", is_top=True)
    return screen.dropped
