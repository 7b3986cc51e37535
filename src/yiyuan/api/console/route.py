"""A route of the console's API: one row that says everything about it.

`who` may use it: `anybody`, a signed-in `person`, a `member` of the account that the
path names, or an `operator`. Operators are let in by role, also to accounts that they
are no members of; a management key counts as an operator of its role, where the route
takes keys at all.
"""

import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec

from yiyuan.api.console.request import ConsoleRequest

Who = Literal["anybody", "person", "member", "operator"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

ROLES: Final = ("owner", "finance", "support", "readonly")
EVERY_ROLE: Final = frozenset(ROLES)
OWNER: Final = frozenset({"owner"})
MEMBER_ROLES: Final = ("owner", "billing", "developer", "viewer")
PAYING: Final = frozenset({"owner", "billing"})
MAKING: Final = frozenset({"owner", "billing", "developer"})
BOOKS: Final = frozenset({"owner", "billing", "viewer"})
"""Who may see the money of the whole account."""
FINANCE_ROLES: Final = frozenset({"owner", "finance"})
SUPPORT_ROLES: Final = frozenset({"owner", "support"})

_PLACE = re.compile(r"\{([a-z_]+)\}")


class Empty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`{}`: nothing is asked, or there is nothing to tell."""


@dataclass(slots=True, frozen=True)
class Access:
    """Who may use a route."""

    who: Who
    roles: frozenset[str] = frozenset()
    """Operators' roles that may; for `member`, in addition to the members."""
    takes_keys: bool = True
    """Whether a management key of such a role will do."""
    spends: bool = False
    """Whether it lets somebody spend the account's money: not for support, unless the
    owner allows it."""
    needs_fresh: bool = False
    """Whether a person must have been proven within the last minutes."""
    members: frozenset[str] = frozenset(MEMBER_ROLES)
    """For `member`: the roles in the account that may."""
    before_terms: bool = False
    """Whether somebody may who has not agreed to the terms of today."""


ANYBODY: Final = Access("anybody", takes_keys=False)
PERSON: Final = Access("person", takes_keys=False)
PERSON_BEFORE_TERMS: Final = Access("person", takes_keys=False, before_terms=True)
"""Agreeing to the terms, and what nobody may be kept from: seeing oneself, and going."""
MEMBER_READS: Final = Access("member", EVERY_ROLE)
MEMBER_READS_BOOKS: Final = Access("member", EVERY_ROLE, members=BOOKS)
MEMBER_WRITES: Final = Access("member", SUPPORT_ROLES, members=PAYING)
MEMBER_SPENDS: Final = Access("member", SUPPORT_ROLES, spends=True, members=MAKING)
MEMBER_OWNS: Final = Access("member", SUPPORT_ROLES, members=OWNER)
MEMBER_INVITES: Final = Access("member", SUPPORT_ROLES, spends=True, members=OWNER)
MEMBER_LIMITS: Final = Access("member", SUPPORT_ROLES, spends=True, members=PAYING)
"""A limit that is lifted, or a stronger role, lets somebody spend as a token does."""
OPERATOR_READS: Final = Access("operator", EVERY_ROLE)


@dataclass(slots=True, frozen=True)
class Download:
    """An answer that is a file: CSV in pieces, so that a long one needs no memory."""

    file_name: str
    pieces: AsyncIterator[bytes]


@dataclass(slots=True, frozen=True)
class Stream:
    """An answer of long work: one JSON document a line, progress first, the result last."""

    lines: AsyncIterator[bytes]


@dataclass(slots=True, frozen=True)
class Redirect:
    """An answer that sends a browser elsewhere."""

    location: str


@dataclass(slots=True, frozen=True)
class Route:
    """One method on one path."""

    method: Method
    path: str
    """With places: `/api/accounts/{account}/tokens/{api_token}`."""
    access: Access
    handler: Callable[[ConsoleRequest, Any], Awaitable[Any]]
    """Gets the visit and what was asked (`asks`), and returns an `answers`."""
    answers: Any
    """A msgspec type, Download, Stream or Redirect."""
    asks: Any = Empty
    """For GET the shape of the query, else of the body."""
    is_polled: bool = False
    """Whether pages ask it again and again: then it has an ETag, and what did not change
    is 304 without a body."""
    is_about_people: bool = False
    """Whether it gives or takes what others may do: the audit log has it, whoever does it."""
    name: str = field(init=False)
    """What the audit log and the OpenAPI document call it: its file's `GROUP` and the
    handler's name. Both are stored, so neither changes when a file moves."""
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        """Derive what can be derived."""
        group = sys.modules[self.handler.__module__].GROUP
        object.__setattr__(self, "name", f"{group}.{self.handler.__name__}")
        pattern = _PLACE.sub(r"(?P<\1>[^/]+)", self.path)
        object.__setattr__(self, "pattern", re.compile(pattern))

    @property
    def places(self) -> list[str]:
        """The names of the places in its path."""
        return _PLACE.findall(self.path)

    @property
    def is_audited(self) -> bool:
        """Whether an operator's use of it goes into the audit log."""
        return self.method != "GET" and self.access.who in ("member", "operator")
