"""What a token may do, as requests say it and as it is stored."""

import json
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Annotated

from msgspec import Meta

from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Request, invalid, time_of
from yiyuan.services.tokens.budgets import check_models

RPM_MAX = 1_000_000_000
Rpm = Annotated[int, Meta(ge=1, le=RPM_MAX)]


@dataclass(slots=True, frozen=True)
class Rules:
    """What a token may do, checked; columns as they are stored."""

    models: str | None
    networks: str | None
    rpm: int | None
    expires_at: int | None
    clamp_explicit: bool
    group: str | None


class RuleFields(Request):
    """What requests have in common that say what a token may do; None is not given."""

    models: list[str] | None = None
    allow_ip: list[str] | None = None
    rpm: Rpm | None = None
    expires: str | None = None
    clamp_explicit: bool | None = None
    group: str | None = None


async def read_rules(context: ServiceContext, request: RuleFields) -> Rules:
    """What a request says that a token may do. Raises CommandError."""
    models = request.models or []
    if models:
        await check_models(context, models, may_match=True)
    expires_at = time_of("expires", request.expires)
    if expires_at is not None and expires_at <= context.clock.wall_ms():
        raise invalid("expires", "must be in the future")
    networks = [_network(text) for text in request.allow_ip or []]
    return Rules(
        models=json.dumps(list(dict.fromkeys(models))) if models else None,
        networks=json.dumps(networks) if networks else None,
        rpm=request.rpm,
        expires_at=expires_at,
        clamp_explicit=bool(request.clamp_explicit),
        group=request.group,
    )


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise invalid("allow_ip", "must be an address or network: {error}", error=error) from None
