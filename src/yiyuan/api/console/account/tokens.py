"""An account's API tokens: list, make, change, rotate, revoke. A key is shown once."""

from typing import Any, Final, Literal

import msgspec

from yiyuan.api.console.request import ConsoleRequest, not_found
from yiyuan.api.console.route import MEMBER_READS, MEMBER_SPENDS, Empty, Route
from yiyuan.api.console.schemas import Amount, Line, Page, Positive, RequestBody, ResponseBody
from yiyuan.kernel.clock import iso
from yiyuan.services.shared.request import read_request
from yiyuan.services.tokens import change as api_token_changes
from yiyuan.services.tokens import tokens
from yiyuan.services.tokens.use import TokenUse, use_of_account

GROUP: Final = "tokens"
"""What its routes are called in the audit log and in the OpenAPI document."""

Period = Literal["total", "day", "month"]
_OVERLAPS = {0: "0", 3600: "1h", 86_400: "24h", 604_800: "7d"}


class BudgetAsk(RequestBody):
    """At most `limit` 词元 in a period, perhaps of one model; null lifts the budget."""

    period: Period
    limit: Amount | None
    model: str | None = None


class Budget(ResponseBody):
    """A budget now; `resets_at` is null for one in total."""

    id: str
    period: Period
    model: str | None
    limit: int | None
    spent: int
    held: int
    remaining: int | None
    resets_at: str | None


class ApiToken(ResponseBody):
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


class NewToken(RequestBody):
    """What a new token may do; what is absent is not limited."""

    name: Line
    models: list[str] | None = None
    allow_ip: list[str] | None = None
    rpm: Positive | None = None
    expires: str | None = None
    clamp_explicit: bool = False
    budgets: list[BudgetAsk] = msgspec.field(default_factory=list)


class TokenChange(RequestBody):
    """What is absent stays; null lifts a limit."""

    name: Line | msgspec.UnsetType = msgspec.UNSET
    models: list[str] | msgspec.UnsetType | None = msgspec.UNSET
    allow_ip: list[str] | msgspec.UnsetType | None = msgspec.UNSET
    rpm: Positive | msgspec.UnsetType | None = msgspec.UNSET
    expires: str | msgspec.UnsetType | None = msgspec.UNSET
    clamp_explicit: bool | msgspec.UnsetType = msgspec.UNSET
    budgets: list[BudgetAsk] = msgspec.field(default_factory=list)
    is_disabled: bool | msgspec.UnsetType = msgspec.UNSET


_NOTED: Final = ("name", "models", "allow_ip", "rpm", "expires", "clamp_explicit")
"""What the audit log keeps of a token as it was."""


class NewKey(ResponseBody):
    """The only time that a key is shown."""

    id: str
    name: str
    key: str


class Rotation(RequestBody):
    """How long the old key goes on working."""

    overlap_seconds: Literal[0, 3600, 86400, 604800] = 0


async def list_tokens(visit: ConsoleRequest, _: Empty) -> Page[ApiToken]:
    """All tokens, without their keys; earlier keys of rotated ones are left out."""
    found = await tokens.list_of_account(visit.context, tokens.OfAccount(account=visit.account_id))
    now = visit.context.clock.wall_ms()
    used = await use_of_account(visit.context, visit.account_id)
    documents = [d for d in found["tokens"] if d["replaced_by"] is None and _may_see(visit, d)]
    return Page(items=[_shown(document, used, now) for document in documents])


async def create(visit: ConsoleRequest, asked: NewToken) -> NewKey:
    """Make a token; its key is in this answer and nowhere else."""
    given = msgspec.to_builtins(asked)
    given |= {"account": visit.account_id, "models": asked.models or None}
    made = await tokens.create(visit.context, read_request(tokens.Create, given))
    visit.subject = made["id"]
    return NewKey(id=made["id"], name=made["name"], key=made["key"])


async def change(visit: ConsoleRequest, asked: TokenChange) -> ApiToken:
    """Change what is given; every server follows within a second."""
    before = await _own(visit)
    visit.details["before"] = {name: before[name] for name in _NOTED} | {
        "is_disabled": before["disabled"] is not None
    }
    given: dict[str, Any] = msgspec.to_builtins(asked)
    is_disabled = given.pop("is_disabled", None)
    # An empty list of models or addresses would mean "none"; here it means "no limit".
    cleared = [name for name in api_token_changes.CLEARABLE if name in given and not given[name]]
    for name in cleared:
        del given[name]
    token = {"id": visit.places["api_token"], "account": visit.account_id}
    request = read_request(api_token_changes.Change, {**given, **token, "clear": cleared})
    document = await api_token_changes.change(visit.context, request)
    if is_disabled is not None:
        switch = api_token_changes.disable if is_disabled else api_token_changes.enable
        document = await switch(visit.context, tokens.ById(**token))
    now = visit.context.clock.wall_ms()
    used = await use_of_account(visit.context, visit.account_id)
    return _shown(document, used, now)


async def rotate(visit: ConsoleRequest, asked: Rotation) -> NewKey:
    """Give a token a new key; the old one ends after the overlap."""
    document = await _own(visit)
    overlap = _OVERLAPS[asked.overlap_seconds]
    request = tokens.Rotate(id=document["id"], account=visit.account_id, overlap=overlap)
    made = await tokens.rotate(visit.context, request)
    return NewKey(id=made["id"], name=document["name"], key=made["key"])


async def revoke(visit: ConsoleRequest, _: Empty) -> Empty:
    """End a token at once, for good."""
    document = await _own(visit)
    await tokens.revoke(visit.context, tokens.ById(id=document["id"], account=visit.account_id))
    return Empty()


async def _own(visit: ConsoleRequest) -> dict[str, Any]:
    """The token of the path, which must be this account's. Raises `not_found`."""
    found = await tokens.list_of_account(visit.context, tokens.OfAccount(account=visit.account_id))
    for document in found["tokens"]:
        if document["id"] == visit.places["api_token"] and _may_see(visit, document):
            visit.is_noted = document["user"] != visit.visitor.user_id
            return dict(document)
    raise not_found("token")


def _may_see(visit: ConsoleRequest, document: dict[str, Any]) -> bool:
    """Whether a token is any business of the caller: of some members, only their own are."""
    return not visit.sees_own_tokens_only or document["user"] == visit.visitor.user_id


def _shown(document: dict[str, Any], used: dict[str, TokenUse], now_ms: int) -> ApiToken:
    use = used.get(document["id"], TokenUse())
    shown = {**document, **use._asdict(), "status": _status(document, now_ms)}
    return msgspec.convert(shown, ApiToken)


def _status(document: dict[str, Any], now_ms: int) -> str:
    if document["revoked"] is not None:
        return "revoked"
    if document["expires"] is not None and document["expires"] <= iso(now_ms):
        return "expired"
    return "active" if document["disabled"] is None else "disabled"


_TOKENS = "/api/accounts/{account}/tokens"

ROUTES = (
    Route("GET", _TOKENS, MEMBER_READS, list_tokens, Page[ApiToken]),
    Route("POST", _TOKENS, MEMBER_SPENDS, create, NewKey, NewToken),
    Route("PATCH", f"{_TOKENS}/{{api_token}}", MEMBER_SPENDS, change, ApiToken, TokenChange),
    Route("DELETE", f"{_TOKENS}/{{api_token}}", MEMBER_SPENDS, revoke, Empty),
    Route("POST", f"{_TOKENS}/{{api_token}}/rotate", MEMBER_SPENDS, rotate, NewKey, Rotation),
)
