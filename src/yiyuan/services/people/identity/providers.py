"""The sign-in services that the operator has set up: added, changed, shown, found.

What makes a subject mean the same person (the preset, the issuer, …) is fixed once somebody
has signed in: with another issuer, a stranger could have the same subject.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from yiyuan.auth.encryption import decrypt, encrypt
from yiyuan.i18n.message import Message
from yiyuan.integrations.identity import contract as presets
from yiyuan.integrations.identity.contract import IdentityProvider, SettingError
from yiyuan.kernel.ids import new_id
from yiyuan.services.people.identity.general_fields import GENERAL, read_general
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Nothing, Request, invalid
from yiyuan.store.tables.people import identities as rows
from yiyuan.store.tables.people.identities import LoginProviderRow

Json = dict[str, Any]

NAMES_TAKEN: Final = frozenset({"continue", "passkey", "start", "services"})
"""These stand for themselves in addresses."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)


@dataclass(slots=True, frozen=True)
class LoginProvider:
    """A service that is set up, its secrets opened."""

    row: LoginProviderRow
    preset: IdentityProvider
    settings: Mapping[str, str]

    @property
    def title(self) -> str:
        """What its button says."""
        return self.row.title or self.preset.title.en

    @property
    def mail_domains(self) -> list[str]:
        """Addresses of these domains sign in by this service only."""
        return list(json.loads(self.row.mail_domains))

    @property
    def roles(self) -> dict[str, str]:
        """A group → an operator's role."""
        return dict(json.loads(self.row.roles))


class AddService(Request):
    """`fields` are the preset's and the general ones; what is not named stays."""

    name: str
    preset: str | None = None
    fields: dict[str, str] = msgspec.field(default_factory=dict)
    secrets: dict[str, str] = msgspec.field(default_factory=dict)
    allow_private: bool = False


class OneService(Request):
    """A service by name."""

    name: str


@command("identity.add")
async def add(context: ServiceContext, request: AddService) -> Json:
    """Add a service, or change the one of this name: `{"id","name",…,"callback_url"}`.

    The general fields are `title`, `allows`, `mail_domains`, `roles`, `second_factor` and
    `position`; what is empty is cleared. One that was disabled works again.
    """
    allow, given = request.allow_private, (request.fields, request.secrets)
    row = await put(context, request.name, request.preset, *given, allow_private=allow)
    return shown(context, row)


async def put(
    context: ServiceContext,
    name: str,
    preset_name: str | None,
    fields: Mapping[str, str],
    secrets: Mapping[str, str],
    *,
    allow_private: bool,
) -> LoginProviderRow:
    """The same, typed; the row that is kept."""
    before = await rows.find_login_provider(context.database, name)
    preset = _preset(preset_name, before)
    if before is None and (not _NAME.fullmatch(name) or name in NAMES_TAKEN):
        message = "the name must be lower-case letters, digits and dashes, and not taken"
        raise ServiceError("invalid_argument", message)
    given = {key: value for key, value in fields.items() if key not in GENERAL}
    settings = _merged(context, before, preset, given, secrets)
    row = _row(context, before, preset, name, settings, fields)
    row = row._replace(allow_private=int(allow_private), disabled_at=None)
    await _check_fixed(context, before, row, preset)
    await context.database.write([rows.put_login_provider(row)])
    await context.reload()
    return row


@command("identity.list", reads=True)
async def list_all(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """All services: `{"identities":[…]}`, without secrets."""
    found = await rows.login_providers(context.database)
    return {"identities": [shown(context, row) for row in found]}


@command("identity.disable")
async def disable(context: ServiceContext, request: OneService) -> Json:
    """Let nobody sign in by a service any more; identities stay."""
    return shown(context, await set_enabled(context, request.name, is_enabled=False))


async def set_enabled(context: ServiceContext, name: str, *, is_enabled: bool) -> LoginProviderRow:
    """Let people sign in by it, or not; their identities stay."""
    row = await rows.find_login_provider(context.database, name)
    if row is None:
        raise no_such_service()
    now = context.clock.wall_ms()
    row = row._replace(disabled_at=None if is_enabled else row.disabled_at or now)
    await context.database.write([rows.put_login_provider(row)])
    await context.reload()
    return row


def shown(context: ServiceContext, row: LoginProviderRow) -> Json:
    """A service as operators see it."""
    preset = presets.providers()[row.preset]
    return {
        "id": row.id,
        "name": row.name,
        "preset": row.preset,
        "title": row.title or preset.title.en,
        "settings": json.loads(row.settings),
        "allows": row.allows,
        "mail_domains": json.loads(row.mail_domains),
        "roles": json.loads(row.roles),
        "second_factor": bool(row.is_second_factor),
        "position": row.position,
        "enabled": row.disabled_at is None,
        "callback_url": callback_url(context, row.name),
    }


def callback_url(context: ServiceContext, name: str) -> str:
    """Where the service sends people back to: one address per service."""
    return f"{context.settings.public_url}/api/sign-in/{name}/callback"


async def enabled(context: ServiceContext) -> list[LoginProvider]:
    """Those that people may use now."""
    found = await rows.login_providers(context.database)
    return [opened(context, row) for row in found if row.disabled_at is None]


async def find(context: ServiceContext, name: str) -> LoginProvider:
    """One that may be used. Raises ServiceError `not_found`."""
    row = await rows.find_login_provider(context.database, name)
    if row is None or row.disabled_at is not None:
        raise no_such_service()
    return opened(context, row)


async def buttons(context: ServiceContext, language: str) -> list[tuple[str, str, str]]:
    """Name, preset and title of each that people may use now."""
    known = presets.providers()
    return [
        (row.name, row.preset, row.title or getattr(known[row.preset].title, language))
        for row in await rows.login_providers(context.database)
        if row.disabled_at is None
    ]


async def service_for(context: ServiceContext, email: str) -> LoginProvider | None:
    """The service that the operator demands for an address of this domain."""
    domain = email.rpartition("@")[2].lower()
    for provider in await enabled(context):
        if domain in provider.mail_domains:
            return provider
    return None


def no_such_service() -> ServiceError:
    """404."""
    return ServiceError("not_found", "there is no such sign-in service")


def opened(context: ServiceContext, row: LoginProviderRow) -> LoginProvider:
    """A service with its secrets."""
    secrets = json.loads(decrypt(context.secrets.seal_key, row.sealed, row.id))
    preset = presets.providers()[row.preset]
    values = {**json.loads(row.settings), **secrets}
    return LoginProvider(row, preset, presets.complete(preset, values))


def _preset(name: str | None, before: LoginProviderRow | None) -> IdentityProvider:
    known = presets.providers()
    if name is None and before is not None:
        name = before.preset
    if name not in known:
        message = Message("the preset must be one of {known}", known=", ".join(sorted(known)))
        raise ServiceError("invalid_argument", message)
    return known[name]


def _merged(
    context: ServiceContext,
    before: LoginProviderRow | None,
    preset: IdentityProvider,
    given: Mapping[str, str],
    secrets: Mapping[str, str],
) -> dict[str, str]:
    """The preset's settings and secrets, old and new, checked."""
    secret_names = {field.name for field in preset.fields if field.kind == "secret"}
    for key in given:
        if key in secret_names:
            raise invalid(key, "is a secret: give it on standard input")
    for key in secrets:
        if key not in secret_names:
            raise invalid(key, "is no secret of this preset")
    old: Mapping[str, str] = {}
    if before is not None and before.preset == preset.name:
        old = opened(context, before).settings
    try:
        return presets.complete(preset, {**old, **given, **secrets})
    except SettingError as error:
        raise invalid(error.name, error.reason) from None


def _row(
    context: ServiceContext,
    before: LoginProviderRow | None,
    preset: IdentityProvider,
    name: str,
    settings: Mapping[str, str],
    fields: Mapping[str, str],
) -> LoginProviderRow:
    provider_id = before.id if before is not None else new_id("idp")
    hidden = {field.name for field in preset.fields if field.kind == "secret"}
    plain = {key: value for key, value in settings.items() if value and key not in hidden}
    secrets = {key: value for key, value in settings.items() if key in hidden}
    row = before or LoginProviderRow(
        id=provider_id,
        name=name,
        preset=preset.name,
        title="",
        settings="{}",
        sealed=b"",
        allows="",
        mail_domains="[]",
        roles="{}",
        is_second_factor=0,
        allow_private=0,
        position=0,
        created_at=context.clock.wall_ms(),
        disabled_at=None,
    )
    return row._replace(
        preset=preset.name,
        settings=json.dumps(plain),
        sealed=encrypt(context.secrets.seal_key, json.dumps(secrets), provider_id),
        **read_general(fields),
    )


async def _check_fixed(
    context: ServiceContext,
    before: LoginProviderRow | None,
    after: LoginProviderRow,
    preset: IdentityProvider,
) -> None:
    """Refuse to give the subjects of people who are here another meaning."""
    if before is None or await rows.count_identities(context.database, before.id) == 0:
        return
    old, new = json.loads(before.settings), json.loads(after.settings)
    changed = [
        field.name
        for field in preset.fields
        if field.says_who and old.get(field.name) != new.get(field.name)
    ]
    if before.preset != after.preset:
        changed.append("preset")
    if changed:
        message = Message(
            "{fields} cannot change: people have signed in by this service, and their identities "
            "would mean other people. Add another service instead",
            fields=", ".join(changed),
        )
        raise ServiceError("in_use", message)
