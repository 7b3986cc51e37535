"""Which limit applies to an account and a model, and why: the rules of the gateway, told.

The figures of the moment (`used`, `remaining`) are there where they can be known: in a
running server, or from the Valkey that servers share. Nothing is counted by asking.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from yiyuan.i18n.api_texts import message
from yiyuan.i18n.languages import LANGUAGES
from yiyuan.i18n.message import Message
from yiyuan.kernel.money import format_amount, format_millionths
from yiyuan.ledger.rules.views import budget_document, budget_name
from yiyuan.pricing.model import Model, Tier, tier_for
from yiyuan.pricing.price import from_json
from yiyuan.ratelimit.contract import Limiter
from yiyuan.ratelimit.rules import account_windows, api_token_window
from yiyuan.ratelimit.window import State, Window
from yiyuan.services.accounts.accounts import account_document, get_account
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Request, invalid
from yiyuan.store.tables.api_tokens import ApiTokenView, of_account
from yiyuan.store.tables.catalog import CatalogRows, read_catalog
from yiyuan.store.tables.site_settings import promised_balance

Json = dict[str, Any]


class Show(Request):
    """An account by name or id, a model, perhaps a token's id, and the reader's language."""

    account: str
    model: str
    token: str | None = None
    language: str | None = None


@command("limits.show", reads=True)
async def show(context: ServiceContext, request: Show) -> Json:
    """The limits of one account and one model; `reason` is for people."""
    language = request.language or context.settings.language
    if language not in LANGUAGES:
        raise invalid("language", "must be one of {known}", known=", ".join(LANGUAGES))
    account = await get_account(context, request.account)
    api_token = await _api_token(context, account.id, request.token)
    rows = await read_catalog(context.database)
    model = _model(rows, request.model)
    tiers = [Tier(row.min_balance, row.rate_ppm, row.price_factor_ppm) for row in rows.tiers]
    view = await context.ledger.account(account.id)
    balance = account.posted if view is None else view.balance_micros
    promised = await promised_balance(context.database, account.id)
    tier = tier_for(tiers, balance, promised)
    windows = account_windows(account.id, model, tier)
    document: Json = {
        "account": {**account_document(account), "balance": balance},
        "model": model.name,
        "enabled": model.enabled,
        "tier": _tier(tier) if tier in tiers else None,
        "requests_per_minute": None,
        "tokens_per_minute": None,
        "concurrency": model.concurrency,
        "api_tokens": await _api_tokens(context, account.id),
        "api_token": None,
    }
    if api_token is not None:
        document["api_token"] = await _of_api_token(context, api_token, model.name)
    states = await _states(context, windows)
    for window, state in zip(windows, states, strict=True):
        kind, base = "requests", model.rpm
        if window.tokens is not None:
            kind, base = "tokens", model.tpm
        document[f"{kind}_per_minute"] = _limit(base, window, state)
    document["reason"] = " ".join(_reasons(document, tiers, promised, language))
    return document


async def _api_token(
    context: ServiceContext, account_id: str, api_token_id: str | None
) -> ApiTokenView | None:
    """The token that was asked for, which must be the account's."""
    if api_token_id is None:
        return None
    for view in await of_account(context.database, account_id):
        if view.row.id == api_token_id:
            return view
    raise ServiceError("not_found", "this account has no token of this id")


async def _of_api_token(context: ServiceContext, view: ApiTokenView, model_name: str) -> Json:
    """What a token's own rules make of a request for the model, as of now."""
    row, now = view.row, context.clock.wall_ms()
    is_over = row.expires_at is not None and row.expires_at <= now
    is_allowed = row.models is None or model_name in json.loads(row.models)
    windows = [] if row.rpm is None else [api_token_window(row.id, row.rpm)]
    states = await _states(context, windows)
    found = [
        await context.ledger.budget(budget.id)
        for budget in view.budgets
        if budget.model in (None, model_name)
    ]
    return {
        "id": row.id,
        "name": row.name,
        "may_use": is_allowed and not is_over and row.revoked_at is row.disabled_at is None,
        "requests_per_minute": _limit(row.rpm, windows[0], states[0]) if windows else None,
        "budgets": [budget_document(budget) for budget in found if budget is not None],
    }


def _model(rows: CatalogRows, name: str) -> Model:
    prices = {price.id: price.document for price in rows.prices}
    for row in rows.models:
        if row.name == name:
            return Model(
                name=name,
                price=from_json(prices[row.price_id], price_id=row.price_id, model=name),
                rpm=row.rpm,
                tpm=row.tpm,
                concurrency=row.concurrency,
                enabled=bool(row.enabled),
            )
    raise ServiceError("not_found", Message('there is no model "{name}" in the catalog', name=name))


def _tier(tier: Tier) -> Json:
    return {
        "min_balance": tier.min_balance_micros,
        "rate": format_millionths(tier.rate_ppm),
        "price_factor": format_millionths(tier.price_factor_ppm),
    }


def _limit(base: int | None, window: Window, state: State | None) -> Json:
    return {
        "base": base,
        "limit": window.limit,
        "used": None if state is None else window.limit - state.remaining,
        "remaining": None if state is None else state.remaining,
        "reset_seconds": None if state is None else state.reset_seconds,
    }


async def _api_tokens(context: ServiceContext, account_id: str) -> list[Json]:
    """Those in force that have a limit of their own, for all models together."""
    return [
        {"id": view.row.id, "name": view.row.name, "requests_per_minute": view.row.rpm}
        for view in await of_account(context.database, account_id)
        if view.row.rpm is not None and view.row.revoked_at is None
    ]


async def _states(context: ServiceContext, windows: list[Window]) -> list[State | None]:
    """How full each window is now; None where nobody here knows."""
    async with _limiter(context) as limiter:
        if limiter is None:
            return [None] * len(windows)
        states: list[State | None] = []
        for window in windows:
            verdict = await limiter.peek([window])
            if window.tokens is not None:
                states.append(verdict.tokens)
            else:
                assert verdict.limit is not None
                states.append(State(verdict.limit, verdict.remaining, verdict.reset_seconds))
        return states


@asynccontextmanager
async def _limiter(context: ServiceContext) -> AsyncIterator[Limiter | None]:
    """The server's limiter; without a server here, the Valkey that others share, if it is up."""
    if context.limiter is not None or context.settings.redis_url is None:
        yield context.limiter
        return
    from yiyuan.ratelimit.valkey.limiter import ValkeyLimiter  # noqa: PLC0415 - only with a Valkey

    limiter = ValkeyLimiter(context.settings.redis_url, context.clock, lambda _: None)
    await limiter.open()
    try:
        yield limiter if limiter.backend().is_up else None
    finally:
        await limiter.close()


def _reasons(document: Json, tiers: list[Tier], promised_micros: int, language: str) -> list[str]:
    """One sentence for each thing that has a part in it."""
    deciding = max(document["account"]["balance"], promised_micros)
    rate = "1" if document["tier"] is None else document["tier"]["rate"]

    def say(key: str, **fields: object) -> str:
        return message(f"limits_{key}", language, **fields)

    said = []
    if document["account"].get("suspended"):
        said.append(say("suspended"))
    if not document["enabled"]:
        said.append(say("disabled"))
    said += _tier_reasons(document, promised_micros, language)
    for kind in ("requests", "tokens"):
        if found := document[f"{kind}_per_minute"]:
            fields = {"base": found["base"], "limit": found["limit"], "rate": rate}
            said.append(say(kind, **fields))
        else:
            said.append(say(f"no_{kind}"))
    if document["concurrency"] is not None:
        said.append(say("concurrency", limit=document["concurrency"]))
    if document["api_tokens"]:
        names = ", ".join(token["name"] for token in document["api_tokens"])
        said.append(say("api_tokens", names=names))
    said += _api_token_reasons(document["api_token"], language)
    if following := [tier for tier in tiers if tier.min_balance_micros > deciding]:
        best = min(following, key=lambda tier: tier.min_balance_micros)
        start = format_amount(best.min_balance_micros)
        said.append(say("next_tier", start=start, rate=format_millionths(best.rate_ppm)))
    return said


def _tier_reasons(document: Json, promised_micros: int, language: str) -> list[str]:
    """The same of the tier: the balance decides, or one that an operator promised."""
    balance, tier = document["account"]["balance"], document["tier"]
    said = []
    if promised_micros > balance:
        balance = promised_micros
        said.append(message("limits_promised", language, promised=format_amount(balance)))
    fields = {"balance": format_amount(balance)}
    if tier is None:
        return [*said, message("limits_no_tier", language, **fields)]
    fields |= {"reached": format_amount(tier["min_balance"]), "rate": tier["rate"]}
    return [*said, message("limits_tier", language, **fields)]


def _api_token_reasons(api_token: Json | None, language: str) -> list[str]:
    """The same of a token: its own limit, and what its budgets leave."""
    said: list[str] = []
    if api_token is None:
        return said
    if not api_token["may_use"]:
        said.append(message("limits_token_refused", language, name=api_token["name"]))
    if (limit := api_token["requests_per_minute"]) is not None:
        fields = {"name": api_token["name"], "limit": limit["limit"]}
        said.append(message("limits_token", language, **fields))
    for budget in api_token["budgets"]:
        fields = {
            "budget": budget_name(budget["period"], budget["model"]),
            "available": format_amount(budget["remaining"]),
            "limit": format_amount(budget["limit"]),
        }
        said.append(message("limits_budget", language, **fields))
    return said
