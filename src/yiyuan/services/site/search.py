"""Finds things of the shop by a text: operators everything, members what is theirs."""

import re
from collections.abc import Collection
from typing import Final

import msgspec

from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.queries.find import Findings, find_all
from yiyuan.store.queries.requests import find_request

TEXT_CHARACTERS_MAX: Final = 100
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,100}", re.ASCII)


class Found(msgspec.Struct, frozen=True):
    """One thing: what kind it is, and at which address of the console it is shown."""

    kind: str
    id: str
    title: str
    address: str


async def search(
    context: ServiceContext, text: str, members_of: Collection[str] | None
) -> list[Found]:
    """What the text is found in; `members_of` are the asker's accounts, None for operators."""
    wanted = text.strip()[:TEXT_CHARACTERS_MAX]
    if wanted == "":
        return []
    found = [] if not _REQUEST_ID.fullmatch(wanted) else await _request(context, wanted, members_of)
    findings = await find_all(context.database, wanted)
    return found + (_of_shop(findings) if members_of is None else _of_members(findings, members_of))


async def _request(
    context: ServiceContext, request_id: str, members_of: Collection[str] | None
) -> list[Found]:
    row = await find_request(context.database, request_id)
    if row is None or (members_of is not None and row.account_id not in members_of):
        return []
    page = "/console/operator/requests" if members_of is None else "/console/logs"
    title = f"{row.request_id} · {row.model}"
    return [Found("request", row.request_id, title, f"{page}?request={row.request_id}")]


def _of_shop(findings: Findings) -> list[Found]:
    accounts = [
        Found("account", one.id, one.name, f"/console/operator/accounts/{one.id}")
        for one in findings.accounts
    ]
    tokens = [
        Found(
            "token",
            one.id,
            f"{one.name} · {one.hint} · {one.account}",
            f"/console/operator/accounts/{one.account_id}?tab=tokens&edit={one.id}",
        )
        for one in findings.tokens
    ]
    models = [
        Found("model", name, name, f"/console/operator/models?search={name}")
        for name in findings.models
    ]
    channels = [
        Found("channel", one.id, one.name, f"/console/operator/channels?search={one.name}")
        for one in findings.channels
    ]
    return accounts + tokens + models + channels


def _of_members(findings: Findings, members_of: Collection[str]) -> list[Found]:
    tokens = [
        Found("token", one.id, f"{one.name} · {one.hint}", f"/console/tokens?edit={one.id}")
        for one in findings.tokens
        if one.account_id in members_of
    ]
    models = [
        Found("model", name, name, f"/console/models?search={name}") for name in findings.models
    ]
    return tokens + models
