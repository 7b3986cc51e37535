"""An HTTP call to an outside party, and its answer, as data.

An integration makes a `Call` and reads an `Answer`; who sends it, through which proxy,
with which timeout and under which address rules is the business of the rooms above.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True, frozen=True)
class Call:
    """One request that is to be sent. The URL may carry secrets: it is never logged."""

    method: str
    url: str = field(repr=False)
    headers: Sequence[tuple[str, str]] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(slots=True, frozen=True)
class Answer:
    """What came back, whole; `headers` by lower-case name."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
