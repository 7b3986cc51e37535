"""LiteLLM: keys by their hash, budgets, teams and models.

It has no prepaid money: an account is a team, a person without a team, or a key without
either, and its balance begins with nothing, or with what is left of its budget when the
operator says so. Passwords are not taken over: people come by invitation.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Final

from yiyuan.integrations.importers import contract
from yiyuan.integrations.importers.litellm.channels import add_prices, read_models
from yiyuan.integrations.importers.shared.names import printable_name
from yiyuan.integrations.importers.shared.numbers import fraction_or_none, text, whole
from yiyuan.integrations.importers.shared.options import answer_data
from yiyuan.integrations.importers.shared.prices import drop_unpriced

KEYS, DEPRECATED = "LiteLLM_VerificationToken", "LiteLLM_DeprecatedVerificationToken"
TEAMS, USERS = "LiteLLM_TeamTable", "LiteLLM_UserTable"
MODELS, BUDGETS = "LiteLLM_ProxyModelTable", "LiteLLM_BudgetTable"
_PERIODS: Final[Mapping[str, contract.Period]] = {
    "24h": "day",
    "1d": "day",
    "30d": "month",
    "1mo": "month",
}
_EVERY_MODEL: Final = frozenset(("all-proxy-models", "all-team-models"))
_NO_MODEL: Final = "no-default-models"
_LISTED: Final = ("tpm_limit", "max_parallel_requests", "allowed_routes", "access_group_ids")


def recognises(schema: contract.Schema) -> bool:
    """Its tables have names of their own."""
    return KEYS in schema and "token" in schema[KEYS]


def read(source: contract.Source) -> contract.Shop:
    """Everything that there is. Raises BadAnswer."""
    shop = contract.Shop(program="LiteLLM", units_per_dollar=Fraction(1), rounding="none")
    read_models(shop, source.tables.get(MODELS, ()), source.options.get("salt_key"))
    answered = answer_data(source, "pricing")
    if answered is not None:
        add_prices(shop, answered)
    shop.counted["channels"] = len(source.tables.get(MODELS, ()))
    drop_unpriced(shop)
    holders = _read_holders(shop, source)
    rows = source.tables.get(KEYS, ())
    shop.counted["tokens"] = len(rows)
    budgets = {text(row["budget_id"]): row for row in source.tables.get(BUDGETS, ())}
    for row in rows:
        shop.tokens.append(_token(shop, row, budgets, holders, source))
    _read_rotated(shop, source)
    return shop


def _read_holders(shop: contract.Shop, source: contract.Source) -> dict[str, contract.Person]:
    """One account for each team, and for each person who is in none."""
    teams = source.tables.get(TEAMS, ())
    users = source.tables.get(USERS, ())
    shop.counted["users"] = len(teams) + len(users)
    for row in teams:
        shop.people.append(_holder(shop, source, row, "team", row.get("team_alias")))
    for row in users:
        if text(row.get("user_id")) == "default_user_id":
            continue
        if list(row.get("teams") or ()):
            detail = "belongs to a team: invite them into its account"
            shop.note("member", f"user {text(row['user_id'])}", detail)
            continue
        name = row.get("user_alias") or row.get("user_email")
        shop.people.append(_holder(shop, source, row, "user", name))
    return {person.source_id: person for person in shop.people}


def _holder(
    shop: contract.Shop, source: contract.Source, row: Mapping[str, Any], kind: str, name: object
) -> contract.Person:
    id_ = text(row[f"{kind}_id"])
    spend = fraction_or_none(row.get("spend")) or Fraction(0)
    most = fraction_or_none(row.get("max_budget"))
    left = Fraction(0)
    if source.options.get("balance") == "remaining" and most is not None:
        left = max(most - spend, Fraction(0))
    if most is not None and not left:
        template = "its budget of ${dollars} is no money here: the balance begins with nothing"
        shop.note("budget", f"{kind} {id_}", template, dollars=f"{float(most):g}")
    _list_limits(shop, row, f"{kind} {id_}")
    email = text(row.get("user_email")).strip().lower()
    return contract.Person(
        source_id=f"{kind}:{id_}",
        login_name=printable_name(text(name), f"{kind} {id_[:8]}"),
        email=email if kind == "user" and "@" in email else None,
        is_suspended=bool(row.get("blocked")),
        units=left,
        used_units=spend,
    )


def _token(
    shop: contract.Shop,
    row: Mapping[str, Any],
    budgets: Mapping[str, Mapping[str, Any]],
    holders: dict[str, contract.Person],
    source: contract.Source,
) -> contract.Token:
    hashed = text(row["token"])
    name = printable_name(text(row.get("key_alias") or row.get("key_name")), f"key {hashed[:8]}")
    subject = f"key {name}"
    expires = _seconds(row.get("expires"))
    is_over = expires is not None and expires <= source.now
    shared = budgets.get(text(row.get("budget_id")), {})
    api_token = contract.Token(
        source_id=hashed[:16],
        owner=_owner(shop, row, holders, name),
        name=name,
        sha256=hashed.lower(),
        expires_at=None if is_over else expires,
        models=_models(row),
        is_disabled=is_over or bool(row.get("blocked")),
        rpm=whole(row.get("rpm_limit") or shared.get("rpm_limit")) or None,
    )
    _list_limits(shop, row, subject)
    return _with_budget(shop, api_token, row, shared, subject)


def _owner(
    shop: contract.Shop, row: Mapping[str, Any], holders: dict[str, contract.Person], name: str
) -> str:
    for kind in ("team", "user"):
        owner = f"{kind}:{text(row.get(f'{kind}_id'))}"
        if owner in holders:
            return owner
    owner = f"key:{text(row['token'])[:16]}"
    if owner not in holders:
        holders[owner] = contract.Person(source_id=owner, login_name=name)
        shop.people.append(holders[owner])
    return owner


def _models(row: Mapping[str, Any]) -> tuple[str, ...] | None:
    names = [text(name) for name in row.get("models") or ()]
    if not names or _EVERY_MODEL & set(names):
        return None
    return () if names == [_NO_MODEL] else tuple(name for name in names if name != _NO_MODEL)


def _with_budget(
    shop: contract.Shop,
    api_token: contract.Token,
    row: Mapping[str, Any],
    shared: Mapping[str, Any],
    subject: str,
) -> contract.Token:
    most = fraction_or_none(row.get("max_budget"))
    duration = text(row.get("budget_duration"))
    if most is None:
        most, duration = (
            fraction_or_none(shared.get("max_budget")),
            text(shared.get("budget_duration")),
        )
    if most is None:
        return api_token
    if not duration:
        spent = fraction_or_none(row.get("spend")) or Fraction(0)
        return replace(api_token, budget_units=max(most - spent, Fraction(0)))
    period = _PERIODS.get(duration)
    if period is None:
        template = "its budget begins anew every {period}, which has no form here: switched off"
        shop.note("token_budget", subject, template, period=duration)
        return replace(api_token, is_disabled=True)
    return replace(api_token, period_budgets=((period, most),))


def _read_rotated(shop: contract.Shop, source: contract.Source) -> None:
    """Earlier keys of rotated ones, which work until their end."""
    current = {api_token.sha256: api_token for api_token in shop.tokens}
    for row in source.tables.get(DEPRECATED, ()):
        api_token = current.get(text(row.get("active_token_id")).lower())
        until = _seconds(row.get("revoke_at"))
        if api_token is None or until is None or until <= source.now:
            continue
        hashed = text(row["token"]).lower()
        ends = [at for at in (until, api_token.expires_at) if at is not None]
        shop.tokens.append(
            replace(
                api_token,
                source_id=hashed[:16],
                name=f"{api_token.name} (rotated)",
                sha256=hashed,
                expires_at=min(ends),
                earlier_of=api_token.source_id,
            )
        )


def _list_limits(shop: contract.Shop, row: Mapping[str, Any], subject: str) -> None:
    for column in _LISTED:
        if row.get(column):
            shop.note("limit", subject, "{column} is not taken over", column=column)


def _seconds(value: object) -> int | None:
    if isinstance(value, datetime):
        at = value if value.tzinfo else value.replace(tzinfo=UTC)
        return int(at.timestamp())
    return None


IMPORTER: Final = contract.Importer(
    name="litellm",
    title="LiteLLM",
    tables=frozenset({KEYS, DEPRECATED, TEAMS, USERS, MODELS, BUDGETS}),
    recognises=recognises,
    read=read,
    answers={"pricing": "/model/info"},
    oldest=(KEYS, "token"),
)
