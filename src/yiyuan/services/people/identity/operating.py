"""Sign-in services as the console's operators see and change them; no secret is among it."""

import json
from collections.abc import Mapping

import msgspec

from yiyuan.services.people.identity import providers
from yiyuan.services.people.identity.providers import OneService
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.people import identities as rows
from yiyuan.store.tables.people.identities import LoginProviderRow


class ServiceSetUp(Answer):
    """One service; `callback_url` is what its own console asks for."""

    name: str
    preset: str
    title: str
    """What its button says."""
    settings: dict[str, str]
    allows: str
    """`sign_in`, `sign_up`, or empty: sign-up as the site's setting says."""
    mail_domains: list[str]
    roles: dict[str, str]
    """A group → the operator's role that it gives."""
    second_factor: bool
    position: int
    enabled: bool
    callback_url: str


async def list_services(context: ServiceContext) -> list[ServiceSetUp]:
    """Every service that was set up, disabled ones too."""
    return [_shown(context, row) for row in await rows.login_providers(context.database)]


async def put_service(
    context: ServiceContext,
    name: str,
    preset: str | None,
    fields: Mapping[str, str],
    secrets: Mapping[str, str],
) -> ServiceSetUp:
    """Add one, or change the one of this name. Raises ServiceError.

    A service in a private network is set up on the machine; here it stays reachable as
    long as what was set there of its addresses stays.
    """
    before = await rows.find_login_provider(context.database, name)
    is_private = before is not None and bool(before.allow_private) and _keeps(before, fields)
    row = await providers.put(context, name, preset, fields, secrets, allow_private=is_private)
    if before is not None and before.disabled_at is not None:
        row = await providers.set_enabled(context, name, is_enabled=False)
    return _shown(context, row)


async def turn_service(context: ServiceContext, name: str, *, is_enabled: bool) -> ServiceSetUp:
    """Let people sign in by it, or nobody. Raises ServiceError `not_found`."""
    return _shown(context, await providers.set_enabled(context, name, is_enabled=is_enabled))


@command("identity.enable")
async def enable(context: ServiceContext, request: OneService) -> Json:
    """Let people sign in by a service again."""
    row = await providers.set_enabled(context, request.name, is_enabled=True)
    return providers.shown(context, row)


def _keeps(before: LoginProviderRow, fields: Mapping[str, str]) -> bool:
    """Whether no field changes that may hold an address."""
    kept: dict[str, str] = json.loads(before.settings)
    return all(
        kept.get(name, "") == value
        for name, value in fields.items()
        if "://" in value or "://" in kept.get(name, "")
    )


def _shown(context: ServiceContext, row: LoginProviderRow) -> ServiceSetUp:
    document = providers.shown(context, row)
    known = {name: document[name] for name in ServiceSetUp.__struct_fields__}
    return msgspec.convert(known, ServiceSetUp)
