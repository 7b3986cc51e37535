"""Payment methods as their operator sets them up. Secrets go in and never come out.

An instance without its secret, or without a public address that providers can reach, is
refused. A replaced secret verifies notifies for another day, so that what is under way
is not lost.
"""

import json
import secrets
import string
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from yiyuan.i18n.message import Message
from yiyuan.integrations.payments.contract import Method
from yiyuan.integrations.payments.values import Config, MethodError
from yiyuan.kernel.clock import iso
from yiyuan.services.payments.methods.instances import (
    known_methods,
    open_instance,
    sealed,
    unsealed,
)
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.validation import check_name
from yiyuan.store.tables.payments import methods as rows
from yiyuan.store.tables.payments.methods import MethodRow

Json = dict[str, Any]

OLD_SECRET_MS: Final = 24 * 3600 * 1000
_ID_CHARACTERS: Final = string.digits + string.ascii_lowercase
_LOCAL: Final = ("localhost", "127.0.0.1", "[::1]", "::1")


async def put(
    context: ServiceContext,
    name: str,
    kind: str,
    fields: Mapping[str, str],
    new_secrets: Mapping[str, str],
    *,
    is_test: bool | None,
    allow_private: bool | None,
) -> MethodRow:
    """Make an instance, or change the one of this name.

    None keeps whether it is a test's, and what may be reached. Raises ServiceError.
    """
    method = known_methods().get(kind)
    if method is None:
        kinds = ", ".join(sorted(known_methods()))
        raise ServiceError("invalid_argument", Message("kind must be one of {known}", known=kinds))
    before = await rows.find_method(context.database, check_name(name))
    if allow_private is None:
        allow_private = before is not None and bool(before.allow_private)
    if is_test is None:
        is_test = before is not None and bool(before.is_test)
    check_public_url(context, allow_private=allow_private)
    if before is not None and before.kind != kind:
        message = Message(
            '"{name}" is of kind {kind}: give this one another name', name=name, kind=before.kind
        )
        raise ServiceError("already_exists", message)
    row = _row(context, name, method, before, fields, new_secrets)
    row = row._replace(is_test=int(is_test), allow_private=int(allow_private))
    await context.database.write([rows.put_method(row)])
    return row


def _row(
    context: ServiceContext,
    name: str,
    method: Method,
    before: MethodRow | None,
    fields: Mapping[str, str],
    new_secrets: Mapping[str, str],
) -> MethodRow:
    now = context.clock.wall_ms()
    method_id = before.id if before else new_method_id()
    old = unsealed(context, method_id, before.sealed) if before else {}
    values = {**(json.loads(before.fields) if before else {}), **clean(method, fields)}
    given = clean(method, new_secrets, are_secret=True)
    kept = {**old, **given}
    config = Config(_with_defaults(method, values), kept)
    _check(method, config)
    row = before or _new_row(context, method_id, name, method.name)
    hints = json.loads(row.hints)
    changed = [secret for secret in given if old.get(secret) != given[secret]]
    for secret in changed:
        hints[secret] = {"hint": _hint(given[secret]), "replaced": now}
    if old and changed:
        row = row._replace(old_sealed=before and before.sealed, old_until=now + OLD_SECRET_MS)
    return row._replace(
        enabled=1,
        fields=json.dumps(dict(config.values)),
        sealed=sealed(context, method_id, kept),
        hints=json.dumps(hints),
    )


def _new_row(context: ServiceContext, method_id: str, name: str, kind: str) -> MethodRow:
    return MethodRow(
        id=method_id,
        name=name,
        kind=kind,
        enabled=1,
        is_test=0,
        allow_private=0,
        position=0,
        fields="{}",
        sealed=b"",
        hints="{}",
        old_sealed=None,
        old_until=None,
        learned="{}",
        created_by=context.actor,
        created_at=context.clock.wall_ms(),
        notified_at=None,
    )


def clean(method: Method, given: Mapping[str, str], *, are_secret: bool = False) -> dict[str, str]:
    """What was filled in, trimmed. Raises ServiceError for fields that there are not."""
    known = {field.name: field for field in method.fields if field.is_secret == are_secret}
    found = {}
    for name, value in given.items():
        field = known.get(name)
        if field is None and any(f.name == name for f in method.fields) and not are_secret:
            message = Message(
                "the field {name} is a secret: give it with the other secrets (--secrets-stdin)",
                name=name,
            )
            raise ServiceError("invalid_argument", message)
        if field is None:
            sort = "secret" if are_secret else "field"
            names = ", ".join(known) or "none"
            raise ServiceError(
                "invalid_argument",
                Message(
                    "the method has no {what} {name}, only: {names}",
                    what=sort,
                    name=name,
                    names=names,
                ),
            )
        text = value.strip()
        if field.choices and text and text not in field.choices:
            message = Message(
                "the field {name} must be one of {choices}",
                name=name,
                choices=", ".join(field.choices),
            )
            raise ServiceError("invalid_argument", message)
        found[name] = text
    return found


def _with_defaults(method: Method, values: Mapping[str, str]) -> dict[str, str]:
    defaults = {f.name: f.default for f in method.fields if not f.is_secret}
    return {name: values.get(name) or default for name, default in defaults.items()}


def _check(method: Method, config: Config) -> None:
    for field in method.fields:
        if field.is_required and not config[field.name]:
            raise ServiceError(
                "invalid_argument",
                Message("the field {name} is missing: {help}", name=field.name, help=field.help.en),
            )
    try:
        method.check(config)
    except MethodError as error:
        raise ServiceError("invalid_argument", error.said) from None


def check_public_url(context: ServiceContext, *, allow_private: bool) -> str:
    """The address that providers reach us at. Raises ServiceError `public_url`."""
    settings = context.settings
    given = settings.environment.get("YIYUAN_PUBLIC_URL", "")
    if not given:
        message = (
            "providers must reach this server: start it with YIYUAN_PUBLIC_URL set to its public "
            "address, such as https://ai.example.com"
        )
        raise ServiceError("public_url", message)
    parts = urlsplit(given)
    if given.endswith("/") or parts.query or parts.fragment:
        message = "YIYUAN_PUBLIC_URL must have no slash at its end, no query and no fragment"
        raise ServiceError("public_url", message)
    is_local = parts.hostname in _LOCAL and allow_private
    if parts.scheme != "https" and not is_local:
        raise ServiceError("public_url", "YIYUAN_PUBLIC_URL must begin with https://")
    return settings.public_url


def notify_url(context: ServiceContext, method_id: str) -> str:
    """Where the provider notifies us: no query, no slash at the end."""
    return f"{context.settings.public_url.rstrip('/')}/pay/{method_id}/notify"


def return_url(context: ServiceContext, method_id: str) -> str:
    """Where the provider sends the customer back to."""
    return f"{context.settings.public_url.rstrip('/')}/pay/{method_id}/return"


def new_method_id() -> str:
    """12 random characters: who forges a notify must guess them first."""
    return "".join(secrets.choice(_ID_CHARACTERS) for _ in range(12))


async def set_enabled(context: ServiceContext, name: str, *, is_enabled: bool) -> MethodRow:
    """Offer it to customers, or not any more; what is under way goes on."""
    row = await rows.find_method(context.database, name)
    if row is None:
        raise ServiceError("not_found", Message('there is no payment method "{name}"', name=name))
    if is_enabled:
        check_public_url(context, allow_private=bool(row.allow_private))
        instance = open_instance(context, row)
        _check(instance.method, instance.config)
    await context.database.write([rows.set_enabled(row.id, is_enabled=is_enabled)])
    return row._replace(enabled=int(is_enabled))


def method_document(context: ServiceContext, row: MethodRow) -> Json:
    """An instance as JSON: what it is set to, and of its secrets only their hints."""
    hints = json.loads(row.hints)
    rests_until = context.resting_methods.get(row.id, 0)
    is_old_valid = row.old_until is not None and row.old_until > context.clock.wall_ms()
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "notify_url": notify_url(context, row.id),
        "enabled": bool(row.enabled),
        "is_test": bool(row.is_test),
        "fields": json.loads(row.fields),
        "secrets": {
            name: {"hint": found["hint"], "replaced": iso(found["replaced"])}
            for name, found in hints.items()
        },
        "old_secrets_until": iso(row.old_until) if is_old_valid and row.old_until else None,
        "notified": None if row.notified_at is None else iso(row.notified_at),
        "rests_until": iso(rests_until) if rests_until > context.clock.wall_ms() else None,
    }


def _hint(secret: str) -> str:
    """The last characters, of a secret that is long enough for them to say little."""
    tail = "".join(c for c in secret if c.isalnum())[-4:]
    return f"…{tail}" if len(secret) >= 16 and "-----" not in secret else "…"
