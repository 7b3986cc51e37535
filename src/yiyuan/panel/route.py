"""A route of the console's API: one row that says everything about it.

`who` may use it: `anybody`, a signed-in `person`, a `member` of the account that the
path names, or an `operator`. Operators are let in by role, also to accounts that they
are no members of; a management key counts as an operator of its role, where the route
takes keys at all.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec

from yiyuan.panel.visit import Visit

Who = Literal["anybody", "person", "member", "operator"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

ROLES: Final = ("owner", "finance", "support", "readonly")
EVERY_ROLE: Final = frozenset(ROLES)
OWNER: Final = frozenset({"owner"})
MONEY: Final = frozenset({"owner", "finance"})
CARE: Final = frozenset({"owner", "support"})

_PLACE = re.compile(r"\{([a-z_]+)\}")


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`{}`: nothing is asked, or there is nothing to tell."""


@dataclass(slots=True, frozen=True)
class Access:
    """Who may use a route."""

    who: Who
    roles: frozenset[str] = frozenset()
    """Operators' roles that may; for `member`, in addition to the members."""
    takes_keys: bool = True
    """Whether a management key of such a role will do."""


ANYBODY: Final = Access("anybody", takes_keys=False)
PERSON: Final = Access("person", takes_keys=False)
MEMBER_READS: Final = Access("member", EVERY_ROLE)
MEMBER_WRITES: Final = Access("member", CARE)
OPERATOR_READS: Final = Access("operator", EVERY_ROLE)


@dataclass(slots=True, frozen=True)
class Download:
    """An answer that is a file: CSV in pieces, so that a long one needs no memory."""

    file_name: str
    pieces: AsyncIterator[bytes]


@dataclass(slots=True, frozen=True)
class Route:
    """One method on one path."""

    method: Method
    path: str
    """With places: `/api/accounts/{account}/tokens/{api_token}`."""
    access: Access
    handler: Callable[[Visit, Any], Awaitable[Any]]
    """Gets the visit and what was asked (`asks`), and returns an `answers`."""
    answers: Any
    """A msgspec type, or Download."""
    asks: Any = Nothing
    """For GET the shape of the query, else of the body."""
    name: str = field(init=False)
    """What the audit log and the OpenAPI document call it: the handler's name."""
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        """Derive what can be derived."""
        module = self.handler.__module__.rpartition(".")[2].removesuffix("_routes")
        object.__setattr__(self, "name", f"{module}.{self.handler.__name__}")
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
