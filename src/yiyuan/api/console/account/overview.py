"""An account at a glance: overview, models with its own limits, top-up, playground."""

from typing import Final

from msgspec.structs import asdict

from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import MAKING, MEMBER_READS, MEMBER_WRITES, Access, Empty, Route
from yiyuan.api.console.schemas import Account, Entry, Line, Page, RequestBody, ResponseBody
from yiyuan.http.address_block import address_block
from yiyuan.kernel.clock import iso
from yiyuan.services.accounts import overview as overviews
from yiyuan.services.accounts.accounts import view_account
from yiyuan.services.accounts.overview import Overview
from yiyuan.services.accounts.standing import ModelView, models_for
from yiyuan.services.payments import codes
from yiyuan.services.people.sign_in import attempts
from yiyuan.services.people.sign_in.attempts import Key
from yiyuan.services.shared.answer import entry_of
from yiyuan.services.site.incidents import Incident, lasting_incidents
from yiyuan.services.tokens import playground

GROUP: Final = "account"
"""What its routes are called in the audit log and in the OpenAPI document."""

PLAYGROUND_SECONDS = 3600


class RedeemAsk(RequestBody):
    """A redemption code, however it was typed."""

    code: Line


class Redeemed(ResponseBody):
    """The money is there: how much, its entry, and the account now."""

    amount: int
    entry: Entry
    account: Account


class PlaygroundKey(ResponseBody):
    """A key for this page, good for an hour; shown nowhere else."""

    key: str
    expires: str


class AccountOverview(Overview):
    """The same with the incidents of the status page that last; none without such a page."""

    incidents: list[Incident]


async def overview(visit: ConsoleRequest, _: Empty) -> AccountOverview:
    """Balance, spend, limits, the first steps, and what is wrong with the service now."""
    user = visit.visitor.user
    own = None if user is None else user.low_balance
    site = visit.house.site()
    found = await overviews.overview(
        visit.context,
        visit.house.catalog(),
        visit.account_id,
        low_balance=site.low_balance if own is None else own,
    )
    told = [] if site.status_page == "off" else await lasting_incidents(visit.context)
    return AccountOverview(**asdict(found), incidents=told)


async def list_models(visit: ConsoleRequest, _: Empty) -> Page[ModelView]:
    """Models with the prices and limits that apply to this account."""
    return Page(items=await models_for(visit.context, visit.house.catalog(), visit.account_id))


async def redeem(visit: ConsoleRequest, asked: RedeemAsk) -> Redeemed:
    """Credit the account with the value of a code."""
    keys = (
        Key(f"codes of {visit.account_id}"),
        Key(f"codes at {address_block(visit.address)}", is_own=False),
    )
    attempt = await attempts.begin(visit.context, *keys)
    entry = await codes.redeem(visit.context, visit.account_id, asked.code)
    await attempts.put_back(visit.context, attempt)
    account = await view_account(visit.context, visit.account_id)
    return Redeemed(amount=entry.amount, entry=entry_of(entry), account=account)


async def make_playground_key(visit: ConsoleRequest, _: Empty) -> PlaygroundKey:
    """A short-lived key, so that the page need not know any of the account's."""
    expires = visit.context.clock.wall_ms() + PLAYGROUND_SECONDS * 1000
    key = await playground.make_key(visit.context, visit.account_id, expires)
    return PlaygroundKey(key=key, expires=iso(expires))


_ACCOUNT = "/api/accounts/{account}"
MEMBERS_ONLY = Access("member", takes_keys=False, members=MAKING)

ROUTES = (
    Route("GET", f"{_ACCOUNT}/overview", MEMBER_READS, overview, AccountOverview),
    Route("GET", f"{_ACCOUNT}/models", MEMBER_READS, list_models, Page[ModelView]),
    Route("POST", f"{_ACCOUNT}/redeem", MEMBER_WRITES, redeem, Redeemed, RedeemAsk),
    Route("POST", f"{_ACCOUNT}/playground-key", MEMBERS_ONLY, make_playground_key, PlaygroundKey),
)
