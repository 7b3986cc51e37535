"""An account's API tokens: list, make, change, rotate, revoke. A key is shown once."""

from typing import Any, Literal

import msgspec

from yiyuan.console import api_token_changes, api_tokens
from yiyuan.console.arguments import Arguments
from yiyuan.kernel.calendar import month_start
from yiyuan.kernel.clock import iso
from yiyuan.panel.route import MEMBER_READS, MEMBER_WRITES, Nothing, Route
from yiyuan.panel.shapes import Amount, Asked, Line, Page, Positive, Shown
from yiyuan.panel.visit import Visit, not_found
from yiyuan.store.usage_reports import last_use

Period = Literal["total", "day", "month"]
_OVERLAPS = {0: "0", 3600: "1h", 86_400: "24h", 604_800: "7d"}


class BudgetAsk(Asked):
    """At most `limit` 词元 in a period, perhaps of one model; null lifts the budget."""

    period: Period
    limit: Amount | None
    model: str | None = None


class Budget(Shown):
    """A budget now; `resets_at` is null for one in total."""

    id: str
    period: Period
    model: str | None
    limit: int | None
    spent: int
    held: int
    remaining: int | None
    resets_at: str | None


class ApiToken(Shown):
    """A token, without its key."""

    id: str
    name: str
    hint: str
    models: list[str] | None
    allow_ip: list[str] | None
    rpm: int | None
    expires: str | None
    created: str
    last_used: str | None
    status: Literal["active", "disabled", "expired", "revoked"]
    clamp_explicit: bool
    budgets: list[Budget]
    spend_month: int


class NewToken(Asked):
    """What a new token may do; what is absent is not limited."""

    name: Line
    models: list[str] | None = None
    allow_ip: list[str] | None = None
    rpm: Positive | None = None
    expires: str | None = None
    clamp_explicit: bool = False
    budgets: list[BudgetAsk] = msgspec.field(default_factory=list)


class TokenChange(Asked):
    """What is absent stays; null lifts a limit."""

    name: Line | msgspec.UnsetType = msgspec.UNSET
    models: list[str] | msgspec.UnsetType | None = msgspec.UNSET
    allow_ip: list[str] | msgspec.UnsetType | None = msgspec.UNSET
    rpm: Positive | msgspec.UnsetType | None = msgspec.UNSET
    expires: str | msgspec.UnsetType | None = msgspec.UNSET
    clamp_explicit: bool | msgspec.UnsetType = msgspec.UNSET
    budgets: list[BudgetAsk] = msgspec.field(default_factory=list)
    is_disabled: bool | msgspec.UnsetType = msgspec.UNSET


class NewKey(Shown):
    """The only time that a key is shown."""

    id: str
    name: str
    key: str


class Rotation(Asked):
    """How long the old key goes on working."""

    overlap_seconds: Literal[0, 3600, 86400, 604800] = 0


async def list_tokens(visit: Visit, _: Nothing) -> Page[ApiToken]:
    """All tokens, without their keys; earlier keys of rotated ones are left out."""
    found = await api_tokens.list_of_account(visit.desk, Arguments({"account": visit.account_id}))
    now = visit.desk.clock.wall_ms()
    used = await last_use(visit.desk.database, visit.account_id, month_start(now))
    documents = [d for d in found["tokens"] if d["replaced_by"] is None]
    return Page(items=[_shown(document, used, now) for document in documents])


async def create(visit: Visit, asked: NewToken) -> NewKey:
    """Make a token; its key is in this answer and nowhere else."""
    given = msgspec.to_builtins(asked)
    given |= {"account": visit.account_id, "models": asked.models or None}
    made = await api_tokens.create(visit.desk, Arguments(given))
    visit.subject = made["id"]
    return NewKey(id=made["id"], name=made["name"], key=made["key"])


async def change(visit: Visit, asked: TokenChange) -> ApiToken:
    """Change what is given; every server follows within a second."""
    given: dict[str, Any] = msgspec.to_builtins(asked)
    is_disabled = given.pop("is_disabled", None)
    # An empty list of models or addresses would mean "none"; here it means "no limit".
    cleared = [name for name in api_token_changes.CLEARABLE if name in given and not given[name]]
    for name in cleared:
        del given[name]
    token = {"id": visit.places["api_token"], "account": visit.account_id}
    document = await api_token_changes.change(
        visit.desk, Arguments({**given, **token, "clear": cleared})
    )
    if is_disabled is not None:
        switch = api_token_changes.disable if is_disabled else api_token_changes.enable
        document = await switch(visit.desk, Arguments(token))
    now = visit.desk.clock.wall_ms()
    used = await last_use(visit.desk.database, visit.account_id, month_start(now))
    return _shown(document, used, now)


async def rotate(visit: Visit, asked: Rotation) -> NewKey:
    """Give a token a new key; the old one ends after the overlap."""
    document = await _own(visit)
    given = {"id": document["id"], "account": visit.account_id}
    overlap = _OVERLAPS[asked.overlap_seconds]
    made = await api_tokens.rotate(visit.desk, Arguments({**given, "overlap": overlap}))
    return NewKey(id=made["id"], name=document["name"], key=made["key"])


async def revoke(visit: Visit, _: Nothing) -> Nothing:
    """End a token at once, for good."""
    document = await _own(visit)
    given = {"id": document["id"], "account": visit.account_id}
    await api_tokens.revoke(visit.desk, Arguments(given))
    return Nothing()


async def _own(visit: Visit) -> dict[str, Any]:
    """The token of the path, which must be this account's. Raises `not_found`."""
    found = await api_tokens.list_of_account(visit.desk, Arguments({"account": visit.account_id}))
    for document in found["tokens"]:
        if document["id"] == visit.places["api_token"]:
            return dict(document)
    raise not_found("token")


def _shown(document: dict[str, Any], used: dict[str, tuple[int, int]], now_ms: int) -> ApiToken:
    spent, last = used.get(document["id"], (0, None))
    return msgspec.convert(
        {
            **document,
            "status": _status(document, now_ms),
            "spend_month": spent,
            "last_used": None if last is None else iso(last),
        },
        ApiToken,
    )


def _status(document: dict[str, Any], now_ms: int) -> str:
    if document["revoked"] is not None:
        return "revoked"
    if document["expires"] is not None and document["expires"] <= iso(now_ms):
        return "expired"
    return "active" if document["disabled"] is None else "disabled"


_TOKENS = "/api/accounts/{account}/tokens"

ROUTES = (
    Route("GET", _TOKENS, MEMBER_READS, list_tokens, Page[ApiToken]),
    Route("POST", _TOKENS, MEMBER_WRITES, create, NewKey, NewToken),
    Route("PATCH", f"{_TOKENS}/{{api_token}}", MEMBER_WRITES, change, ApiToken, TokenChange),
    Route("DELETE", f"{_TOKENS}/{{api_token}}", MEMBER_WRITES, revoke, Nothing),
    Route("POST", f"{_TOKENS}/{{api_token}}/rotate", MEMBER_WRITES, rotate, NewKey, Rotation),
)
