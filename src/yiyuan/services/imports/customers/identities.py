"""Ways to sign in by other services: linked where the service here is the same one.

Only ids that belong to one person for good are linked, and only to a service that the
operator has set up here. LINUX DO and GitHub (by number) are found by themselves; which
OpenID provider or Feishu application the other gateway used, only its operator knows.
"""

from collections.abc import Mapping
from typing import Final

from yiyuan.i18n.message import Message
from yiyuan.integrations.importers.contract import Shop
from yiyuan.services.imports.names import user_id
from yiyuan.services.imports.settings import ImportSettings
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables.people.identities import (
    IdentityRow,
    LoginProviderRow,
    link_identity,
    login_providers,
)

_PRESETS: Final = {"linux_do": "linuxdo", "github": "github"}
_TITLES: Final = {
    "linux_do": "LINUX DO",
    "github": "GitHub",
    "oidc": "OpenID Connect",
    "lark": "Feishu",
}
_ROWS_AT_ONCE: Final = 200
NOT_SET_UP: Final = "signs in by {service} there, which is not set up here: set it up, take again"
NOT_NAMED: Final = "signs in by {service} there: name the same service here by --link, take again"

Services = Mapping[str, LoginProviderRow]


async def choose_services(context: ServiceContext, settings: ImportSettings) -> Services:
    """The service here for each kind there. Raises ServiceError for a name that is none."""
    rows = [row for row in await login_providers(context.database) if row.disabled_at is None]
    found: dict[str, LoginProviderRow] = {}
    for kind, preset in _PRESETS.items():
        fitting = [row for row in rows if row.preset == preset]
        if len(fitting) == 1:
            found[kind] = fitting[0]
    for kind, name in settings.links.items():
        row = next((row for row in rows if row.name == name), None)
        if row is None:
            raise ServiceError(
                "not_found", Message('there is no sign-in service "{name}"', name=name)
            )
        found[kind] = row
    return found


def list_unlinked(shop: Shop, services: Services) -> None:
    """Note whose ways to sign in have no service here."""
    for person in shop.people:
        subject = f"user {person.source_id} {person.login_name}"
        for kind, _ in person.identities:
            if kind in services:
                continue
            template = NOT_SET_UP if kind in _PRESETS else NOT_NAMED
            shop.note("identity", subject, template, service=_TITLES[kind])


async def link_people(
    context: ServiceContext, settings: ImportSettings, shop: Shop, services: Services
) -> None:
    """Link everybody who is here; whoever has an identity already keeps it."""
    now = context.clock.wall_ms()
    statements = [
        link_identity(
            IdentityRow(
                provider_id=services[kind].id,
                subject=id_,
                user_id=user_id(settings.id, person.source_id),
                email=None,
                name=person.login_name,
                role=None,
                linked_at=now,
                last_used_at=None,
            )
        )
        for person in shop.people
        for kind, id_ in person.identities
        if kind in services
    ]
    for start in range(0, len(statements), _ROWS_AT_ONCE):
        await context.database.write(statements[start : start + _ROWS_AT_ONCE])
