"""Instances of payment methods: a row, its method, and its secrets opened."""

import json
import secrets
from dataclasses import dataclass
from functools import cache
from typing import Final

from yiyuan.auth.encryption import SealError, decrypt, encrypt
from yiyuan.i18n.message import Message
from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.payments.contract import Method, methods
from yiyuan.integrations.payments.values import Config, Moment
from yiyuan.services.payments.provider_call import ANSWER_BYTES_MAX, TIMEOUT_SECONDS, NoAnswer, send
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables.payments.methods import MethodRow, find_method, learn

BILL_BYTES_MAX: Final = 64 * 1024 * 1024
LEARN_MS: Final = 60_000


@dataclass(slots=True)
class Instance:
    """One way to pay, ready to be used."""

    row: MethodRow
    method: Method
    config: Config

    @property
    def id(self) -> str:
        """What stands in the notify address."""
        return self.row.id


@cache
def known_methods() -> dict[str, Method]:
    """Every method that there is."""
    return methods()


async def get_instance(context: ServiceContext, name_or_id: str) -> Instance:
    """The instance of this name or id. Raises ServiceError `not_found`."""
    row = await find_method(context.database, name_or_id)
    if row is None:
        raise ServiceError(
            "not_found", Message('there is no payment method "{name}"', name=name_or_id)
        )
    return open_instance(context, row)


def open_instance(context: ServiceContext, row: MethodRow) -> Instance:
    """An instance with its secrets opened."""
    now = context.clock.wall_ms()
    old = {}
    if row.old_sealed is not None and row.old_until is not None and now < row.old_until:
        old = unsealed(context, row.id, row.old_sealed)
    config = Config(
        values=json.loads(row.fields),
        secrets=unsealed(context, row.id, row.sealed),
        old_secrets=old,
        learned=json.loads(row.learned),
        is_test=bool(row.is_test),
    )
    return Instance(row, known_methods()[row.kind], config)


def sealed(context: ServiceContext, method_id: str, values: dict[str, str]) -> bytes:
    """Secrets at rest."""
    return encrypt(context.secrets.seal_key, json.dumps(values), f"payment:{method_id}")


def unsealed(context: ServiceContext, method_id: str, found: bytes) -> dict[str, str]:
    """Secrets to use. Raises ServiceError `secret_key`."""
    try:
        values: dict[str, str] = json.loads(
            decrypt(context.secrets.seal_key, bytes(found), f"payment:{method_id}")
        )
    except SealError as error:
        raise ServiceError("secret_key", str(error)) from None
    return values


def moment(context: ServiceContext) -> Moment:
    """Now, for a method."""
    return Moment(context.clock.wall_ms() // 1000, secrets.token_hex(16))


async def ask_provider(
    context: ServiceContext,
    instance: Instance,
    call: Call,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
    answer_bytes_max: int = ANSWER_BYTES_MAX,
    is_once: bool = False,
) -> Answer:
    """A provider's answer; `is_once` for what must not be done twice. Raises NoAnswer."""
    return await send(
        context,
        call,
        allow_private=bool(instance.row.allow_private),
        timeout_seconds=timeout_seconds,
        answer_bytes_max=answer_bytes_max,
        is_once=is_once,
    )


async def learn_keys(
    context: ServiceContext, instance: Instance, learned_at: dict[str, int]
) -> bool:
    """Fetch the provider's public keys, at most once a minute; whether there are new ones."""
    now = context.clock.wall_ms()
    keys = instance.method.keys
    if keys is None:
        return False
    if now - learned_at.get(instance.id, -LEARN_MS) < LEARN_MS:
        return False
    learned_at[instance.id] = now
    try:
        answer = await ask_provider(context, instance, keys.ask(instance.config, moment(context)))
    except NoAnswer:
        return False
    found = keys.read(instance.config, answer, moment(context))
    if not found:
        return False
    learned = {**instance.config.learned, **found}
    await context.database.write([learn(instance.id, json.dumps(learned))])
    instance.config = Config(
        instance.config.values,
        instance.config.secrets,
        instance.config.old_secrets,
        learned,
        instance.config.is_test,
    )
    return True
