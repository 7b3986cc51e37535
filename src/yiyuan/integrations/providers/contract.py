"""The contract of a vendor: which formats it speaks, where, and with which credential.

Pure data and pure functions: an address is made of a channel's base URL, the
upstream's name of the model, and whether the answer is to be streamed. Where the
stored secret is not itself what is sent, a Session says how to trade it for a
token that lives for a while; who sends that request is the gateway's business.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from msgspec import Struct

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.quirks import Quirks
from yiyuan.kernel.errors import Header

Operation = Literal["generation", "completions", "embeddings", "rerank", "moderation"]
"""What an endpoint is for; `completions` only for models that a channel names."""


class Destination(Struct, frozen=True):
    """What an address is made of."""

    base_url: str
    model: str
    """The upstream's name."""
    stream: bool = False


@dataclass(slots=True, frozen=True, kw_only=True)
class Counter:
    """How the input of a request is counted by who would answer it, which costs nothing."""

    url: Callable[[Destination], str]
    fields: frozenset[str]
    """Of the upstream's body, those that it takes; others are not in its count."""
    answer: str
    """Where in its answer the count stands."""
    wrap: Callable[[Json, Destination], Json] | None = None
    """Those fields → what is sent; None: they as they are."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Endpoint:
    """One format that a vendor speaks."""

    dialect: str
    url: Callable[[Destination], str]
    credential: Callable[[str], list[Header]]
    """Headers that carry a secret, or the token that it was traded for."""
    operation: Operation = "generation"
    forwarded_headers: frozenset[str] = frozenset()
    """Lower-case names of client headers that go along."""
    wrap: Callable[[Json, Destination], Json] | None = None
    """What the vendor wants changed in the finished body."""
    serves: Callable[[str], bool] | None = None
    """Which upstream models it is for; None: all."""
    proof_family: str = ""
    """Whose proofs it makes and takes; empty: the format's own."""
    family_at: Callable[[str], str] | None = None
    """The same by the base URL, where two makers are reached in one way."""
    counter: Counter | None = None
    """None: nothing there counts for nothing."""


@dataclass(slots=True, frozen=True)
class Trade:
    """A form to be posted for a token."""

    url: str
    form: tuple[tuple[str, str], ...]


@dataclass(slots=True, frozen=True)
class Token:
    """What it was traded for, and how many seconds it lives."""

    value: str
    seconds: int


class WrongSecret(ValueError):
    """A secret that cannot be traded; the text never quotes it."""


@dataclass(slots=True, frozen=True)
class Session:
    """How a stored secret becomes a token."""

    applies: Callable[[str], bool]
    """Whether this secret is to be traded at all."""
    trade: Callable[[str, str, int], Trade]
    """(secret, the channel's base URL, Unix seconds) → the form. Raises WrongSecret."""
    read: Callable[[bytes], Token]
    """The answer's body → the token. Raises WrongSecret."""


@dataclass(slots=True, frozen=True)
class Balance:
    """How the vendor tells what is left: `path` below the origin, `amount` in the answer."""

    path: str
    amount: str
    """Path with dots to a number or a decimal string."""
    currency: str
    """A path beginning with a dot, or the currency itself."""
    currency_at: Mapping[str, str] = field(default_factory=dict)
    """Host → currency, where the vendor has several and its answer does not say."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Provider:
    """One vendor."""

    name: str
    endpoints: tuple[Endpoint, ...]
    """All that it can be asked in."""
    speaks: tuple[str, ...]
    """The formats of generation that are used unless a channel says otherwise, best first."""
    base_url: str = ""
    """Where it is, for channels that do not say; empty: they must."""
    base_query: str = ""
    """The one query parameter that a base URL may carry; empty: none."""
    models_url: Callable[[str], str]
    """The base URL → the address of its list of models."""
    credential: Callable[[str], list[Header]]
    """Headers for that list."""
    session: Session | None = None
    quirks_for: Callable[[str, Mapping[str, Any]], Quirks] | None = None
    """(upstream's name of a model, a channel's own quirks) → its quirks; None: has none."""
    pass_fields: frozenset[str] = frozenset()
    """Fields of its own that cost nothing extra and are sent on."""
    balance: Balance | None = None
    title: Mapping[str, str] = field(default_factory=dict)
    """By language; empty: the name."""
    base_url_example: str = ""
    """What an address looks like where every customer has an own one."""
    answer: Callable[[Json], Iterator[bytes]] | None = None
    """An in-process upstream: body → event stream or JSON bytes. Only `demo` has one."""

    _by_dialect: dict[str, Endpoint] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the endpoints once: every request asks for one."""
        index = {endpoint.dialect: endpoint for endpoint in reversed(self.endpoints)}
        object.__setattr__(self, "_by_dialect", index)

    def endpoint(self, dialect: str) -> Endpoint | None:
        """The first endpoint of a format."""
        return self._by_dialect.get(dialect)
