"""Where somebody wants to be told: made, changed, tried and removed.

What a sink is told with is checked by its kind. Its secrets are encrypted and never
shown again; a webhook's is made here and shown once. A mailbox that is not a person's
own proves itself first.
"""

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from yiyuan.auth.encryption import decrypt, encrypt
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.i18n.message import Message
from yiyuan.integrations.call import Call
from yiyuan.integrations.notifications.contract import (
    Config,
    Letter,
    Moment,
    Note,
    Outcome,
    Sink,
    SinkError,
    sinks,
)
from yiyuan.integrations.notifications.webhook import SECRET_PREFIX
from yiyuan.kernel.ids import new_id
from yiyuan.services.mail.message import Mail
from yiyuan.services.mail.sending import send_at_once
from yiyuan.services.notifications.events import EVENTS, events_for, words_of
from yiyuan.services.notifications.outbox import new_notice
from yiyuan.services.shared import outbound
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import invalid
from yiyuan.services.shared.validation import check_name
from yiyuan.store.tables import notices as rows
from yiyuan.store.tables.notices import NoticeRow, SinkRow

KINDS: Final = sinks()
SINKS_MAX: Final = 20
ANSWER_BYTES_MAX: Final = 64 * 1024
TIMEOUT_SECONDS: Final = 15.0


@dataclass(slots=True, frozen=True)
class Wish:
    """What somebody fills in; None leaves what is there."""

    kind: str | None = None
    name: str | None = None
    fields: Mapping[str, str] | None = None
    events: Sequence[str] | None = None
    language: str | None = None
    is_enabled: bool | None = None


async def add_destination(
    context: ServiceContext, account_id: str | None, wish: Wish
) -> tuple[SinkRow, str | None]:
    """Keep a new one; with it the secret that was made for it, to be shown this once.

    Raises ServiceError `invalid_argument`, `too_many_places`.
    """
    kind = KINDS.get(wish.kind or "")
    if kind is None:
        raise ServiceError(
            "invalid_argument", Message("kind must be one of {known}", known=", ".join(KINDS))
        )
    config, made = dict(wish.fields or {}), None
    if kind.kind == "webhook" and not config.get("secret"):
        made = config["secret"] = new_webhook_secret()
    now, sink_id = context.clock.wall_ms(), new_id("snk")
    settings, sealed = _kept(context, kind, sink_id, config)
    names = [event.name for event in events_for(account_id) if event.is_chosen]
    row = SinkRow(
        id=sink_id,
        account_id=account_id,
        kind=kind.kind,
        name=check_name(wish.name or kind.title.en),
        settings=settings,
        sealed=sealed,
        events=json.dumps(_events(account_id, wish.events or names)),
        language="zh" if wish.language == "zh" else "en",
        created_by=context.actor,
        created_at=now,
        disabled_at=None,
        confirmed_at=None if needs_proof(account_id, kind.kind) else now,
    )
    statements = [rows.lock_sinks(account_id), rows.add_sink(row, SINKS_MAX)]
    if (await context.database.write(statements))[1] != 1:
        raise ServiceError(
            "too_many_places", Message("at most {count} places can be notified", count=SINKS_MAX)
        )
    return row, made


async def take_at_word(context: ServiceContext, row: SinkRow) -> SinkRow:
    """Tell a mailbox that has not proven itself; whoever has the machine may say so."""
    if row.confirmed_at is not None:
        return row
    now = context.clock.wall_ms()
    await context.database.write([rows.confirm_sink(row.id, row.settings, now)])
    return row._replace(confirmed_at=now)


def needs_proof(account_id: str | None, kind: str) -> bool:
    """Whether a place proves itself first: a customer's mailbox, which may be anybody's."""
    return account_id is not None and kind == "email"


async def change_destination(
    context: ServiceContext, account_id: str | None, sink_id: str, wish: Wish
) -> SinkRow:
    """Change one; what was given up there is tried again. Raises ServiceError."""
    row = await get_destination(context, account_id, sink_id)
    now = context.clock.wall_ms()
    if wish.fields is not None:
        given = {name: value for name, value in wish.fields.items() if value != ""}
        config = {**config_of(context, row), **given}
        cleared = [name for name, value in wish.fields.items() if value == ""]
        optional = {field.name for field in KINDS[row.kind].fields if field.is_optional}
        config = {k: v for k, v in config.items() if k not in cleared or k not in optional}
        settings, sealed = _kept(context, KINDS[row.kind], row.id, config)
        if needs_proof(account_id, row.kind) and settings != row.settings:
            row = row._replace(confirmed_at=None)
        row = row._replace(settings=settings, sealed=sealed)
    if wish.name is not None:
        row = row._replace(name=check_name(wish.name))
    if wish.events is not None:
        row = row._replace(events=json.dumps(_events(account_id, wish.events)))
    if wish.language is not None:
        row = row._replace(language="zh" if wish.language == "zh" else "en")
    if wish.is_enabled is not None:
        row = row._replace(disabled_at=None if wish.is_enabled else now)
    await context.database.write([rows.change_sink(row), rows.revive(row.id, now)])
    return row


async def roll_secret(context: ServiceContext, account_id: str | None, sink_id: str) -> str:
    """Give a webhook another secret; the one before it is signed with as well."""
    row = await get_destination(context, account_id, sink_id)
    if row.kind != "webhook":
        raise ServiceError("invalid_argument", "only a webhook has a signing secret")
    config, made = config_of(context, row), new_webhook_secret()
    config = {**config, "secret": made, "old_secret": config["secret"]}
    settings, sealed = _kept(context, KINDS[row.kind], row.id, config)
    changed = row._replace(settings=settings, sealed=sealed)
    await context.database.write([rows.change_sink(changed)])
    return made


async def remove_destination(context: ServiceContext, account_id: str | None, sink_id: str) -> None:
    """Tell nothing there any more."""
    row = await get_destination(context, account_id, sink_id)
    await context.database.write(rows.remove_sink(row.id))


async def try_destination(context: ServiceContext, account_id: str | None, sink_id: str) -> Outcome:
    """Tell something now, and say what came of it."""
    row = await get_destination(context, account_id, sink_id)
    if row.confirmed_at is None:
        return Outcome("refused", "the mailbox has not proven itself: type the code of its mail")
    return await deliver(context, row, new_notice(context, "test", {}, account_id=account_id))


async def deliver(context: ServiceContext, sink: SinkRow, notice: NoticeRow) -> Outcome:
    """One try at one place; never raises for what the other side does."""
    kind, config = KINDS[sink.kind], config_of(context, sink)
    note = _note(context, sink, notice)
    message = kind.send(config, note, Moment(context.clock.wall_ms()))
    if isinstance(message, Letter):
        return await _post_letter(context, message)
    return await _call(context, kind, message, is_operators=sink.account_id is None)


async def get_destination(context: ServiceContext, account_id: str | None, sink_id: str) -> SinkRow:
    """One of an account's, or of the operators'. Raises ServiceError `not_found`."""
    row = await rows.find_sink(context.database, sink_id)
    if row is None or row.account_id != account_id:
        raise ServiceError("not_found", "there is no such place to notify")
    return row


def config_of(context: ServiceContext, row: SinkRow) -> dict[str, str]:
    """What was filled in, secrets included."""
    config: dict[str, str] = json.loads(row.settings)
    if row.sealed is not None:
        config |= json.loads(decrypt(context.secrets.seal_key, row.sealed, row.id))
    return config


def shown_fields(row: SinkRow) -> dict[str, Any]:
    """What was filled in, without secrets."""
    shown: dict[str, Any] = json.loads(row.settings)
    return shown


def new_webhook_secret() -> str:
    """A signing secret of 32 bytes in the form of Standard Webhooks."""
    return SECRET_PREFIX + base64.b64encode(os.urandom(32)).decode()


def _kept(
    context: ServiceContext, kind: Sink, sink_id: str, config: Config
) -> tuple[str, bytes | None]:
    """The fields as they are stored: in the open, and encrypted."""
    known = {field.name: field for field in kind.fields}
    unknown = [name for name in config if name not in known]
    if unknown:
        raise ServiceError(
            "invalid_argument",
            Message("{field} is not a field of {kind}", field=unknown[0], kind=kind.kind),
        )
    try:
        kind.check(config)
    except SinkError as error:
        raise invalid(error.field_name, error.en) from None
    secret = {name: value for name, value in config.items() if known[name].is_secret and value}
    public = {name: value for name, value in config.items() if not known[name].is_secret}
    sealed = encrypt(context.secrets.seal_key, json.dumps(secret), sink_id) if secret else None
    return json.dumps(public, ensure_ascii=False), sealed


def _events(account_id: str | None, names: Sequence[str]) -> list[str]:
    allowed = {event.name for event in events_for(account_id)}
    for name in names:
        if name not in allowed:
            raise ServiceError(
                "invalid_argument", Message('there is no event "{name}" here', name=name)
            )
    return list(dict.fromkeys(names))


def _note(context: ServiceContext, sink: SinkRow, notice: NoticeRow) -> Note:
    data = json.loads(notice.data)
    title, text = words_of(notice.event, data, sink.language)
    page = EVENTS[notice.event].page if notice.event in EVENTS else ""
    return Note(
        id=notice.id,
        event=notice.event,
        title=title,
        text=text,
        link=f"{context.settings.public_url}/console{page}",
        data=data,
    )


async def _post_letter(context: ServiceContext, letter: Letter) -> Outcome:
    mail = Mail(to=letter.to, subject=letter.subject, text=letter.text, kind="notice")
    try:
        await send_at_once(context, mail)
    except ServiceError as error:
        return Outcome("again", error.message)
    return Outcome("delivered")


async def _call(context: ServiceContext, kind: Sink, call: Call, *, is_operators: bool) -> Outcome:
    async with outbound.client_of(context) as client:
        try:
            answer = await outbound.send(
                client,
                call,
                allow_private=is_operators,
                timeout_seconds=TIMEOUT_SECONDS,
                bytes_max=ANSWER_BYTES_MAX,
            )
        except UpstreamFailure as failure:
            is_never = failure.kind == "refused_address"
            return Outcome("refused" if is_never else "again", f"no answer: {failure.kind}")
    return kind.read(answer)
